//! The state of the view: the devices, and the last frames and words. Bounded, whatever passes.

use std::collections::{BTreeMap, VecDeque};

use wpasim_sim::FrameKind;
use wpasim_wire::time::Instant;

use super::super::{Frame, Speaker, Watched, World};
use crate::scenario::model::{Role, Socket};
use crate::target::DeviceId;
use crate::transcript::printable;

/// Lines kept in each pane.
const KEPT: usize = 2000;

/// A part of the screen that can be scrolled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pane {
    /// The frames on the air.
    Frames,
    /// Commands, replies and events.
    Words,
}

/// A device as the screen shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub id: DeviceId,
    pub name: String,
    pub ifname: String,
    pub addr: String,
    pub role: &'static str,
    pub state: Option<String>,
}

/// A line of a pane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub time: Instant,
    pub who: String,
    /// `>`, `<`, `!`; for a frame `→`.
    pub mark: char,
    pub text: String,
    is_beacon: bool,
}

/// Lines with a place in them.
#[derive(Default)]
struct Log {
    lines: VecDeque<Line>,
    /// The number of lines below the shown ones; 0 follows what comes.
    back: usize,
}

impl Log {
    fn push(&mut self, line: Line) {
        self.lines.push_back(line);
        if self.back > 0 {
            self.back += 1;
        }
        if self.lines.len() > KEPT {
            self.lines.pop_front();
        }
        self.back = self.back.min(self.lines.len());
    }
}

/// Everything the screen shows.
pub struct Story {
    pub title: String,
    pub now: Instant,
    pub clients: usize,
    pub rows: Vec<Row>,
    pub pane: Pane,
    pub shows_beacons: bool,
    /// Frames so far.
    pub count: u64,
    names: BTreeMap<DeviceId, String>,
    frames: Log,
    words: Log,
}

impl Story {
    /// An empty one.
    pub fn new(title: String) -> Self {
        Story {
            title,
            now: Instant::ZERO,
            clients: 0,
            rows: Vec::new(),
            pane: Pane::Words,
            shows_beacons: false,
            count: 0,
            names: BTreeMap::new(),
            frames: Log::default(),
            words: Log::default(),
        }
    }

    /// The devices that there are.
    pub fn devices(&mut self, devices: &[Watched]) {
        for Watched { id, device } in devices {
            self.names.insert(*id, device.name.clone());
            self.rows.push(Row {
                id: *id,
                name: device.name.clone(),
                ifname: device.ifname(),
                addr: device.addr().to_string(),
                role: match device.role {
                    Role::Supplicant(_) => "supplicant",
                    Role::Hostapd(_) => "access point",
                    Role::Scripted => "scripted",
                },
                state: None,
            });
        }
    }

    /// Asks for states and the time.
    pub fn look(&mut self, world: &mut dyn World) {
        self.now = world.now();
        self.clients = world.clients();
        for row in &mut self.rows {
            row.state = world.state(row.id);
        }
    }

    /// Something was said on a control interface.
    pub fn said(&mut self, time: Instant, speaker: Speaker<'_>, mark: char, data: &[u8]) {
        let name = self.name(speaker.device);
        let who = match speaker.socket {
            Socket::Main => name,
            Socket::Global => format!("{name}.global"),
            Socket::Interface(ifname)
                if self.rows.iter().any(|r| r.id == speaker.device && r.ifname == *ifname) =>
            {
                name
            }
            Socket::Interface(ifname) => format!("{name}.{ifname}"),
        };
        // Of several lines the first, and how many there are.
        let end = data.iter().rposition(|b| *b != b'\n').map_or(0, |i| i + 1);
        let mut lines = data.get(..end).unwrap_or_default().split(|b| *b == b'\n');
        let mut text = lines.next().map(printable).unwrap_or_default();
        match lines.count() {
            0 => {}
            more => text.push_str(&format!("  (and {more} lines)")),
        }
        self.words.push(Line { time, who, mark, text, is_beacon: false });
    }

    /// A frame was on the air.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        self.count += 1;
        let from = frame.from.map_or_else(|| "injected".to_owned(), |id| self.name(id));
        let to = match (frame.to, frame.octets.get(4..10)) {
            (Some(id), _) => self.name(id),
            (None, Some([0xff, ..])) => "all".to_owned(),
            (None, Some(addr)) => addr.iter().map(|o| format!("{o:02x}")).collect::<Vec<_>>().join(":"),
            (None, None) => String::new(),
        };
        let lost = if to == "all" || frame.acked { "" } else { "  not acknowledged" };
        let text = format!("{to:10} {}  {} octets, {} MHz{lost}", frame.kind, frame.octets.len(), frame.freq);
        let is_beacon = frame.kind == FrameKind::Beacon;
        self.frames.push(Line { time: frame.time, who: from, mark: '→', text, is_beacon });
    }

    fn name(&self, device: DeviceId) -> String {
        self.names.get(&device).cloned().unwrap_or_default()
    }

    /// The last `count` lines of a pane, as far as it is scrolled back.
    pub fn shown(&self, pane: Pane, count: usize) -> Vec<&Line> {
        let log = match pane {
            Pane::Frames => &self.frames,
            Pane::Words => &self.words,
        };
        let visible = log.lines.iter().rev().filter(|line| self.shows_beacons || !line.is_beacon);
        let mut lines: Vec<&Line> = visible.skip(log.back).take(count).collect();
        lines.reverse();
        lines
    }

    /// Whether a pane is scrolled back.
    pub fn is_back(&self, pane: Pane) -> bool {
        match pane {
            Pane::Frames => self.frames.back > 0,
            Pane::Words => self.words.back > 0,
        }
    }

    fn log(&mut self) -> &mut Log {
        match self.pane {
            Pane::Frames => &mut self.frames,
            Pane::Words => &mut self.words,
        }
    }

    /// The other pane gets the keys.
    pub fn next_pane(&mut self) {
        self.pane = if self.pane == Pane::Words { Pane::Frames } else { Pane::Words };
    }

    /// Earlier lines.
    pub fn scroll_back(&mut self, by: usize) {
        let log = self.log();
        log.back = log.back.saturating_add(by).min(log.lines.len().saturating_sub(1));
    }

    /// Later lines.
    pub fn scroll_on(&mut self, by: usize) {
        let log = self.log();
        log.back = log.back.saturating_sub(by);
    }

    /// Shows or hides beacons.
    pub fn toggle_beacons(&mut self) {
        self.shows_beacons = !self.shows_beacons;
        self.frames.back = 0;
    }

    /// Forgets what has passed.
    pub fn clear(&mut self) {
        self.frames = Log::default();
        self.words = Log::default();
    }
}
