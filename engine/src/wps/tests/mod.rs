//! Runs of the registration protocol, end to end.

mod handmade;
mod hostile;
mod ladders;
mod recorded;

use super::{Message, Processed, Session, SessionConfig, Wps, WpsEvent};
use crate::entropy::{Entropy, Stream};
use crate::wire::time::Instant;
use crate::wire::wsc::{DeviceData, DeviceType, WpsState, auth_type, encr_type};
use crate::wire::{MacAddr, Ssid};

pub(crate) const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
pub(crate) const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const NOW: Instant = Instant::ZERO;

fn device(mac_addr: MacAddr, name: &str, methods: u16) -> DeviceData {
    DeviceData {
        mac_addr,
        device_name: name.into(),
        manufacturer: b"Company".to_vec(),
        model_name: b"cmodel".to_vec(),
        model_number: b"123".to_vec(),
        serial_number: b"12345".to_vec(),
        primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
        rf_bands: 3,
        config_methods: methods,
        ..DeviceData::default()
    }
}

fn random(node: &str) -> Stream {
    Entropy::new(1, node).stream("wps")
}

pub(crate) fn station() -> Wps {
    let mut wps = Wps::new(false, [0x36; 16], device(STA, "Wireless Client", 0x2388), random("sta"));
    wps.rf_band = 1;
    wps
}

/// A configured WPA2-PSK network.
pub(crate) fn access_point() -> Wps {
    let mut wps = Wps::new(true, [0x57; 16], device(AP, "Very friendly name", 0x6108), random("ap"));
    wps.rf_band = 1;
    wps.state = WpsState::Configured;
    wps.ssid = Ssid::new(*b"wps-ap").unwrap();
    wps.auth_types = auth_type::WPA2_PSK;
    wps.encr_types = encr_type::AES;
    wps.encr_types_rsn = encr_type::AES;
    wps.ap_auth_type = auth_type::WPA2_PSK;
    wps.ap_encr_type = encr_type::AES;
    wps.network_key = Some(b"secret passphrase".to_vec());
    wps.psk = Some([0x14; 32]);
    wps
}

/// One end of a run.
struct End {
    wps: Wps,
    session: Session,
    /// What became of the last message.
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

/// What changes beacons and pages of a registrar, which has tests of its own.
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
