//! The medium: who hears what, how long it takes, and what goes wrong on the way.

pub mod airtime;
mod channel;
mod kind;
pub mod path_loss;
pub mod rules;
mod watch;

use std::collections::{BTreeMap, HashMap};

use wpasim_engine::entropy::{Entropy, Stream};
use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use channel::Channel;
pub use kind::{FrameKind, UnknownFrameKind};
pub use rules::{Action, End, FrameFacts, FrameMatch, Mutation, Rule, RuleId};
use rules::{Fate, Rules};

use watch::Watch;

use crate::NodeId;

/// hwsim's path loss: signal is transmit power minus this, in dB.
const HWSIM_LOSS: i32 = 50;

/// The path between two nodes, in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Link {
    /// A fixed signal in dBm; `None` leaves it to positions or to hwsim's rule.
    pub signal_dbm: Option<i32>,
    /// Frames (and acknowledgements) lost, in millionths.
    pub loss_ppm: u32,
    /// Frames are received this much later.
    pub delay: Duration,
}

/// A frame to be put on the air by nobody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Injection {
    /// In MHz.
    pub freq: u32,
    pub bytes: Vec<u8>,
    pub signal_dbm: i32,
}

/// The transmitter of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transmitter {
    Node(NodeId),
    Injected,
}

/// One transmission on the air, for expectations about frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameSeen {
    /// The time at which its first octet went out.
    pub time: Instant,
    pub from: Transmitter,
    /// Whom its first address names, if that is a node's interface.
    pub to: Option<NodeId>,
    /// In MHz.
    pub freq: u32,
    pub kind: FrameKind,
    /// As on the air, without FCS.
    pub bytes: Box<[u8]>,
    /// Whether the transmitter received an acknowledgement.
    pub acked: bool,
}

/// The passage of a frame through the medium to one receiver.
pub(crate) struct Passage {
    pub action: Action,
    /// The rule takes the frame's repetitions as well.
    pub dooms: bool,
    /// The link lost the frame.
    pub lost: bool,
    /// The link lost the acknowledgement.
    pub ack_lost: bool,
    pub delay: Duration,
}

/// The air between the nodes.
pub struct Medium {
    entropy: Entropy,
    rules: Rules,
    rule_chance: Stream,
    corruption: Stream,
    links: BTreeMap<(NodeId, NodeId), Link>,
    link_chance: BTreeMap<(NodeId, NodeId), Stream>,
    positions: BTreeMap<NodeId, (i64, i64)>,
    channels: BTreeMap<u32, Channel>,
    /// The ends of the last two beacons that reached every listener unchanged, by BSSID and frequency in MHz; looked up,
    /// never walked.
    clean_beacons: HashMap<(MacAddr, u32), [Instant; 2]>,
    /// Frames that wait to be put on the air.
    injections: Vec<Injection>,
    pub(crate) watch: Watch,
}

impl Medium {
    pub(crate) fn new(seed: u64) -> Self {
        let entropy = Entropy::new(seed, "medium");
        Medium {
            rule_chance: entropy.stream("rules"),
            corruption: entropy.stream("corruption"),
            entropy,
            rules: Rules::default(),
            links: BTreeMap::new(),
            link_chance: BTreeMap::new(),
            positions: BTreeMap::new(),
            channels: BTreeMap::new(),
            clean_beacons: HashMap::new(),
            injections: Vec::new(),
            watch: Watch::default(),
        }
    }

    /// Adds a rule after those in force.
    pub fn add_rule(&mut self, rule: Rule) -> RuleId {
        self.rules.add(rule)
    }

    /// Takes a rule away; `false` if it is spent or was never there.
    pub fn remove_rule(&mut self, id: RuleId) -> bool {
        self.rules.remove(id)
    }

    /// Sets the link between two nodes, both ways.
    pub fn set_link(&mut self, a: NodeId, b: NodeId, link: Link) {
        self.set_link_one_way(a, b, link);
        self.set_link_one_way(b, a, link);
    }

    /// Sets the link from one node to another.
    pub fn set_link_one_way(&mut self, from: NodeId, to: NodeId, link: Link) {
        self.links.insert((from, to), link);
    }

    /// The link from one node to another.
    pub fn link(&self, from: NodeId, to: NodeId) -> Link {
        self.links.get(&(from, to)).copied().unwrap_or_default()
    }

    /// Puts a node at a place, in millimetres; signals between placed nodes follow distance.
    pub fn set_position(&mut self, node: NodeId, position: Option<(i64, i64)>) {
        match position {
            Some(p) => self.positions.insert(node, p),
            None => self.positions.remove(&node),
        };
    }

    /// Puts a frame on the air at once, as it is. `bytes` has no FCS.
    pub fn inject(&mut self, freq: u32, bytes: Vec<u8>, signal_dbm: i32) {
        self.injections.push(Injection { freq, bytes, signal_dbm });
    }

    /// The signal at `to` of what `from` transmits; `tx_power` is `None` until the interface had a
    /// channel context (hwsim's rule).
    pub(crate) fn signal(&self, from: NodeId, to: NodeId, freq: u32, tx_power: Option<i32>) -> i32 {
        if let Some(fixed) = self.link(from, to).signal_dbm {
            return fixed;
        }
        match (self.positions.get(&from), self.positions.get(&to)) {
            (Some(a), Some(b)) => path_loss::signal_dbm(tx_power.unwrap_or(20), freq, *a, *b),
            _ => tx_power.unwrap_or(0) - HWSIM_LOSS,
        }
    }

    /// Whether everything that `from` transmits as beacons reaches every receiver unchanged.
    pub(crate) fn beacons_pass_clean(&self, from: NodeId) -> bool {
        !self.rules.may_touch_beacons(from)
            && self.positions.is_empty()
            && self
                .links
                .range((from, NodeId(0))..=(from, NodeId(u32::MAX)))
                .all(|(_, l)| l.loss_ppm == 0 && l.signal_dbm.is_none_or(|s| s >= path_loss::SENSITIVITY_DBM))
    }

    /// Whether frames wait to be put on the air.
    pub(crate) fn has_injections(&self) -> bool {
        !self.injections.is_empty()
    }

    /// Takes the frames that wait to be put on the air.
    pub(crate) fn take_injections(&mut self) -> Vec<Injection> {
        std::mem::take(&mut self.injections)
    }

    pub(crate) fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether a rule drops this acknowledgement on its way to `to`.
    pub(crate) fn takes_away(&mut self, ack: FrameFacts<'_>, to: NodeId) -> bool {
        matches!(self.rules.decide(ack, Some(to), false, &mut self.rule_chance).0, Action::Drop)
    }

    pub(crate) fn begin_frame(&mut self) {
        self.rules.begin_frame();
    }

    pub(crate) fn end_frame(&mut self) {
        self.rules.end_frame();
    }

    /// Decides a frame's passage to a receiver.
    pub(crate) fn passage(
        &mut self,
        frame: FrameFacts<'_>,
        to: NodeId,
        group: bool,
        signal_dbm: i32,
    ) -> Passage {
        let (action, dooms) = self.rules.decide(frame, Some(to), group, &mut self.rule_chance);
        let link = match frame.from {
            Some(from) => self.link(from, to),
            None => Link::default(),
        };
        let mut lost = signal_dbm < path_loss::SENSITIVITY_DBM;
        let mut ack_lost = false;
        if link.loss_ppm > 0
            && let Some(from) = frame.from
        {
            lost |= self.draw_loss(from, to, link.loss_ppm);
            let back = self.link(to, from).loss_ppm;
            ack_lost = !group && !lost && back > 0 && self.draw_loss(to, from, back);
        }
        Passage { action, dooms, lost, ack_lost, delay: link.delay }
    }

    /// Returns the fate of a frame by a rule's action.
    pub(crate) fn fate<'f>(&mut self, action: &Action, frame: &'f [u8]) -> Fate<'f> {
        action.fate(frame, &mut self.corruption)
    }

    /// Returns the end of the last beacon of a BSS on a channel that reached every listener unchanged.
    pub(crate) fn last_clean_beacon(&self, bssid: MacAddr, freq: u32, now: Instant) -> Option<Instant> {
        // The very last may still be on the air.
        let [before, last] = *self.clean_beacons.get(&(bssid, freq))?;
        Some(if last <= now { last } else { before })
    }

    /// A beacon that reaches every listener unchanged ends then.
    pub(crate) fn note_clean_beacon(&mut self, bssid: MacAddr, freq: u32, end: Instant) {
        let ends = self.clean_beacons.entry((bssid, freq)).or_insert([Instant::ZERO; 2]);
        *ends = [ends[1], end];
    }

    fn draw_loss(&mut self, from: NodeId, to: NodeId, ppm: u32) -> bool {
        let entropy = &self.entropy;
        let stream = self
            .link_chance
            .entry((from, to))
            .or_insert_with(|| entropy.stream(&format!("loss {} to {}", from.0, to.0)));
        stream.below(1_000_000) < ppm
    }

    /// A channel that somebody has used or been tuned to.
    pub(crate) fn used_channel(&self, freq: u32) -> Option<&Channel> {
        self.channels.get(&freq)
    }

    /// A channel.
    pub(crate) fn channel(&mut self, freq: u32) -> &mut Channel {
        self.channels.entry(freq).or_default()
    }
}
