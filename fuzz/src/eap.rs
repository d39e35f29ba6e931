//! Targets for EAP: packets, and both ends of a conversation with another side that says what the input
//! says.

use wpasim_engine::eap::MethodContext;
use wpasim_engine::eap::peer::PeerConfig;
use wpasim_engine::eap::server::{ServerConfig, ServerPeer};
use wpasim_engine::eapol::authenticator::{self, Authenticator, AuthenticatorConfig};
use wpasim_engine::eapol::supplicant::{self, PortConfig, Supplicant};
use wpasim_engine::entropy::Entropy;
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::eap::{EapPacket, EapType, WSC_ENROLLEE, WSC_REGISTRAR, code, message};
use wpasim_engine::wire::eapol::{EapolFrame, packet_type};
use wpasim_engine::wire::time::{Duration, Instant};
use wpasim_engine::wire::wsc::DeviceData;
use wpasim_engine::wps::Wps;

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const PIN: &[u8] = b"12345670";

/// What is read is written the same, but for padding.
pub fn eap_packet(data: &[u8]) {
    let Ok(packet) = EapPacket::parse(data) else { return };
    let written = packet.emit();
    assert!(data.starts_with(&written));
    assert_eq!(EapPacket::parse(&written), Ok(packet));
    if let Ok((method, rest)) = packet.method() {
        let again = message(packet.code, packet.identifier, method, rest);
        assert_eq!(EapPacket::parse(&again).map(|p| p.method()), Ok(Ok((method, rest))));
    }
}

/// One thing that the other side does.
enum Deed<'a> {
    /// An EAPOL frame as it stands.
    Frame(&'a [u8]),
    /// A packet of WSC that answers what was said last, or asks something new.
    Wsc(&'a [u8]),
    /// Another packet: type and data.
    Packet(&'a [u8]),
    Silence(Duration),
    Link(bool),
}

/// Records of (kind, length of two octets, octets).
fn deeds(data: &[u8]) -> Vec<Deed<'_>> {
    let mut rest = data;
    let mut all = Vec::new();
    while let [kind, high, low, tail @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        let (octets, after) = tail.split_at(len);
        rest = after;
        all.push(match kind % 5 {
            0 => Deed::Frame(octets),
            1 => Deed::Wsc(octets),
            2 => Deed::Packet(octets),
            3 => Deed::Silence(Duration::from_millis(i64::from(*low) * 500)),
            _ => Deed::Link(*low & 1 == 1),
        });
    }
    all
}

fn eapol(packet: &[u8]) -> Vec<u8> {
    EapolFrame { version: 2, packet_type: packet_type::EAP_PACKET, body: packet }.emit()
}

/// A packet of the kind that a deed asks for.
fn packet(code: u8, id: u8, deed: &Deed<'_>) -> Option<Vec<u8>> {
    match deed {
        Deed::Wsc(data) => Some(message(code, id, EapType::WSC, data)),
        Deed::Packet([octet, data @ ..]) => {
            Some(message(code, id, EapType { vendor: 0, method: u32::from(*octet) }, data))
        }
        Deed::Frame(_) | Deed::Packet(_) | Deed::Silence(_) | Deed::Link(_) => None,
    }
}

fn wps(ap: bool) -> Wps {
    let addr = if ap { AP } else { STA };
    let device = DeviceData { mac_addr: addr, ..DeviceData::default() };
    Wps::new(ap, [u8::from(ap); 16], device, Entropy::new(1, "fuzz").stream("wps"))
}

/// The first octet says which role a station has whose access point is the input.
pub fn eap_peer(data: &[u8]) {
    let Some((role, data)) = data.split_first() else { return };
    let (identity, phase1): (&[u8], &[u8]) = match role % 3 {
        0 => (WSC_ENROLLEE, b"pbc=1"),
        1 => (WSC_ENROLLEE, b"pin=12345670 dev_pw_id=0"),
        _ => (WSC_REGISTRAR, b"pin=12345670"),
    };
    let config = PeerConfig {
        identity: Some(identity.to_vec()),
        methods: Some(vec![EapType::WSC]),
        phase1: Some(phase1.to_vec()),
        fragment_size: usize::from(*role) / 3 * 16,
        ..PeerConfig::default()
    };
    let mut wps = wps(false);
    let mut now = Instant::ZERO;
    let mut machine = Supplicant::new(&mut MethodContext::with_wps(now, &mut wps));
    machine.notify_config(
        Some(config),
        Some(PortConfig { workaround: true, wps: true, ..PortConfig::default() }),
    );
    machine.notify_port_enabled(&mut MethodContext::with_wps(now, &mut wps), true);
    let mut id = 0u8;
    for deed in deeds(data) {
        let mut cx = MethodContext::with_wps(now, &mut wps);
        match &deed {
            Deed::Frame(frame) => _ = machine.rx(&mut cx, AP, frame),
            Deed::Silence(time) => {
                now += *time;
                machine.timeout(&mut MethodContext::with_wps(now, &mut wps));
            }
            Deed::Link(up) => machine.notify_port_enabled(&mut cx, *up),
            Deed::Wsc(_) | Deed::Packet(_) => {
                id = id.wrapping_add(1);
                if let Some(packet) = packet(code::REQUEST, id, &deed) {
                    machine.rx(&mut cx, AP, &eapol(&packet));
                }
            }
        }
        while let Some(action) = machine.take_action() {
            // Nobody is authenticated by an enrolment.
            assert!(!matches!(action, supplicant::Action::Authorized(true)));
        }
    }
}

/// An access point whose station is the input; the first octet says which passwords it knows.
pub fn eap_server(data: &[u8]) {
    let Some((secrets, data)) = data.split_first() else { return };
    let mut wps = wps(true);
    let mut now = Instant::ZERO;
    if secrets & 1 != 0 {
        wps.add_pin(now, None, None, PIN, None);
    }
    if secrets & 2 != 0 {
        let _ = wps.button_pushed(now, None);
    }
    let server =
        ServerConfig { wps: true, fragment_size: usize::from(secrets / 4) * 16, ..ServerConfig::default() };
    let config = AuthenticatorConfig { server, ..AuthenticatorConfig::default() };
    let peer = ServerPeer { addr: STA, assoc_wps: None, assoc_p2p: None };
    let random = Entropy::new(1, "fuzz").stream("eap");
    let mut machine = Authenticator::new(&mut MethodContext::with_wps(now, &mut wps), config, peer, random);
    machine.start(&mut MethodContext { now, wps: Some(&mut wps), ap_pin: Some(PIN) }, false);
    let mut id = 0;
    for deed in deeds(data) {
        while let Some(action) = machine.take_action() {
            match action {
                authenticator::Action::Send(frame) => {
                    let frame = EapolFrame::parse(&frame).expect("it is a frame");
                    id = EapPacket::parse(frame.body).expect("it is a packet").identifier;
                }
                // Nobody is authenticated by an enrolment.
                authenticator::Action::Authorized(open) => assert!(!open),
                _ => {}
            }
        }
        if let Deed::Silence(time) = deed {
            now += time;
        }
        let mut cx = MethodContext { now, wps: Some(&mut wps), ap_pin: Some(PIN) };
        match &deed {
            Deed::Frame(frame) => _ = machine.rx(&mut cx, frame),
            Deed::Silence(_) => machine.timeout(&mut cx),
            Deed::Link(up) => machine.notify_port_enabled(&mut cx, *up),
            Deed::Wsc(_) | Deed::Packet(_) => {
                if let Some(packet) = packet(code::RESPONSE, id, &deed) {
                    machine.rx(&mut cx, &eapol(&packet));
                }
            }
        }
    }
    machine.close(&mut MethodContext { now, wps: Some(&mut wps), ap_pin: Some(PIN) });
}
