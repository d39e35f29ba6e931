//! The world's air under the control of scenarios: rules, links, injection, frames seen.

use std::sync::Arc;

use wpasim_sim as sim;
use wpasim_sim::{FrameMatch, NodeId, World};
use wpasim_wire::time::Duration;

use super::{Air, DeviceId, OnAir, Resolve, RuleHandle, TargetError};
use crate::scenario::model::{AirAction, AirRule, Edit, FramePattern, Link, Station};

/// Whether a frame's octets are meant.
type FrameTest = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;
/// What becomes of a frame's octets.
type FrameChange = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// A world, with the nodes that are devices.
pub(super) struct WorldAir {
    pub world: World,
    /// Of each device, in the order of addition.
    pub nodes: Vec<NodeId>,
    /// Whether steps look at frames.
    pub watching: bool,
}

impl WorldAir {
    /// The matcher for frames: devices by node, other addresses by what stands in the frame.
    fn matcher(&self, frames: &FramePattern, names: &dyn Resolve) -> Result<FrameMatch, TargetError> {
        let kind = match &frames.kind {
            Some(name) => {
                let kind: Result<sim::FrameKind, _> = name.parse();
                Some(kind.map_err(|e| TargetError::Unsupported(e.to_string()))?)
            }
            None => None,
        };
        let mut matcher = FrameMatch { kind, freq: frames.freq, ..FrameMatch::default() };
        let mut tests: Vec<FrameTest> = Vec::new();
        let mut by_address = |addr: wpasim_wire::MacAddr, offset: usize| {
            tests.push(Box::new(move |frame: &[u8]| frame.get(offset..offset + 6) == Some(&addr.0[..])));
        };
        match &frames.from {
            Some(Station::Device(name)) => match names.device(name) {
                Some(device) => matcher.from = self.nodes.get(device.0).copied(),
                None => by_address(names.addr(name), 10),
            },
            Some(Station::Addr(addr)) => by_address(*addr, 10),
            None => {}
        }
        match &frames.to {
            Some(Station::Device(name)) => match names.device(name) {
                Some(device) => matcher.to = self.nodes.get(device.0).copied(),
                None => by_address(names.addr(name), 4),
            },
            Some(Station::Addr(addr)) => by_address(*addr, 4),
            None => {}
        }
        if let Some(octets) = frames.contains.clone()
            && !octets.is_empty()
        {
            tests.push(Box::new(move |frame: &[u8]| frame.windows(octets.len()).any(|w| w == octets)));
        }
        if !tests.is_empty() {
            matcher.custom = Some(Arc::new(move |frame: &[u8]| tests.iter().all(|test| test(frame))));
        }
        Ok(matcher)
    }
}

impl Air for WorldAir {
    fn add_rule(&mut self, rule: &AirRule, names: &dyn Resolve) -> Result<RuleHandle, TargetError> {
        let action = match &rule.action {
            AirAction::Pass => sim::Action::Pass,
            AirAction::Drop => sim::Action::Drop,
            AirAction::DropAck => sim::Action::DropAck,
            AirAction::Delay(by) => sim::Action::Delay(*by),
            AirAction::Duplicate => sim::Action::Duplicate { after: Duration::from_millis(1) },
            AirAction::Edit(edits) => sim::Action::Mutate(sim::Mutation::Custom(change(edits.clone()))),
        };
        let rule = sim::Rule {
            matcher: self.matcher(&rule.frames, names)?,
            action,
            times: rule.times,
            probability_ppm: rule.probability_ppm,
        };
        Ok(RuleHandle(self.world.medium().add_rule(rule).0))
    }

    fn remove_rule(&mut self, rule: RuleHandle) {
        self.world.medium().remove_rule(sim::RuleId(rule.0));
    }

    fn inject(&mut self, freq: u32, octets: Vec<u8>, signal_dbm: i32) {
        self.world.medium().inject(freq, octets, signal_dbm);
    }

    fn set_radio(&mut self, device: DeviceId, on: bool) {
        if let Some(node) = self.nodes.get(device.0) {
            self.world.set_radio(*node, on);
        }
    }

    fn set_position(&mut self, device: DeviceId, position_mm: (i64, i64)) {
        if let Some(node) = self.nodes.get(device.0) {
            self.world.set_node_position(*node, Some(position_mm));
        }
    }

    fn set_link(&mut self, a: DeviceId, b: DeviceId, link: &Link) {
        let (Some(a), Some(b)) = (self.nodes.get(a.0).copied(), self.nodes.get(b.0).copied()) else {
            return;
        };
        let medium = self.world.medium();
        let mut new = medium.link(a, b);
        if link.signal_dbm.is_some() {
            new.signal_dbm = link.signal_dbm;
        }
        new.loss_ppm = link.loss_ppm.unwrap_or(new.loss_ppm);
        new.delay = link.delay.unwrap_or(new.delay);
        medium.set_link(a, b, new);
    }

    fn frame_count(&self) -> usize {
        self.world.frames_seen(0).len()
    }

    fn find_frame(
        &self,
        from: usize,
        frames: &FramePattern,
        names: &dyn Resolve,
    ) -> Result<Option<(usize, OnAir)>, TargetError> {
        let matcher = self.matcher(frames, names)?;
        let found = self.world.frames_seen(from).iter().enumerate().find(|(_, seen)| {
            let transmitter = match seen.from {
                sim::Transmitter::Node(node) => Some(node),
                sim::Transmitter::Injected => None,
            };
            (matcher.from.is_none() || matcher.from == transmitter)
                && (matcher.to.is_none() || matcher.to == seen.to)
                && matcher.kind.is_none_or(|k| k.covers(seen.kind))
                && matcher.freq.is_none_or(|f| f == seen.freq)
                && matcher.custom.as_ref().is_none_or(|test| test(&seen.bytes))
        });
        Ok(found.map(|(i, seen)| {
            let name = |node: NodeId| self.world.name(node).to_owned();
            let transmitter = match seen.from {
                sim::Transmitter::Node(node) => name(node),
                sim::Transmitter::Injected => "injected".to_owned(),
            };
            let receiver = seen.to.map_or("anyone".to_owned(), name);
            let on_air = OnAir {
                time: seen.time,
                freq: seen.freq,
                octets: seen.bytes.to_vec(),
                shown: format!("{transmitter} → {receiver}: {} on {} MHz", seen.kind, seen.freq),
            };
            (from + i + 1, on_air)
        }))
    }
}

fn change(edits: Vec<Edit>) -> FrameChange {
    Arc::new(move |frame: &[u8]| {
        let mut out = frame.to_vec();
        edits.iter().for_each(|edit| edit.apply(&mut out));
        out
    })
}
