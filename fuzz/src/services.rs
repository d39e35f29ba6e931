//! Targets for Wi-Fi Direct's service discovery and for the stations of a group.

use std::collections::BTreeMap;

use wpasim_engine::p2p::service::{ExternalResponse, Query, Services, events, query_number, tlv};
use wpasim_engine::p2p::{Group, GroupConfig, GroupIdentity, Persistence, WfdElements};
use wpasim_engine::wire::gas::{GasFrame, ServiceElement};
use wpasim_engine::wire::p2p::{DeviceInfo, Message};
use wpasim_engine::wire::{MacAddr, Ssid};

const PEER: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

/// What a response has at most.
const RESPONSE: usize = 10_000;

/// What is read of a frame or an element is written so that it reads back the same.
pub fn gas(data: &[u8]) {
    if let Ok(frame) = GasFrame::parse(data) {
        let octets = frame.emit();
        assert_eq!(octets.get(1..).map(GasFrame::parse), Some(Ok(frame)));
    }
    if let Some(element) = ServiceElement::parse(data) {
        let octets = element.emit();
        assert_eq!(ServiceElement::parse(&octets), Some(element));
    }
    if let Some(first) = ServiceElement::parse_first_fragment(data) {
        let octets = first.emit_first_fragment(data.len());
        assert_eq!(ServiceElement::parse_first_fragment(&octets), Some(first));
    }
}

/// Lines: arguments of commands (`+` add, `-` delete, `=` replace, `?` query, `!` external response),
/// requests (`<`) and responses (`>`) of peers, and elements of stations that associate (`@`) and leave
/// (`~`).
pub fn p2p_service(data: &[u8]) {
    let mut services = Services::default();
    let mut group = group();
    let wfd = Some(BTreeMap::from([(0, vec![0, 0, 6, 0, 0x10, 0x1c, 0x44, 0, 0x64])]));
    for line in data.split(|b| *b == b'\n') {
        let Some((kind, rest)) = line.split_first() else { continue };
        let text = core::str::from_utf8(rest).unwrap_or_default();
        match kind {
            b'+' => drop(services.add(text, 0x1188)),
            b'-' => drop(services.delete(text)),
            b'=' => drop(services.replace(text, 0x1188)),
            b'?' => query(text),
            b'!' => drop(ExternalResponse::parse(text)),
            b'<' => {
                for force_long in [false, true] {
                    let response = services.respond(rest, &wfd, force_long).unwrap_or_default();
                    assert!(response.len() <= RESPONSE);
                    assert!(tlv::Tlvs::new(&response).all(|tlv| tlv.is_some()));
                }
            }
            b'>' => drop((events::response(PEER, 0, rest), events::advertisements(PEER, rest))),
            b'@' => associate(&mut group, rest),
            b'~' => drop(group.disassociated(MacAddr([2, 0, 0, 0, 9, rest.len() as u8]))),
            _ => {}
        }
    }
}

fn query(text: &str) {
    let _ = query_number(text);
    if let Some(query) = Query::parse(text) {
        assert!(query.tlvs.len() <= text.len() + 100);
    }
}

/// What the owner says of its clients is well formed, whatever they said of themselves.
fn associate(group: &mut Group, ies: &[u8]) {
    let interface = MacAddr([2, 0, 0, 0, 9, ies.len() as u8]);
    group.associated(interface, ies);
    assert!(group.has(interface));
    let _ = (group.matches_types(ies), group.matches_device(ies), group.presence(interface));
    let own =
        Message::parse_elements(group.probe_response_elements()).expect("what the owner says is readable");
    assert!(own.has_p2p && Message::parse_elements(group.beacon_elements()).is_ok());
}

fn group() -> Group {
    let config = GroupConfig {
        interface: PEER,
        ssid: Ssid::new(b"DIRECT-fz").expect("short"),
        freq: 2412,
        max_clients: 3,
        persistence: Persistence::Reconnect,
    };
    let wfd = WfdElements {
        probe_response: wpasim_engine::wire::p2p::wfd_element(&[0, 0, 6, 0, 0x10, 0x1c, 0x44, 0, 0x64]),
        ..WfdElements::default()
    };
    let identity = GroupIdentity {
        capability: 0x27,
        intra_bss: true,
        cross_connect: false,
        info: DeviceInfo { addr: PEER, name: b"fuzz".to_vec(), ..DeviceInfo::default() },
        secondary_types: Vec::new(),
        wfd,
        vendor: Default::default(),
    };
    Group::new(config, identity)
}
