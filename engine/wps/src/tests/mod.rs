//! Runs of the registration protocol, end to end.

mod exchanges;
mod handmade;
mod hostile;
mod recorded;

use super::examples::{AP, STA, access_point, random, station};
use super::{Message, Processed, Session, SessionConfig, Wps, WpsEvent};
use wpasim_runtime::entropy::Stream;
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{DeviceData, WpsState, auth_type, encr_type};
use wpasim_wire::{MacAddr, Ssid};

const NOW: Instant = Instant::ZERO;

/// One end of a run.
struct End {
    wps: Wps,
    session: Session,
    /// The fate of the last message.
    last: Processed,
}

impl End {
    fn new(wps: Wps, config: SessionConfig) -> Self {
        End { session: Session::new(&wps, config), wps, last: Processed::Continue }
    }

    fn next(&mut self) -> Option<Message> {
        self.session.next_message(&mut self.wps, NOW)
    }

    fn give(&mut self, message: &Message) {
        self.last = self.session.process(&mut self.wps, NOW, message.op, &message.body);
    }

    fn events(&mut self) -> Vec<WpsEvent> {
        self.wps.events.drain(..).filter(|e| !is_bookkeeping(e)).collect()
    }
}

/// Returns whether an event changes beacons and pages of a registrar only, which have tests of their own.
fn is_bookkeeping(event: &WpsEvent) -> bool {
    use WpsEvent::*;
    matches!(event, ElementsChanged { .. } | SelectedRegistrar { .. } | PbcActive | PbcDisable)
}

/// Carries messages between the ends until the run is over for one of them, beginning at the enrollee;
/// every message goes through `air`, which may change it. All that were sent.
fn converse(enrollee: &mut End, registrar: &mut End, mut air: impl FnMut(&mut Message)) -> Vec<Message> {
    let mut sent = Vec::new();
    let (mut from, mut to) = (enrollee, registrar);
    while let Some(mut message) = from.next() {
        sent.push(message.clone());
        air(&mut message);
        to.give(&message);
        if to.last != Processed::Continue || sent.len() > 20 {
            break;
        }
        (from, to) = (to, from);
    }
    sent
}
