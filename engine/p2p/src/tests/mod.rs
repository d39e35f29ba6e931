//! The device machine against recorded frames, against itself over an air, and against the hostile.

mod air;
mod exchanges;
mod hostile;
mod recorded;
mod services;

use super::*;
use core::cell::{Cell, RefCell};
use wpasim_runtime::entropy::Entropy;
use wpasim_runtime::timers::Order;
use wpasim_wire::wsc::{DeviceData, parse_device_type};

/// An owner whose answers are set.
#[derive(Default)]
struct Desk {
    scan_busy: Cell<bool>,
    listen_busy: Cell<bool>,
    /// Channels in MHz that the radio has.
    has_channel: RefCell<Vec<u32>>,
    groups: RefCell<Vec<OwnGroup>>,
    verdict: Cell<InvitationVerdict>,
    connected_to: Cell<Option<MacAddr>>,
    noa: RefCell<Option<Vec<u8>>>,
    discoverable: RefCell<Option<MacAddr>>,
}

impl Host for Desk {
    fn scan_busy(&self) -> bool {
        self.scan_busy.get()
    }
    fn listen_busy(&self) -> bool {
        self.listen_busy.get()
    }
    fn send_needs_channel(&self, freq: u32) -> bool {
        !self.has_channel.borrow().contains(&freq)
    }
    fn go_connected(&self, device: MacAddr) -> bool {
        self.connected_to.get() == Some(device)
    }
    fn concurrent_session_active(&self) -> bool {
        false
    }
    fn in_progress(&self) -> bool {
        false
    }
    fn noa(&self, _interface: MacAddr) -> Option<Vec<u8>> {
        self.noa.borrow().clone()
    }
    fn invitation(&self, _invitation: &Invitation<'_>) -> InvitationVerdict {
        self.verdict.get()
    }
    fn groups(&self) -> Vec<OwnGroup> {
        self.groups.borrow().clone()
    }
    fn discoverability_request(&self, client: MacAddr) -> Discoverability {
        match (*self.discoverable.borrow(), self.groups.borrow().first()) {
            (Some(interface), Some(group)) if group.clients.contains(&client) => {
                Discoverability::Ask { client_interface: interface, group: group.interface }
            }
            _ => Discoverability::Unknown,
        }
    }
    fn presence(&self, _group: MacAddr, _client: MacAddr, _noa: &[u8]) -> u8 {
        0
    }
}

fn class_81() -> Channels {
    Channels(vec![OperatingClass { class: 81, channels: (1..=11).collect() }])
}

fn addr(last: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, last, 0])
}

/// A device as the recordings have them: 2.4 GHz, listening on `listen`, preferring channel 1.
fn config(addr: MacAddr, name: &str, uuid: [u8; 16], listen: u8) -> DeviceConfig {
    let device = DeviceData {
        mac_addr: addr,
        device_name: name.into(),
        primary_type: parse_device_type("1-0050F204-1").unwrap(),
        config_methods: 0x2388,
        ..DeviceData::default()
    };
    DeviceConfig {
        device,
        uuid,
        country: *b"XX\x04",
        listen: ClassChannel { class: 81, channel: listen },
        listen_forced: false,
        operating: ClassChannel { class: 81, channel: 1 },
        operating_configured: false,
        channels: class_81(),
        client_channels: Channels::default(),
        preferred_channels: Vec::new(),
        no_go_freqs: FreqRanges::default(),
        concurrent_operations: true,
        max_peers: 100,
        intra_bss: true,
        ssid_postfix: Vec::new(),
        max_listen: 0,
        passphrase_len: 8,
    }
}

fn device(last: u8, listen: u8, seed: u64) -> Device {
    let name = format!("Device {last}");
    Device::new(config(addr(last), &name, [last; 16], listen), &Entropy::new(seed, &name), &Order::default())
}

fn connect_request(peer: MacAddr, own: MacAddr, go_intent: u8) -> ConnectRequest {
    ConnectRequest {
        peer,
        wps_method: WpsMethod::Pbc,
        go_intent,
        own_interface: own,
        force_freq: None,
        pref_freq: None,
        persistence: Persistence::None,
        force_ssid: None,
        pd_before_go_neg: false,
    }
}

fn taken(device: &mut Device) -> Vec<Action> {
    core::iter::from_fn(|| device.take_action()).collect()
}
