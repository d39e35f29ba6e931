//! A hostapd process whose access points come and go through its process-wide control interface
//! (`hostapd -g`): several radios, and several BSSs on each.

mod additions;
mod commands;
mod sections;

use crate::runtime::never;
use std::collections::VecDeque;

use super::{Hostapd, HostapdConfig};
use crate::entropy::Entropy;
use crate::rsn::Level;
use crate::runtime::monitors::Monitors;
use crate::wire::driver::{DriverRequest, IfId, IfType};
use crate::wire::time::Instant;
use crate::{ConnId, CtrlSocket, Env, Input, InterfaceConfig, Node, Output, Secret, SocketChange};

/// The connection through which the process hears its access points' events, for those who are attached to the process.
const OWN: ConnId = ConnId(u32::MAX - 1);

/// One BSS.
struct Bss {
    ap: Hostapd,
    /// The BSSs that share a radio and its configuration have the same number (hostapd's hostapd_iface).
    group: u32,
    /// The first BSS of its group has the radio's own interface; the interfaces of others are made when they start.
    first: bool,
    /// The address that `bssid=` asks for.
    wanted_addr: Option<crate::wire::MacAddr>,
    made: bool,
    /// The time at which the BSS asked to be woken.
    next: Option<Instant>,
}

/// A radio's configuration.
struct Group {
    number: u32,
    /// The name that `bss_config=` gives the radio, usually `phy3`; empty for one that was added by the name of its interface.
    label: String,
    /// The lines that count for every BSS of it.
    radio: Vec<u8>,
}

/// The use of the replies that a BSS gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Replies {
    Forward,
    Keep,
}

/// The events of its own that a BSS is not to tell: hostapd tells them once for all BSSs of a radio.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Silence {
    None,
    /// `AP-ENABLED` and `AP-DISABLED` of all but the first BSS.
    OfOthers,
}

/// One process.
pub struct Process {
    radios: Vec<InterfaceConfig>,
    /// In the order of their groups, the first BSS of each before the others.
    bsss: Vec<Bss>,
    groups: Vec<Group>,
    monitors: Monitors,
    entropy: Entropy,
    outputs: VecDeque<Output>,
    next_interface: u32,
    next_group: u32,
    terminated: bool,
}

impl Process {
    /// A process on a host with these radios, one interface each, and no access point yet.
    pub fn new(radios: Vec<InterfaceConfig>, entropy: Entropy) -> Self {
        Process {
            next_interface: radios.iter().map(|r| r.id.0 + 1).max().unwrap_or(0),
            radios,
            bsss: Vec::new(),
            groups: Vec::new(),
            monitors: Monitors::default(),
            entropy,
            outputs: VecDeque::new(),
            next_group: 0,
            terminated: false,
        }
    }

    fn position(&self, id: IfId) -> Option<usize> {
        self.bsss.iter().position(|b| b.ap.interface.id == id)
    }

    fn named(&self, ifname: &str) -> Option<usize> {
        self.bsss.iter().position(|b| b.ap.interface.ifname == ifname)
    }

    fn first_of(&self, group: u32) -> Option<&Bss> {
        self.bsss.iter().find(|b| b.group == group)
    }

    fn of_group(&self, group: u32) -> Vec<usize> {
        (0..self.bsss.len()).filter(|i| self.bsss.get(*i).is_some_and(|b| b.group == group)).collect()
    }

    /// Gives a BSS an input, and hands on what it has for the outside. The replies that are kept.
    fn give(
        &mut self,
        index: usize,
        now: Instant,
        input: Input,
        env: Env<'_>,
        (replies, silence): (Replies, Silence),
    ) -> Vec<Vec<u8>> {
        let Some(bss) = self.bsss.get_mut(index) else { return Vec::new() };
        bss.ap.handle(now, input, env);
        self.drain(index, replies, silence)
    }

    fn drain(&mut self, index: usize, replies: Replies, silence: Silence) -> Vec<Vec<u8>> {
        let mut kept = Vec::new();
        loop {
            let Some(bss) = self.bsss.get_mut(index) else { return kept };
            let silent = silence == Silence::OfOthers && !bss.first;
            match bss.ap.poll_output() {
                Output::Idle { next } => {
                    bss.next = next;
                    return kept;
                }
                Output::Event { data, .. } if silent && is_about_radio(&data) => {}
                Output::Event { conn: OWN, data } => {
                    let ifname = bss.ap.interface.ifname.clone();
                    self.event(&ifname, &data);
                }
                Output::Reply { data, .. } if replies == Replies::Keep => kept.push(data),
                // The process decides when it ends.
                Output::Terminated => {}
                output => self.outputs.push_back(output),
            }
        }
    }

    /// An event of a BSS, for those who are attached to the process.
    fn event(&mut self, ifname: &str, event: &[u8]) {
        let digit = event.get(1).copied().unwrap_or(b'3');
        let levels = [Level::Info, Level::Warning, Level::Error];
        let level = levels.into_iter().find(|l| *l as u8 == digit.wrapping_sub(b'0'));
        let is_probe_request = event.get(3..).is_some_and(|t| t.starts_with(b"RX-PROBE-REQUEST"));
        let data = [format!("IFNAME={ifname} ").as_bytes(), event].concat();
        let level = level.unwrap_or(Level::Info);
        let event = |conn| Output::Event { conn, data: data.clone() };
        if is_probe_request {
            self.outputs.extend(self.monitors.receivers_of_probe_requests(level).map(event));
        } else {
            self.outputs.extend(self.monitors.receivers(level).map(event));
        }
    }

    fn reply(&mut self, conn: ConnId, text: &str) {
        self.outputs.push_back(Output::Reply { conn, data: text.as_bytes().to_vec() });
    }

    /// Whether the first interface of a group is one of this host's.
    fn has_radio(&self, group: u32) -> bool {
        let first = self.bsss.iter().find(|b| b.group == group).map(|b| b.ap.interface.id);
        self.radios.iter().any(|r| Some(r.id) == first)
    }

    /// The radio behind an interface that was added by its name only.
    fn find_radio(&mut self, index: usize) {
        let Some(bss) = self.bsss.get_mut(index) else { return never!("the BSS is there") };
        if let Some(radio) = self.radios.iter().find(|r| r.id == bss.ap.interface.id) {
            bss.ap.interface.phy.clone_from(&radio.phy);
        }
    }

    /// The interface of a further BSS is made on the radio of the first.
    fn make_interface(&mut self, index: usize) {
        let Some(group) = self.bsss.get(index).map(|b| b.group) else { return never!("the BSS is there") };
        let Some(radio) = self.first_of(group) else { return never!("the radio has a first BSS") };
        let (through, phy) = (radio.ap.interface.id, radio.ap.interface.phy.clone());
        let Some(bss) = self.bsss.get_mut(index).filter(|b| !b.first && !b.made) else { return };
        bss.made = true;
        bss.ap.interface.phy = phy;
        let identity = &bss.ap.interface;
        let request = DriverRequest::AddInterface {
            iftype: IfType::Ap,
            name: identity.ifname.clone(),
            new_id: identity.id,
            addr: Some(identity.addr),
        };
        self.outputs.push_back(Output::Driver { iface: through, request });
    }

    /// A BSS goes, with its interface and its socket.
    fn remove_bss(&mut self, index: usize, now: Instant, env: Env<'_>) {
        let Some(bss) = self.bsss.get_mut(index) else { return never!("the BSS is there") };
        bss.ap.give_up(now, env);
        self.drain(index, Replies::Keep, Silence::None);
        let bss = self.bsss.remove(index);
        let id = bss.ap.interface.id;
        if bss.made
            && let Some(first) = self.bsss.iter().find(|b| b.first && b.group == bss.group)
        {
            let iface = first.ap.interface.id;
            self.outputs.push_back(Output::Driver { iface, request: DriverRequest::DelInterface { id } });
        }
        self.outputs.push_back(Output::Socket { iface: id, change: SocketChange::Closed });
    }

    /// A radio is left: the last BSS goes first.
    fn remove_group(&mut self, group: u32, now: Instant, env: Env<'_>) {
        for index in self.of_group(group).into_iter().rev() {
            self.remove_bss(index, now, env);
        }
        self.groups.retain(|g| g.number != group);
    }

    /// Every access point goes, the process with them. Who is attached to the process hears nothing of it.
    fn terminate(&mut self, now: Instant, env: Env<'_>) {
        self.monitors = Monitors::default();
        while let Some(group) = self.groups.first().map(|g| g.number) {
            self.remove_group(group, now, env);
        }
        self.terminated = true;
        self.outputs.push_back(Output::Terminated);
    }

    /// Whoever is due.
    fn timeout(&mut self, now: Instant, env: Env<'_>) {
        for index in 0..self.bsss.len() {
            if self.bsss.get(index).and_then(|b| b.next).is_some_and(|at| at <= now) {
                self.give(index, now, Input::Timeout, env, (Replies::Forward, Silence::None));
            }
        }
    }

    fn closed(&mut self, conn: ConnId, now: Instant, env: Env<'_>) {
        self.monitors.detach(conn);
        for index in 0..self.bsss.len() {
            self.give(index, now, Input::Closed { conn }, env, (Replies::Forward, Silence::None));
        }
    }
}

fn is_about_radio(event: &[u8]) -> bool {
    event.get(3..).is_some_and(|text| text == b"AP-ENABLED " || text == b"AP-DISABLED ")
}

impl Node for Process {
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>) {
        if self.terminated {
            return;
        }
        match input {
            Input::Start => {}
            Input::Timeout | Input::FirstTimeout => self.timeout(now, env),
            Input::Command { conn, socket: CtrlSocket::Global, data } => self.command(now, conn, &data, env),
            Input::Command { conn, socket: CtrlSocket::Interface(id), data } => {
                if let Some(index) = self.position(id) {
                    self.bss_command(index, now, conn, data, env);
                }
            }
            Input::Closed { conn } => self.closed(conn, now, env),
            Input::Driver { iface, event } => {
                if let Some(index) = self.position(iface) {
                    let input = Input::Driver { iface, event };
                    self.give(index, now, input, env, (Replies::Forward, Silence::None));
                }
            }
        }
    }

    fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Idle {
            next: self.bsss.iter().filter_map(|b| b.next).min().filter(|_| !self.terminated),
        })
    }

    fn describe(&self) -> String {
        match self.bsss.is_empty() {
            true => "no access point".to_owned(),
            false => self.bsss.iter().map(|b| b.ap.describe()).collect::<Vec<_>>().join("; "),
        }
    }

    fn is_computing(&self) -> bool {
        self.bsss.iter().any(|b| b.ap.is_computing())
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        self.bsss.iter_mut().flat_map(|b| b.ap.take_secrets()).collect()
    }
}

#[cfg(test)]
mod tests;
