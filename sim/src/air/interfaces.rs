//! The interfaces of all nodes: by number, by node, by address, and as members of a BSS.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;
use wpasim_wire::time::Instant;

use crate::NodeId;
use crate::index::VifIx;
use crate::mac::Vif;

/// The number of places of interfaces that are gone which are looked at for a new one; those that went longest ago come first.
const PLACES: usize = 64;

/// The interfaces of one node.
#[derive(Default)]
struct OfNode {
    vifs: BTreeMap<IfId, VifIx>,
    /// Counts the processes that ran; events of an ended one are dropped.
    process: u32,
}

/// The interfaces.
#[derive(Default)]
pub(crate) struct Interfaces {
    all: Vec<Vif>,
    /// Places in it whose interfaces are gone.
    free: Vec<VifIx>,
    /// Interfaces with a frame on the air or waiting for it, gone ones among them, at this time; unknown since one went.
    transmitting: Option<(Instant, BTreeSet<VifIx>)>,
    nodes: Vec<OfNode>,
    /// Looked up, never walked.
    by_addr: HashMap<MacAddr, Vec<VifIx>>,
    /// The stations of each BSS, by BSSID; looked up, never walked.
    members: HashMap<MacAddr, BTreeSet<VifIx>>,
}

impl Interfaces {
    /// The next node, without interfaces.
    pub fn add_node(&mut self) {
        self.nodes.push(OfNode::default());
    }

    /// Adds an interface; its number. It takes the place of one that is gone, if that has no frame on the air or waiting for
    /// it: `transmitting` says who has.
    pub fn add(&mut self, vif: Vif, now: Instant, transmitting: impl FnOnce() -> BTreeSet<VifIx>) -> VifIx {
        let ix = self.free_place(now, transmitting).unwrap_or(VifIx::new(self.all.len()));
        self.add_address(vif.addr, ix);
        if let Some(node) = self.nodes.get_mut(vif.node.0 as usize) {
            node.vifs.insert(vif.iface, ix);
        }
        match self.all.get_mut(ix.place()) {
            // Timers of the one before find another generation.
            Some(place) => *place = vif.after(place),
            None => self.all.push(vif),
        }
        ix
    }

    /// An interface goes away for good.
    pub fn remove(&mut self, ix: VifIx) {
        let (node, iface, addr) = {
            let vif = self.get(ix);
            (vif.node, vif.iface, vif.addr)
        };
        self.remove_address(addr, ix);
        if let Some(of_node) = self.nodes.get_mut(node.0 as usize) {
            of_node.vifs.remove(&iface);
        }
        debug_assert!(!self.free.contains(&ix), "an interface goes once");
        self.free.push(ix);
        self.transmitting = None;
    }

    /// Thousands of interfaces may be added at one instant: who transmits is looked up once.
    fn free_place(&mut self, now: Instant, transmitting: impl FnOnce() -> BTreeSet<VifIx>) -> Option<VifIx> {
        if self.free.is_empty() {
            return None;
        }
        let known = self.transmitting.take().filter(|(at, _)| *at == now);
        let (at, transmitting) = known.unwrap_or_else(|| (now, transmitting()));
        let free = self.free.iter().take(PLACES).position(|ix| !transmitting.contains(ix));
        self.transmitting = Some((at, transmitting));
        free.map(|at| self.free.remove(at))
    }

    /// Numbers come from this table itself, so they are in range.
    pub fn get(&self, ix: VifIx) -> &Vif {
        &self.all[ix.place()]
    }

    pub fn get_mut(&mut self, ix: VifIx) -> &mut Vif {
        &mut self.all[ix.place()]
    }

    /// All that ever were, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Vif> {
        self.all.iter()
    }

    /// The interface of a node.
    pub fn find(&self, node: NodeId, iface: IfId) -> Option<VifIx> {
        self.nodes.get(node.0 as usize)?.vifs.get(&iface).copied()
    }

    /// The interfaces of a node, in the order of its own numbers.
    pub fn of_node(&self, node: NodeId) -> Vec<VifIx> {
        self.nodes.get(node.0 as usize).map(|n| n.vifs.values().copied().collect()).unwrap_or_default()
    }

    /// Returns the number of the node's process that runs now, or ran last.
    pub fn process(&self, node: NodeId) -> Option<u32> {
        self.nodes.get(node.0 as usize).map(|n| n.process)
    }

    /// A node's process ends: its events are dropped from now on.
    pub fn end_process(&mut self, node: NodeId) {
        if let Some(of_node) = self.nodes.get_mut(node.0 as usize) {
            of_node.process += 1;
        }
    }

    /// Frames to an address reach an interface.
    pub fn add_address(&mut self, addr: MacAddr, vif: VifIx) {
        self.by_addr.entry(addr).or_default().push(vif);
    }

    /// They reach it no more.
    pub fn remove_address(&mut self, addr: MacAddr, vif: VifIx) {
        if let Some(list) = self.by_addr.get_mut(&addr) {
            list.retain(|v| *v != vif);
            if list.is_empty() {
                self.by_addr.remove(&addr);
            }
        }
    }

    /// The interfaces with an address: one, unless a scenario gave two the same.
    pub fn at(&self, addr: MacAddr) -> &[VifIx] {
        self.by_addr.get(&addr).map_or(&[], Vec::as_slice)
    }

    /// The stations that are members of a BSS, in ascending order.
    pub fn members(&self, bssid: MacAddr) -> impl Iterator<Item = VifIx> + '_ {
        self.members.get(&bssid).into_iter().flatten().copied()
    }

    /// A station joins or leaves a BSS.
    pub fn set_member(&mut self, bssid: MacAddr, vif: VifIx, member: bool) {
        let set = self.members.entry(bssid).or_default();
        if member {
            set.insert(vif);
        } else {
            set.remove(&vif);
        }
    }
}
