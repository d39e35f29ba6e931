//! Rules of the air: an ordered list of {match → action}. The first that matches a frame decides; a rule can be limited in
//! number and left to chance.
//!
//! This is the one vocabulary of what happens to frames. Who names stations in another way, as scenarios do, has the same
//! rules with another type in the place of [`End`].

use std::borrow::Cow;

use wpasim_engine::entropy::Stream;
use wpasim_wire::MacAddr;
use wpasim_wire::ieee80211::{addr1, addr2, fc, mgmt_elements};
use wpasim_wire::time::Duration;

use super::FrameKind;
use crate::NodeId;

/// Names a rule, to take it away again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct RuleId(pub u32);

/// One end of a frame's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The radio of a node, whatever address stands in the frame. Injected frames come from none.
    Node(NodeId),
    /// The address in the frame.
    Addr(MacAddr),
}

impl From<NodeId> for End {
    fn from(node: NodeId) -> Self {
        End::Node(node)
    }
}

/// The frames that a rule is for. Fields that are `None` match everything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameMatch<E = End> {
    /// The transmitter.
    pub from: Option<E>,
    /// The receiver; of group frames each receiver is decided for itself.
    pub to: Option<E>,
    pub kind: Option<FrameKind>,
    /// In MHz.
    pub freq: Option<u32>,
    /// Retransmissions only (`true`) or first transmissions only (`false`).
    pub retry: Option<bool>,
    /// Octets that stand anywhere in the frame.
    pub contains: Option<Vec<u8>>,
}

impl<E> Default for FrameMatch<E> {
    fn default() -> Self {
        FrameMatch { from: None, to: None, kind: None, freq: None, retry: None, contains: None }
    }
}

impl<E> FrameMatch<E> {
    /// The same with other names for the ends.
    pub fn map<F>(&self, mut end: impl FnMut(&E) -> F) -> FrameMatch<F> {
        FrameMatch {
            from: self.from.as_ref().map(&mut end),
            to: self.to.as_ref().map(&mut end),
            kind: self.kind,
            freq: self.freq,
            retry: self.retry,
            contains: self.contains.clone(),
        }
    }
}

/// A structured change of a frame. Places outside it change nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mutation {
    /// Octets from `offset` on; a negative offset counts from the end.
    Overwrite {
        offset: i32,
        octets: Vec<u8>,
    },
    /// Exclusive or from `offset` on; a negative offset counts from the end.
    Xor {
        offset: i32,
        octets: Vec<u8>,
    },
    /// Only this many octets remain.
    Truncate(usize),
    Append(Vec<u8>),
    /// A management frame's element gets this body, or is added with it.
    SetElement {
        id: u8,
        body: Vec<u8>,
    },
    /// A management frame's elements with this number go away.
    RemoveElement {
        id: u8,
    },
}

/// The action on a matching frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    Pass,
    /// Not received, not acknowledged. The transmitter's repetitions of the frame share its fate and
    /// count as one, unless the rule says `retry`.
    Drop,
    /// Received, but the acknowledgement is lost.
    DropAck,
    /// Received later, acknowledged in time.
    Delay(Duration),
    /// This many octets after the header (or from `offset` on) get random values; the FCS is right.
    Corrupt {
        octets: u32,
        offset: Option<usize>,
    },
    /// One change after the other.
    Mutate(Vec<Mutation>),
    /// Received twice, the second time `after` the first, without the retry bit.
    Duplicate {
        after: Duration,
    },
}

/// The fate of a frame at one receiver.
#[derive(PartialEq, Eq, Debug)]
pub struct Fate<'f> {
    /// It does not arrive.
    pub lost: bool,
    /// Its acknowledgement does not.
    pub ack_lost: bool,
    /// The delay with which it arrives; the acknowledgement does not wait.
    pub delay: Duration,
    /// It arrives once more, so much later.
    pub again: Option<Duration>,
    /// The octets that arrive; borrowed if they are what was sent.
    pub octets: Cow<'f, [u8]>,
}

impl Action {
    /// Returns the fate of a frame by the action; `chance` draws the octets of a corruption.
    pub fn fate<'f>(&self, frame: &'f [u8], chance: &mut Stream) -> Fate<'f> {
        let unhurt = Fate {
            lost: false,
            ack_lost: false,
            delay: Duration::ZERO,
            again: None,
            octets: Cow::Borrowed(frame),
        };
        match self {
            Action::Pass => unhurt,
            Action::Drop => Fate { lost: true, ..unhurt },
            Action::DropAck => Fate { ack_lost: true, ..unhurt },
            Action::Delay(by) => Fate { delay: *by, ..unhurt },
            Action::Corrupt { octets, offset } => {
                Fate { octets: corrupted(frame, *octets, *offset, chance).into(), ..unhurt }
            }
            Action::Mutate(mutations) => {
                let mut changed = frame.to_vec();
                mutations.iter().for_each(|mutation| mutation.apply(&mut changed));
                Fate { octets: changed.into(), ..unhurt }
            }
            Action::Duplicate { after } => Fate { again: Some(*after), ..unhurt },
        }
    }
}

/// Random octets in place of a frame's own, behind its header if the rule names no place.
fn corrupted(frame: &[u8], octets: u32, offset: Option<usize>, chance: &mut Stream) -> Vec<u8> {
    let mut out = frame.to_vec();
    let start = offset.unwrap_or_else(|| elements_offset(frame).unwrap_or(32)).min(out.len());
    let span = (out.len() - start) as u32;
    if span == 0 {
        return out;
    }
    for _ in 0..octets {
        let at = start + chance.below(span) as usize;
        // Never the octet that was there: exclusive or with 1 to 255.
        let flip = 1 + chance.below(255) as u8;
        if let Some(octet) = out.get_mut(at) {
            *octet ^= flip;
        }
    }
    out
}

/// One rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule<E = End> {
    pub matcher: FrameMatch<E>,
    pub action: Action,
    /// Goes away after this many frames.
    pub times: Option<u32>,
    /// In millionths; 1,000,000 is always.
    pub probability_ppm: u32,
}

impl<E> Rule<E> {
    /// A rule that always applies.
    pub fn new(matcher: FrameMatch<E>, action: Action) -> Self {
        Rule { matcher, action, times: None, probability_ppm: 1_000_000 }
    }

    /// Limits how often the rule applies.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The same with other names for the ends of frames.
    pub fn map<F>(&self, end: impl FnMut(&E) -> F) -> Rule<F> {
        Rule {
            matcher: self.matcher.map(end),
            action: self.action.clone(),
            times: self.times,
            probability_ppm: self.probability_ppm,
        }
    }
}

/// The facts of a frame that rules look at.
#[derive(Clone, Copy)]
pub struct FrameFacts<'a> {
    pub from: Option<NodeId>,
    pub kind: FrameKind,
    pub freq: u32,
    pub bytes: &'a [u8],
}

/// The rules in force.
#[derive(Default)]
pub struct Rules {
    list: Vec<(RuleId, Rule)>,
    next: u32,
    /// Decided for the whole of the current group frame, by the rule's place: rules without a `to`
    /// apply to a group frame as one.
    group_decisions: Vec<Option<bool>>,
}

impl Rules {
    /// Adds a rule after the others.
    pub fn add(&mut self, rule: Rule) -> RuleId {
        let id = RuleId(self.next);
        self.next += 1;
        self.list.push((id, rule));
        id
    }

    /// Takes a rule away; `false` if it was not (or no longer) there.
    pub fn remove(&mut self, id: RuleId) -> bool {
        let before = self.list.len();
        self.list.retain(|(i, _)| *i != id);
        self.list.len() != before
    }

    /// Whether no rule is in force.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether any rule could ever match a beacon from `from`.
    pub fn may_touch_beacons(&self, from: NodeId) -> bool {
        self.list.iter().any(|(_, r)| {
            let is_from = match r.matcher.from {
                Some(End::Node(node)) => node == from,
                Some(End::Addr(_)) | None => true,
            };
            is_from && r.matcher.kind.is_none_or(|k| k == FrameKind::Beacon)
        })
    }

    /// Starts a new frame: what was decided for the last group frame is forgotten.
    pub fn begin_frame(&mut self) {
        self.group_decisions.clear();
    }

    /// The action for a frame on its way to `to` ([`Action::Pass`] if no rule matches), and whether it
    /// holds for the frame's repetitions too.
    pub fn decide(
        &mut self,
        frame: FrameFacts<'_>,
        to: Option<NodeId>,
        group: bool,
        chance: &mut Stream,
    ) -> (Action, bool) {
        if self.list.is_empty() {
            return (Action::Pass, false);
        }
        if group {
            self.group_decisions.resize(self.list.len(), None);
        }
        let mut hit = None;
        for (place, (_, rule)) in self.list.iter().enumerate() {
            let as_one = group && !matches!(rule.matcher.to, Some(End::Node(_)));
            let earlier = if as_one { self.group_decisions.get(place).copied().flatten() } else { None };
            let spent = rule.times == Some(0) && earlier.is_none();
            if spent || !rule.matcher.accepts(frame, to) {
                continue;
            }
            let applies = match earlier {
                Some(applies) => applies,
                None => rule.probability_ppm >= 1_000_000 || chance.below(1_000_000) < rule.probability_ppm,
            };
            if as_one && let Some(decision) = self.group_decisions.get_mut(place) {
                *decision = Some(applies);
            }
            if applies {
                hit = Some((place, earlier.is_none()));
                break;
            }
        }
        let Some((place, counts)) = hit else { return (Action::Pass, false) };
        let Some((_, rule)) = self.list.get_mut(place) else { return (Action::Pass, false) };
        // A spent rule stays in its place until the frame is done with: a group frame counts once.
        if counts && let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
        }
        let dooms = matches!(rule.action, Action::Drop) && rule.matcher.retry.is_none();
        (rule.action.clone(), dooms)
    }

    /// Forgets spent rules; between frames only.
    pub fn end_frame(&mut self) {
        if self.list.iter().any(|(_, r)| r.times == Some(0)) {
            self.list.retain(|(_, r)| r.times != Some(0));
        }
    }
}

impl FrameMatch {
    /// Whether a frame on its way to `to` is meant.
    pub fn accepts(&self, frame: FrameFacts<'_>, to: Option<NodeId>) -> bool {
        let is_end = |end: Option<End>, node: Option<NodeId>, addr: fn(&[u8]) -> Option<MacAddr>| match end {
            None => true,
            Some(End::Node(wanted)) => node == Some(wanted),
            Some(End::Addr(wanted)) => addr(frame.bytes) == Some(wanted),
        };
        let retry = frame.bytes.get(1).is_some_and(|flags| flags & fc::RETRY != 0);
        let contains =
            |octets: &[u8]| octets.is_empty() || frame.bytes.windows(octets.len()).any(|w| w == octets);
        is_end(self.from, frame.from, addr2)
            && is_end(self.to, to, addr1)
            && self.kind.is_none_or(|k| k.covers(frame.kind))
            && self.freq.is_none_or(|f| f == frame.freq)
            && self.retry.is_none_or(|r| r == retry)
            && self.contains.as_deref().is_none_or(contains)
    }
}

impl Mutation {
    /// Changes the frame.
    pub fn apply(&self, frame: &mut Vec<u8>) {
        let end = frame.len();
        let place = |offset: i32| match usize::try_from(offset) {
            Ok(place) => place,
            // Before the beginning is outside, as behind the end.
            Err(_) => end.checked_sub(offset.unsigned_abs() as usize).unwrap_or(end),
        };
        match self {
            Mutation::Overwrite { offset, octets } => {
                frame.iter_mut().skip(place(*offset)).zip(octets).for_each(|(o, n)| *o = *n);
            }
            Mutation::Xor { offset, octets } => {
                frame.iter_mut().skip(place(*offset)).zip(octets).for_each(|(o, n)| *o ^= *n);
            }
            Mutation::Truncate(len) => frame.truncate(*len),
            Mutation::Append(octets) => frame.extend_from_slice(octets),
            Mutation::SetElement { id, body } => set_element(frame, *id, Some(body)),
            Mutation::RemoveElement { id } => set_element(frame, *id, None),
        }
    }
}

/// Returns the place at which a management frame's elements begin (IEEE 802.11-2020 §9.3.3).
pub(crate) fn elements_offset(frame: &[u8]) -> Option<usize> {
    Some(frame.len() - mgmt_elements(frame)?.len())
}

/// Replaces, adds or removes an element of a management frame.
fn set_element(frame: &mut Vec<u8>, id: u8, body: Option<&[u8]>) {
    let Some(start) = elements_offset(frame) else { return };
    let elements = frame.split_off(start);
    let mut rest = elements.as_slice();
    let mut written = body.is_none();
    while let [element_id, len, tail @ ..] = rest {
        let len = (*len as usize).min(tail.len());
        let (content, next) = tail.split_at(len);
        if *element_id != id {
            frame.extend_from_slice(&[*element_id, len as u8]);
            frame.extend_from_slice(content);
        } else if let (false, Some(body)) = (written, body) {
            push_element(frame, id, body);
            written = true;
        }
        rest = next;
    }
    if let (false, Some(body)) = (written, body) {
        push_element(frame, id, body);
    }
}

/// An element may lie about nothing but its own length, so longer bodies are cut.
fn push_element(frame: &mut Vec<u8>, id: u8, body: &[u8]) {
    let body = body.get(..255).unwrap_or(body);
    frame.extend_from_slice(&[id, body.len() as u8]);
    frame.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wpasim_engine::entropy::Entropy;

    fn chance() -> Stream {
        Entropy::new(1, "medium").stream("test")
    }

    fn deauth() -> Vec<u8> {
        let mut f = vec![0xc0, 0];
        f.resize(26, 0);
        f
    }

    fn facts(bytes: &[u8]) -> FrameFacts<'_> {
        FrameFacts { from: Some(NodeId(0)), kind: FrameKind::of(bytes), freq: 2412, bytes }
    }

    #[test]
    fn the_first_match_wins_and_times_count() {
        let mut rules = Rules::default();
        let kind = Some(FrameKind::Deauthentication);
        rules.add(Rule::new(FrameMatch { kind, ..FrameMatch::default() }, Action::Drop).times(1));
        rules.add(Rule::new(FrameMatch::default(), Action::DropAck));
        let frame = deauth();
        let mut stream = chance();
        rules.begin_frame();
        assert!(matches!(
            rules.decide(facts(&frame), Some(NodeId(1)), false, &mut stream),
            (Action::Drop, true)
        ));
        rules.end_frame();
        assert!(matches!(
            rules.decide(facts(&frame), Some(NodeId(1)), false, &mut stream),
            (Action::DropAck, _)
        ));
    }

    #[test]
    fn a_group_frame_counts_once() {
        let mut rules = Rules::default();
        rules.add(Rule::new(FrameMatch::default(), Action::Drop).times(1));
        let frame = deauth();
        let mut stream = chance();
        rules.begin_frame();
        let first = rules.decide(facts(&frame), Some(NodeId(1)), true, &mut stream);
        let second = rules.decide(facts(&frame), Some(NodeId(2)), true, &mut stream);
        assert!(matches!(first, (Action::Drop, _)));
        // The rule is spent, but its decision for this frame stands.
        assert!(matches!(second, (Action::Drop, _)));
        rules.end_frame();
        assert!(rules.is_empty());
    }

    #[test]
    fn elements_are_set_and_removed() {
        let mut f = vec![0x40, 0];
        f.resize(24, 0);
        f.extend_from_slice(&[0, 2, b'a', b'b', 1, 1, 2]);
        let apply = |mutation: Mutation| {
            let mut frame = f.clone();
            mutation.apply(&mut frame);
            frame
        };
        let changed = apply(Mutation::SetElement { id: 0, body: b"x".to_vec() });
        assert_eq!(&changed[24..], [0, 1, b'x', 1, 1, 2]);
        let removed = apply(Mutation::RemoveElement { id: 1 });
        assert_eq!(&removed[24..], [0, 2, b'a', b'b']);
        let added = apply(Mutation::SetElement { id: 7, body: vec![9] });
        assert_eq!(&added[24..], [0, 2, b'a', b'b', 1, 1, 2, 7, 1, 9]);
        let cut = apply(Mutation::Xor { offset: -1, octets: vec![0xff] });
        assert_eq!(cut.last(), Some(&0xfd));
        assert_eq!(apply(Mutation::Overwrite { offset: -100, octets: vec![9] }), f, "before the beginning");
    }

    proptest! {
        #[test]
        fn any_frame_survives_any_change(
            frame in prop::collection::vec(any::<u8>(), 0..80),
            offset in any::<i32>(),
            octets in prop::collection::vec(any::<u8>(), 0..300),
            id in any::<u8>(),
        ) {
            for mutation in [
                Mutation::Overwrite { offset, octets: octets.clone() },
                Mutation::Xor { offset, octets: octets.clone() },
                Mutation::Truncate(offset as usize),
                Mutation::SetElement { id, body: octets.clone() },
                Mutation::RemoveElement { id },
            ] {
                mutation.apply(&mut frame.clone());
            }
            FrameKind::of(&frame);
        }
    }
}
