//! Targets for Wi-Fi Direct: its elements, and the device machine against a peer and a user that do
//! whatever the input wants.

use super::handshakes::Choices;
use wpasim_engine::entropy::Entropy;
use wpasim_engine::p2p::{
    Channels, ClassChannel, ConnectRequest, Device, DeviceConfig, DeviceContext, Discoverability, FindKind,
    FindRequest, FreqRanges, Host, Invitation, InvitationVerdict, InviteRequest, InviteRole, OperatingClass,
    OwnGroup, Persistence, PresenceRequest, ProbeRequest, SendResult, WpsMethod,
};
use wpasim_engine::timers::Order;
use wpasim_engine::wire::p2p::{
    ActionFrame, Attributes, DeviceInfo, Message, Writer, concatenated, element, parse_group_info, text,
};
use wpasim_engine::wire::time::{Duration, Instant};
use wpasim_engine::wire::wsc::DeviceData;
use wpasim_engine::wire::{MacAddr, Ssid};

const OWN: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const PEERS: [MacAddr; 3] =
    [MacAddr([2, 0, 0, 0, 0, 0]), MacAddr([2, 0, 0, 0, 2, 0]), MacAddr([2, 0, 0, 0, 3, 0])];

/// Enough for every path, and an end to every input.
const STEPS: usize = 200;

/// Elements carry attributes whatever their length; what is read of a device is written so that it reads
/// back the same.
pub fn p2p_elements(data: &[u8]) {
    if !data.is_empty() {
        assert_eq!(concatenated(&element(data)).as_deref(), Some(data));
    }
    let _ = (ActionFrame::parse(data), Message::parse(data), Message::parse_elements(data));
    let _ = text::attributes(data);
    if let Some(clients) = parse_group_info(data) {
        let mut out = Writer::new();
        out.group_info(&clients);
        assert_eq!(out.as_bytes().get(3..).and_then(parse_group_info), Some(clients));
    }
    if let Ok(Attributes { device_info: Some(info), .. }) = Attributes::parse(data) {
        let again = Attributes::parse(Writer::new().device_info(&info).as_bytes());
        assert_eq!(again.map(|a| a.device_info), Ok(Some(info)));
    }
}

/// An owner that answers as the input wants.
struct Owner {
    busy: bool,
    group: bool,
    verdict: InvitationVerdict,
}

impl Host for Owner {
    fn scan_busy(&self) -> bool {
        self.busy
    }
    fn listen_busy(&self) -> bool {
        self.busy
    }
    fn send_needs_channel(&self, _freq: u32) -> bool {
        !self.busy
    }
    fn go_connected(&self, device: MacAddr) -> bool {
        self.group && device == PEERS[0]
    }
    fn concurrent_session_active(&self) -> bool {
        self.group
    }
    fn in_progress(&self) -> bool {
        self.busy
    }
    fn noa(&self, _interface: MacAddr) -> Option<Vec<u8>> {
        self.group.then(|| vec![1, 0])
    }
    fn invitation(&self, _invitation: &Invitation<'_>) -> InvitationVerdict {
        self.verdict
    }
    fn groups(&self) -> Vec<OwnGroup> {
        let group =
            || OwnGroup { interface: OWN, freq: 2412, clients: PEERS[1..].into(), ..OwnGroup::default() };
        self.group.then(group).into_iter().collect()
    }
    fn discoverability_request(&self, client: MacAddr) -> Discoverability {
        match self.group && client == PEERS[1] {
            true => Discoverability::Ask { client_interface: client, group: OWN },
            false => Discoverability::NotSupported,
        }
    }
    fn presence(&self, _group: MacAddr, _client: MacAddr, _noa: &[u8]) -> u8 {
        0
    }
}

fn device() -> Device {
    let class = |class, channels: &[u8]| OperatingClass { class, channels: channels.to_vec() };
    let config = DeviceConfig {
        device: DeviceData { mac_addr: OWN, device_name: b"fuzz".to_vec(), ..DeviceData::default() },
        uuid: [7; 16],
        country: *b"XX\x04",
        listen: ClassChannel { class: 81, channel: 6 },
        listen_forced: false,
        operating: ClassChannel { class: 81, channel: 11 },
        operating_configured: false,
        channels: Channels(vec![class(81, &[1, 6, 11]), class(115, &[36, 40])]),
        client_channels: Channels(vec![class(118, &[52])]),
        preferred_channels: Vec::new(),
        no_go_freqs: FreqRanges(vec![(5180, 5200)]),
        concurrent_operations: true,
        max_peers: 5,
        intra_bss: true,
        ssid_postfix: b"-fuzz".to_vec(),
        max_listen: 0,
        passphrase_len: 8,
    };
    Device::new(config, &Entropy::new(1, "fuzz"), &Order::default())
}

/// The machine of one device and what happens to it.
pub fn p2p_device(data: &[u8]) {
    let mut run = Run { device: device(), now: Instant::from_micros(9_000_000), choices: Choices(data) };
    for _ in 0..STEPS {
        if !run.step() {
            break;
        }
        assert!(run.device.peers().len() <= 5);
        while run.device.take_action().is_some() {}
    }
}

struct Run<'a> {
    device: Device,
    now: Instant,
    choices: Choices<'a>,
}

impl Run<'_> {
    /// One thing that happens. Whether the input wants more.
    fn step(&mut self) -> bool {
        let (Some(kind), Some(how)) = (self.choices.octet(), self.choices.octet()) else { return false };
        let freq = if how & 0x40 == 0 { Some(2462) } else { None };
        let verdict = InvitationVerdict {
            status: how & 1,
            go: how & 2 != 0,
            group_bssid: Some(OWN),
            force_freq: freq.filter(|_| how & 4 != 0),
        };
        let owner = Owner { busy: kind & 0x80 != 0, group: kind & 0x40 != 0, verdict };
        let cx = DeviceContext { now: self.now, host: &owner };
        let peer = PEERS[usize::from(how) % 3];
        match kind & 0x1f {
            0..=5 => self.receive(&cx, kind & 0x1f, peer),
            6 => self.time_passes(&owner, how),
            7 => self.scanned(&cx, peer),
            8 => self.probed(&cx, peer),
            9 => self.sent(&cx, peer, how),
            10 => {
                self.device.listen_cb(&cx, if how & 1 == 0 { 2437 } else { 2412 }, Duration::from_millis(9))
            }
            11 => _ = self.device.listen_end(&cx, 2437),
            12 => self.device.scan_trigger_status(&cx, how & 1 == 0),
            13 => self.device.scan_res_handled(&cx, Duration::from_millis(i64::from(how & 1))),
            command => self.command(&cx, command, how, peer),
        }
        true
    }

    /// An action frame: with the header of one of Wi-Fi Direct, of GAS, or none.
    fn receive(&mut self, cx: &DeviceContext<'_>, kind: u8, src: MacAddr) {
        let rest = self.choices.octets();
        let body = match kind {
            0 => [&b"\x7f\x50\x6f\x9a\x09"[..], &rest].concat(),
            1 => [&b"\x04\x09\x50\x6f\x9a\x09"[..], &rest].concat(),
            2 => rest,
            _ => {
                // Attributes in a whole element after subtype and dialog token, then a WPS element.
                let attributes = self.choices.octets();
                let wps = self.choices.octets();
                let head = [&b"\x04\x09\x50\x6f\x9a\x09"[..], &rest].concat();
                [head, element(&attributes), wpasim_engine::wire::wsc::element(&wps)].concat()
            }
        };
        let dst = if kind == 0 { OWN } else { MacAddr::BROADCAST };
        self.device.rx_action(cx, dst, src, OWN, &body, 2437);
    }

    fn time_passes(&mut self, owner: &Owner, how: u8) {
        self.now += Duration::from_millis(i64::from(how) * i64::from(how));
        let cx = DeviceContext { now: self.now, host: owner };
        for _ in 0..50 {
            if !self.device.timeout(&cx) {
                break;
            }
        }
        if how == 0xff {
            self.device.expire_peers(&cx);
        }
    }

    /// A scan result: of a device, and whatever the input adds.
    fn scanned(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) {
        let info = DeviceInfo { addr, config_methods: 0x188, ..DeviceInfo::default() };
        let about = Writer::new().capability(0x27, 0).device_info(&info).element();
        let ies = [about, self.choices.octets(), element(&self.choices.octets())].concat();
        self.device.scan_res_handler(cx, addr, 2412, cx.now, -50, &ies);
    }

    fn probed(&mut self, cx: &DeviceContext<'_>, src: MacAddr) {
        let ies =
            [b"\x00\x07DIRECT-".to_vec(), element(&self.choices.octets()), self.choices.octets()].concat();
        let request = ProbeRequest { src, dst: None, bssid: None, ies: &ies, freq: 2437 };
        self.device.rx_probe_req(cx, &request);
    }

    fn sent(&mut self, cx: &DeviceContext<'_>, peer: MacAddr, how: u8) {
        let result = match how & 3 {
            0 | 1 => SendResult::Success,
            2 => SendResult::NoAck,
            _ => SendResult::Failed,
        };
        self.device.send_action_cb(cx, 2437, peer, OWN, peer, result);
    }

    fn command(&mut self, cx: &DeviceContext<'_>, command: u8, how: u8, peer: MacAddr) {
        let device = &mut self.device;
        let request = connect_request(peer, how);
        match command {
            14 => _ = device.find(cx, find_request(how)),
            15 => _ = device.listen(cx, Duration::from_millis(i64::from(how))),
            16 => _ = device.connect(cx, request),
            17 => _ = device.authorize(cx, request),
            18 => _ = device.reject(cx, peer),
            19 => _ = device.unauthorize(cx, peer),
            20 => _ = device.prov_disc_req(cx, peer, u16::from(how), how & 1 == 0, None, how & 2 == 0),
            21 => _ = device.invite(cx, invite_request(peer, how)),
            22 => {
                let ms = |n: u8| Duration::from_millis(i64::from(n) * 10);
                let _ = device.ext_listen(cx, ms(how & 7), ms(how >> 3));
            }
            23 => {
                device.presence_req(cx, PresenceRequest { first: (u32::from(how), 0), ..Default::default() })
            }
            24 => device.stop_find(cx),
            25 => device.stop_listen(cx),
            26 => device.wps_success(cx, peer),
            27 => device.group_formation_failed(cx),
            28 => device.set_peer_filter(Some(peer).filter(|_| how & 1 == 0)),
            29 => _ = device.set_listen_channel(ClassChannel { class: 81, channel: how }, how & 1 == 0),
            30 => _ = device.peer_text(cx.now, peer),
            _ => device.flush(cx),
        }
    }
}

fn find_request(how: u8) -> FindRequest {
    FindRequest {
        timeout: Some(u32::from(how)),
        kind: [FindKind::StartWithFull, FindKind::OnlySocial, FindKind::Progressive][usize::from(how) % 3],
        freq: Some(5180).filter(|_| how & 0x10 != 0),
        search_delay: Duration::from_millis(i64::from(how & 0x20)),
        ..FindRequest::default()
    }
}

fn connect_request(peer: MacAddr, how: u8) -> ConnectRequest {
    let methods = [WpsMethod::Pbc, WpsMethod::PinDisplay, WpsMethod::PinKeypad, WpsMethod::NotReady];
    ConnectRequest {
        peer,
        wps_method: methods[usize::from(how >> 4) % 4],
        go_intent: how & 0x0f,
        own_interface: OWN,
        force_freq: Some(2412).filter(|_| how & 0x40 != 0),
        pref_freq: None,
        persistence: if how & 1 == 0 { Persistence::None } else { Persistence::Reconnect },
        force_ssid: Ssid::new(*b"DIRECT-zz").ok().filter(|_| how & 2 == 0),
        pd_before_go_neg: how & 0x80 != 0,
    }
}

fn invite_request(peer: MacAddr, how: u8) -> InviteRequest {
    InviteRequest {
        peer,
        role: [InviteRole::Go, InviteRole::ActiveGo, InviteRole::Client][usize::from(how >> 2) % 3],
        bssid: Some(OWN).filter(|_| how & 0x10 != 0),
        ssid: Ssid::new(*b"DIRECT-ab").unwrap_or_default(),
        force_freq: Some(2412).filter(|_| how & 0x20 != 0),
        pref_freq: None,
        go_device: None,
        persistent: how & 0x40 != 0,
        password_id: Some(4).filter(|_| how & 0x80 != 0),
    }
}
