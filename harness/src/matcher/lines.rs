//! The sequences that are compared, as lines, with what a recording leaves open already taken out.

use wpasim_wire::time::{Duration, Instant};

use super::mask::{MaskedLine, mask, mask_reply, mask_within};
use crate::transcript::{Entry, Mark, shown};

/// A line of a sequence.
pub struct Line {
    /// The text that must be equal.
    pub key: String,
    pub masked: MaskedLine,
    device: String,
    symbol: char,
    pub time: Instant,
    /// The entry it belongs to.
    pub entry: usize,
    /// The number of the line in its entry, from 0.
    pub line: usize,
    /// An event after the last command.
    pub optional: bool,
}

impl Line {
    /// `sta ! TEXT`.
    pub fn labelled(&self, text: &str) -> String {
        shown(&self.device, self.symbol, text)
    }
}

fn push_lines(out: &mut Vec<Line>, entries: &[Entry], index: usize, optional: bool) {
    let Some(entry) = entries.get(index) else { return };
    let asked = asked(entries, index);
    for (i, text) in entry.lines.iter().enumerate() {
        let symbol = if i == 0 { entry.mark.symbol() } else { ' ' };
        let masked = match asked {
            Some(command) => mask_reply(command, text, &entry.lines),
            None => mask_within(entry.mark, text, &entry.lines),
        };
        out.push(Line {
            key: format!("{} {symbol} {}", entry.device, masked.key),
            masked,
            device: entry.device.clone(),
            symbol: entry.mark.symbol(),
            time: entry.time,
            entry: index,
            line: i,
            optional,
        });
    }
}

/// The command that an entry of one short line replies to.
fn asked(entries: &[Entry], index: usize) -> Option<&str> {
    let reply = entries.get(index).filter(|entry| entry.mark == Mark::Reply && entry.lines.len() == 1)?;
    let before = entries.get(..index)?.iter().rev();
    let command =
        before.filter(|entry| entry.device == reply.device).find(|entry| entry.mark == Mark::Command)?;
    command.lines.first().map(String::as_str)
}

/// Everything, in order.
pub fn exact_lines(entries: &[Entry]) -> Vec<Line> {
    let mut out = Vec::new();
    for index in 0..entries.len() {
        push_lines(&mut out, entries, index, false);
    }
    out
}

/// A device's commands, replies and files.
pub fn said(entries: &[Entry], device: &str) -> Vec<Line> {
    let mut out = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let compared = match entry.mark {
            Mark::Command | Mark::Reply => true,
            Mark::Note => {
                const TELLING: [&str; 3] = ["file:", "frame:", "refused:"];
                entry.lines.first().is_some_and(|l| TELLING.iter().any(|word| l.starts_with(word)))
            }
            Mark::Event => false,
        };
        if compared && entry.device == device {
            push_lines(&mut out, entries, index, false);
        }
    }
    out
}

/// A recorder opened the connection to a group's interface (`a.p2p-wlan0-0`) for its first command there: what the
/// interface said earlier it did not hear.
pub fn unheard_before(entries: &[Entry], device: &str) -> usize {
    let is_group = device.split_once('.').is_some_and(|(_, interface)| interface != "global");
    let first = |e: &Entry| e.mark == Mark::Command && e.device == device;
    match is_group {
        true => entries.iter().position(first).unwrap_or(0),
        false => 0,
    }
}

/// The last command of a recording: what was to come after it may not have been waited for.
pub fn last_command(entries: &[Entry]) -> Option<usize> {
    entries.iter().rposition(|e| e.mark == Mark::Command)
}

/// From where on in a run the recorder may not have listened any more: it read the monitor between
/// commands only, so events of the commands after the last event it read are not known.
pub fn unheard_after(reference: &[Entry], run: &[Entry]) -> Option<usize> {
    let is_command = |e: &&Entry| e.mark == Mark::Command;
    let all = reference.iter().filter(is_command).count();
    let last_event = reference.iter().rposition(|e| e.mark == Mark::Event).unwrap_or(0);
    let heard = reference[..last_event].iter().filter(is_command).count();
    let first_unheard = heard.min(all.saturating_sub(1));
    run.iter().enumerate().filter(|(_, e)| e.mark == Mark::Command).nth(first_unheard).map(|(index, _)| index)
}

/// A monitor's events, those after `optional_after` marked: several equal REGDOM-CHANGE in a row are
/// one, while P2P or a WPS scan is active scans do not count, and what follows the association event
/// stands before the first EAPOL frame's consequences, although a kernel may deliver that frame first.
pub fn events(entries: &[Entry], device: &str, optional_after: Option<usize>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut searching = Searching::No;
    let mut ended: Option<Instant> = None;
    for (index, entry) in entries.iter().enumerate() {
        if entry.device != device {
            continue;
        }
        let text = entry.lines.first().map(String::as_str).unwrap_or_default();
        match entry.mark {
            Mark::Command => {
                let was_finding = searching == Searching::Find;
                searching = searching_after_command(text, searching);
                if was_finding && searching == Searching::No {
                    ended = Some(entry.time);
                }
            }
            Mark::Event => {
                let name = event_name(text);
                let before = searching;
                let was_searching = before != Searching::No;
                searching = searching_after_event(name, searching);
                let scan = matches!(
                    text.trim_end(),
                    "<3>CTRL-EVENT-SCAN-STARTED" | "<3>CTRL-EVENT-SCAN-RESULTS" | SCAN_REFUSED
                );
                let at_its_end = (name == "CTRL-EVENT-SCAN-STARTED" || text == SCAN_REFUSED)
                    && ended.is_some_and(|end| entry.time - end < REPORTED_WITHIN);
                if scan && (was_searching || at_its_end) {
                    continue;
                }
                if before == Searching::Find && searching == Searching::No {
                    ended = Some(entry.time);
                }
                let again = out.last().is_some_and(|before| before.masked.key == mask(entry.mark, text).key);
                if name == "CTRL-EVENT-REGDOM-CHANGE" && again {
                    continue;
                }
                let eapol_first = match name {
                    "CTRL-EVENT-SUBNET-STATUS-UPDATE" => out
                        .iter()
                        .rev()
                        .take_while(|l| event_name(&l.masked.key).starts_with("CTRL-EVENT-EAP-"))
                        .count(),
                    _ => 0,
                };
                push_lines(&mut out, entries, index, optional_after.is_none_or(|last| index > last));
                if eapol_first > 0 {
                    let from = out.len() - 1 - eapol_first;
                    out[from..].rotate_right(1);
                }
            }
            _ => {}
        }
    }
    out
}

/// While one of these is under way, its scans do not count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Searching {
    No,
    /// Devices are looked for, or listened to.
    Find,
    /// A group is negotiated or joined, or an enrolment sought.
    Connect,
}

/// The time within which the kernel's word of a search's last scan is there, although the search was over meanwhile.
const REPORTED_WITHIN: Duration = Duration::from_millis(50);

/// The line of 2.10 for a search that wants to scan while its last scan goes on.
const SCAN_REFUSED: &str = "<3>P2P: Reject scan trigger since one is already pending";

fn searching_after_command(command: &str, searching: Searching) -> Searching {
    let verb = command.split(' ').next().unwrap_or_default();
    match verb {
        "P2P_FIND" | "P2P_LISTEN" | "P2P_SERV_DISC_REQ" if searching == Searching::No => Searching::Find,
        "P2P_CONNECT" | "P2P_PROV_DISC" | "P2P_INVITE" | "WPS_PBC" | "WPS_PIN" | "WPS_REG" => {
            Searching::Connect
        }
        "P2P_STOP_FIND" if searching == Searching::Find => Searching::No,
        "P2P_CANCEL" | "P2P_FLUSH" | "WPS_CANCEL" => Searching::No,
        _ => searching,
    }
}

fn searching_after_event(name: &str, searching: Searching) -> Searching {
    match name {
        "P2P-FIND-STOPPED" if searching == Searching::Find => Searching::No,
        "P2P-INVITATION-ACCEPTED" => Searching::Connect,
        "P2P-GROUP-STARTED" | "P2P-GROUP-FORMATION-FAILURE" | "P2P-GO-NEG-FAILURE" => Searching::No,
        "WPS-FAIL" | "WPS-TIMEOUT" => Searching::No,
        "WPS-SUCCESS" if searching == Searching::Connect => Searching::No,
        _ => searching,
    }
}

/// Whether an event tells that the regulatory domain was restored because all interfaces are idle.
pub fn restores_regulatory(line: &Line) -> bool {
    line.masked.key.contains("CTRL-EVENT-REGDOM-CHANGE init=CORE")
}

/// The event's first word without its priority.
fn event_name(text: &str) -> &str {
    let text = match text.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((_, rest)) => rest,
        None => text,
    };
    text.split(' ').next().unwrap_or_default()
}
