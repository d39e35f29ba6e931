//! The calls of a harness on a world from outside, at the present instant.

use std::sync::Arc;

use wpasim_engine::{ConnId, CtrlSocket, Files, Input, Node, PskSource, Secret};

use wpasim_wire::driver::Errno;
use wpasim_wire::time::Duration;

use super::node::{NodeFiles, NodeRuntime};
use super::{Emitted, NodeSpec, World};
use crate::NodeId;
use crate::air::{RefusalId, RequestKind};
use crate::capture::Capture;
use crate::medium::{FrameSeen, Medium};
use crate::trace::TraceKind;

/// No frame is on the air for so long; they are captured at their ends, and stand in a file by their beginnings.
const LONGEST_AIRTIME: Duration = Duration::from_millis(100);

impl World {
    /// Sets the source that makes PSKs of passphrases; a pure function, so it may remember.
    pub fn set_psk_source(&mut self, source: Arc<dyn PskSource + Send + Sync>) {
        self.psk = source;
    }

    /// Adds a node; it is not started.
    pub fn add_node(&mut self, spec: NodeSpec) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.air.add_node(id, &spec.interfaces);
        self.air.medium.set_position(id, spec.position_mm);
        self.nodes.push(NodeRuntime {
            name: spec.name,
            node: spec.node,
            files: NodeFiles::new(spec.files),
            running: false,
            timeout: None,
            timer_entries: Default::default(),
            events_at: None,
        });
        id
    }

    /// Returns the number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Starts a node's process now.
    pub fn start(&mut self, node: NodeId) {
        let Some(runtime) = self.nodes.get_mut(node.0 as usize) else { return };
        runtime.running = true;
        self.air.trace.record(self.air.now, TraceKind::Process, node.0, b"start");
        self.air.start_process(node);
        self.input(node, Input::Start);
    }

    /// Puts another process into a node whose last one was killed or ended; start it afterwards.
    pub fn replace_process(&mut self, node: NodeId, process: Box<dyn Node>) {
        self.kill(node);
        if let Some(runtime) = self.nodes.get_mut(node.0 as usize) {
            runtime.node = process;
        }
    }

    /// Kills a node's process: no goodbye. An access point just stops, a station silently vanishes.
    pub fn kill(&mut self, node: NodeId) {
        let running = self.nodes.get(node.0 as usize).is_some_and(|n| n.running);
        if running {
            self.air.trace.record(self.air.now, TraceKind::Process, node.0, b"kill");
            self.end_process(node);
        }
    }

    /// Whether a node's process runs.
    pub fn is_running(&self, node: NodeId) -> bool {
        self.nodes.get(node.0 as usize).is_some_and(|n| n.running)
    }

    /// Makes a node's driver refuse its next requests of a kind: so many of them, or all until [`World::end_refusal`].
    pub fn refuse(&mut self, node: NodeId, kind: RequestKind, errno: Errno, times: Option<u32>) -> RefusalId {
        self.air.refusals.begin(node, kind, errno, times)
    }

    /// Ends a refusal, if it has not ended by itself.
    pub fn end_refusal(&mut self, refusal: RefusalId) {
        self.air.refusals.end(refusal);
    }

    /// Makes a node's radios deaf and mute, or ends that. Its kernel and its process notice nothing.
    pub fn set_radio(&mut self, node: NodeId, on: bool) {
        self.air.trace.record(self.air.now, TraceKind::Process, node.0, if on { b"on" } else { b"off" });
        self.air.set_radio(node, on);
    }

    /// As if a node's interfaces had been connected before: hwsim's signal of what they transmit is
    /// then -30 dBm from the start, not only once they have a channel context.
    pub fn assume_earlier_use(&mut self, node: NodeId) {
        self.air.assume_earlier_use(node);
    }

    /// Sends a command now, after whatever is due at this instant; the reply appears in the outbox.
    pub fn command(&mut self, node: NodeId, conn: ConnId, socket: CtrlSocket, data: &[u8]) {
        self.settle();
        self.command_at_once(node, conn, socket, data);
    }

    /// Lets a process go on from its reply to a command until it reads the next one, which is right behind: it goes round its
    /// loop twice, serves one timer each time, and takes what the driver had told it before. [`World::command_at_once`]
    /// is what it reads.
    //= hostap@2.10 src/utils/eloop.c#eloop_run
    pub fn turn(&mut self, node: NodeId) {
        for _ in 0..2 {
            self.set_told_aside();
            let is_due = |r: &NodeRuntime| r.running && r.timeout.is_some_and(|at| at <= self.air.now);
            if self.nodes.get(node.0 as usize).is_some_and(is_due) {
                self.input(node, Input::FirstTimeout);
            }
            self.settle_refusals();
            while let Some(entry) = self.air.told.pop_front() {
                self.carry_out(entry);
                self.settle_refusals();
            }
        }
    }

    /// Sends a command now, before what else is due at this instant.
    pub fn command_at_once(&mut self, node: NodeId, conn: ConnId, socket: CtrlSocket, data: &[u8]) {
        if let Some(runtime) = self.nodes.get_mut(node.0 as usize) {
            runtime.events_at = None;
        }
        self.air.trace.record(self.air.now, TraceKind::Command, node.0, data);
        self.input(node, Input::Command { conn, socket, data: data.to_vec() });
    }

    /// A control connection's client goes away.
    pub fn close(&mut self, node: NodeId, conn: ConnId) {
        self.input(node, Input::Closed { conn });
    }

    /// Replies and events since the last call, in order.
    pub fn take_outbox(&mut self) -> Vec<Emitted> {
        std::mem::take(&mut self.outbox)
    }

    /// A file of a node.
    pub fn file(&self, node: NodeId, path: &str) -> Option<&[u8]> {
        self.nodes.get(node.0 as usize)?.files.get(path)
    }

    /// Writes a file of a node.
    pub fn put_file(&mut self, node: NodeId, path: &str, content: Vec<u8>) {
        if let Some(runtime) = self.nodes.get_mut(node.0 as usize) {
            runtime.files.put(path.to_owned(), content);
        }
    }

    /// Gives a node files beside its own. It only reads them: what it writes becomes its own. What they say is up to the
    /// caller: a world that reads a disk's files is no longer the same everywhere.
    pub fn set_file_source(&mut self, node: NodeId, files: Arc<dyn Files + Send + Sync>) {
        if let Some(runtime) = self.nodes.get_mut(node.0 as usize) {
            runtime.files.put_behind(files);
        }
    }

    /// Rules, links, injection.
    pub fn medium(&mut self) -> &mut Medium {
        &mut self.air.medium
    }

    /// A node's name.
    pub fn name(&self, node: NodeId) -> &str {
        self.nodes.get(node.0 as usize).map_or("?", |n| n.name.as_str())
    }

    /// A node's state, for failure reports.
    pub fn describe(&self, node: NodeId) -> String {
        match self.nodes.get(node.0 as usize) {
            Some(n) if n.running => n.node.describe(),
            Some(_) => "not running".to_owned(),
            None => "no such node".to_owned(),
        }
    }

    /// Moves a node, in millimetres.
    pub fn set_node_position(&mut self, node: NodeId, position_mm: Option<(i64, i64)>) {
        self.air.medium.set_position(node, position_mm);
    }

    /// Begins to keep every transmission for [`World::frames_seen`].
    pub fn watch_frames(&mut self) {
        self.air.medium.watch.begin_tap();
    }

    /// Transmissions since watching began, from a cursor on (0 at first; then the cursor plus the
    /// length of what came). Order is that of the frames' ends.
    pub fn frames_seen(&self, cursor: usize) -> &[FrameSeen] {
        self.air.medium.watch.seen().get(cursor..).unwrap_or_default()
    }

    /// Takes the transmissions since the last call, so that watching needs no more memory as time passes.
    /// Not to be mixed with [`World::frames_seen`], whose cursors then mean nothing.
    pub fn take_frames_seen(&mut self) -> Vec<FrameSeen> {
        self.air.medium.watch.take_seen()
    }

    /// Begins a capture of all that is on the air. Changes no trace hash.
    pub fn enable_capture(&mut self) {
        self.air.medium.watch.begin_capture();
    }

    /// Ends the capture; its pcapng bytes, empty if none was begun.
    pub fn take_capture(&mut self) -> Vec<u8> {
        let capture = self.air.medium.watch.take_capture();
        // Writing into memory cannot fail.
        capture.and_then(|c| c.into_pcapng(self.config.epoch_us).ok()).unwrap_or_default()
    }

    /// Returns the number of frames that the capture holds.
    pub fn captured(&self) -> usize {
        self.air.medium.watch.capture().map_or(0, Capture::len)
    }

    /// Takes what is complete of the capture so far: a piece of a pcapng file, so that a long capture needs no memory. The
    /// rest is what [`World::take_capture`] gives.
    pub fn take_capture_so_far(&mut self) -> Vec<u8> {
        let until = self.air.now - LONGEST_AIRTIME;
        let epoch_us = self.config.epoch_us;
        // Writing into memory cannot fail.
        self.air
            .medium
            .watch
            .capture_mut()
            .and_then(|c| c.take_until(until, epoch_us).ok())
            .unwrap_or_default()
    }

    /// The hash over everything that happened so far.
    pub fn trace_hash(&self) -> [u8; 32] {
        self.air.trace.digest()
    }

    /// Returns the number of queue entries that were carried out.
    pub fn events(&self) -> u64 {
        self.total_events
    }

    /// Secrets that nodes learned since the last call, for tools that decrypt captures.
    pub fn take_secrets(&mut self) -> Vec<(NodeId, Secret)> {
        let mut all = Vec::new();
        for (i, runtime) in self.nodes.iter_mut().enumerate() {
            all.extend(runtime.node.take_secrets().into_iter().map(|s| (NodeId(i as u32), s)));
        }
        all
    }
}
