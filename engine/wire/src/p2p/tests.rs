//! Attributes written and read, whole, cut and made up.

use super::*;
use crate::elements::{self, Elements, eid};
use crate::mac::{MacAddr, Ssid};
use crate::wsc::DeviceType;
use proptest::prelude::*;

fn addr() -> impl Strategy<Value = MacAddr> {
    any::<[u8; 6]>().prop_map(MacAddr)
}

fn types() -> impl Strategy<Value = Vec<DeviceType>> {
    prop::collection::vec(any::<[u8; 8]>().prop_map(DeviceType), 0..6)
}

/// Names survive if nothing in them is replaced.
fn name() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(32u8.., 0..=32)
}

fn channel() -> impl Strategy<Value = ChannelAttribute> {
    any::<([u8; 3], u8, u8)>().prop_map(|(country, class, channel)| ChannelAttribute {
        country,
        class,
        channel,
    })
}

fn device_info() -> impl Strategy<Value = DeviceInfo> {
    (addr(), any::<u16>(), any::<[u8; 8]>(), types(), name()).prop_map(
        |(addr, config_methods, primary, secondary_types, name)| DeviceInfo {
            addr,
            config_methods,
            primary_type: DeviceType(primary),
            secondary_types,
            name,
        },
    )
}

fn client() -> impl Strategy<Value = ClientInfo> {
    (device_info(), addr(), any::<u8>()).prop_map(|(info, interface_addr, device_capability)| ClientInfo {
        device_addr: info.addr,
        interface_addr,
        device_capability,
        config_methods: info.config_methods,
        primary_type: info.primary_type,
        secondary_types: info.secondary_types,
        name: info.name,
    })
}

fn ssid() -> impl Strategy<Value = Ssid> {
    prop::collection::vec(any::<u8>(), 0..=32).prop_map(|s| Ssid::new(s).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        (status, reason, capability, timeout) in any::<(u8, u8, (u8, u8), (u8, u8))>(),
        (id, intended, bssid, owner) in (addr(), addr(), addr(), addr()),
        (intent, tie) in (0u8..=15, any::<bool>()),
        (listen, operating) in (channel(), channel()),
        timing: (u16, u16),
        classes in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        info in device_info(),
        clients in prop::collection::vec(client(), 0..10),
        ssid in ssid(),
        flags: u8,
    ) {
        let mut out = Writer::new();
        out.status(status)
            .minor_reason(reason)
            .capability(capability.0, capability.1)
            .device_id(id)
            .go_intent(intent, tie)
            .config_timeout(timeout.0, timeout.1)
            .listen_channel(listen)
            .group_bssid(bssid)
            .ext_listen_timing(timing.0, timing.1)
            .intended_addr(intended)
            .manageability(flags)
            .channel_list(listen.country, classes.iter().map(|(c, list)| (*c, list.as_slice())))
            .noa(reason, 0, &[NoaDescriptor { count_or_type: 1, duration: 2, interval: 3, start: 4 }])
            .device_info(&info)
            .group_info(&clients)
            .group_id(owner, &ssid)
            .interface(id, &[intended])
            .operating_channel(operating)
            .invitation_flags(flags);
        let ies = out.element();
        prop_assert!(elements::well_formed(&ies));
        let attributes = Attributes::parse(&concatenated(&ies).unwrap()).unwrap();
        prop_assert_eq!(attributes.status, Some(status));
        prop_assert_eq!(attributes.minor_reason, Some(reason));
        prop_assert_eq!(attributes.capability, Some(capability));
        prop_assert_eq!(attributes.device_id, Some(id));
        prop_assert_eq!(attributes.go_intent, Some(intent << 1 | u8::from(tie)));
        prop_assert_eq!(attributes.config_timeout, Some(timeout));
        prop_assert_eq!(attributes.listen_channel, Some(listen));
        prop_assert_eq!(attributes.operating_channel, Some(operating));
        prop_assert_eq!(attributes.group_bssid, Some(bssid));
        prop_assert_eq!(attributes.ext_listen_timing, Some(timing));
        prop_assert_eq!(attributes.intended_addr, Some(intended));
        prop_assert_eq!(attributes.manageability, Some(flags));
        prop_assert_eq!(attributes.noa, Some(vec![reason, 0, 1, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]));
        prop_assert_eq!(attributes.device_info, Some(info));
        prop_assert_eq!(parse_group_info(attributes.group_info.as_deref().unwrap()), Some(clients));
        prop_assert_eq!(attributes.group_id, Some((owner, ssid)));
        prop_assert_eq!(attributes.invitation_flags, Some(flags));
        let list = attributes.channel_list.unwrap();
        let expected = classes.iter().flat_map(|(c, l)| [&[*c, l.len() as u8], &l[..]].concat());
        prop_assert_eq!(list, listen.country.into_iter().chain(expected).collect::<Vec<_>>());
    }

    #[test]
    fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Attributes::parse(&octets), parse_group_info(&octets), text::attributes(&octets));
        let _ = (Message::parse(&octets), Message::parse_elements(&octets), ActionFrame::parse(&octets));
    }

    #[test]
    fn attributes_cut_anywhere_are_refused(info in device_info(), cut in 0usize..200) {
        let mut out = Writer::new();
        out.device_info(&info);
        let whole = out.as_bytes();
        let cut = cut % whole.len();
        prop_assert_eq!(Attributes::parse(&whole[..cut]).is_ok(), cut == 0);
    }

    #[test]
    fn action_frames_are_recognized(subtype: u8, token: u8, rest in prop::collection::vec(any::<u8>(), 0..20)) {
        for (kind, header) in [
            (ActionKind::Public, public_action(subtype, token)),
            (ActionKind::Action, action(subtype, token)),
        ] {
            let body = [&header[..], &rest].concat();
            let content = [&[token], &rest[..]].concat();
            prop_assert_eq!(ActionFrame::parse(&body), Some(ActionFrame { kind, subtype, content: &content }));
            prop_assert_eq!(ActionFrame::parse(&header[..header.len() - 2]), None);
        }
    }
}

#[test]
fn long_contents_are_fragmented_and_joined() {
    let mut out = Writer::new();
    out.attribute(attr::GROUP_INFO, &[7; 600]);
    let ies = out.element();
    let lengths: Vec<_> = Elements::new(&ies).map(|e| e.body.len()).collect();
    assert_eq!(lengths, [255, 255, 603 - 502 + 4]);
    assert_eq!(concatenated(&ies).as_deref(), Some(out.as_bytes()));
    // A stranger's element between fragments does not matter.
    let mut mixed = ies[..257].to_vec();
    elements::push(&mut mixed, eid::VENDOR_SPECIFIC, b"\x00\x50\xf2\x02\x01");
    mixed.extend_from_slice(&ies[257..]);
    assert_eq!(concatenated(&mixed).as_deref(), Some(out.as_bytes()));
    assert_eq!(concatenated(b"\x00\x00"), None);
}

#[test]
fn attributes_of_wrong_length_make_the_element_unreadable() {
    for (kind, shortest) in [
        (0u8, 1usize),
        (2, 2),
        (3, 6),
        (4, 1),
        (5, 2),
        (7, 6),
        (8, 4),
        (9, 6),
        (11, 3),
        (12, 2),
        (15, 6),
        (18, 1),
    ] {
        for len in 0..shortest + 3 {
            let mut out = Writer::new();
            out.attribute(kind, &vec![1; len]);
            assert_eq!(
                Attributes::parse(out.as_bytes()).is_ok(),
                len >= shortest,
                "attribute {kind} of {len}"
            );
        }
    }
    let too_long = |kind| Attributes::parse(Writer::new().attribute(kind, &[0; 39]).as_bytes());
    assert_eq!(too_long(attr::GROUP_ID), Err(P2pError::Length { kind: attr::GROUP_ID, len: 39 }));
    // A null channel says nothing; a short one is wrong.
    let channel = |len: usize| Attributes::parse(Writer::new().attribute(6, &vec![1; len]).as_bytes());
    assert_eq!(channel(0).map(|a| a.listen_channel), Ok(None));
    assert!(channel(4).is_err() && channel(5).is_ok());
}

#[test]
fn names_are_made_fit_to_be_shown() {
    assert_eq!(filtered_name(b"a\tb\x1fc"), b"a_b_c");
    assert_eq!(filtered_name(b"ab\0cd"), b"ab");
    assert_eq!(filtered_name(&[b'x'; 40]).len(), 32);
}

#[test]
fn a_wps_name_stands_in_for_the_device_info() {
    let mut wps = crate::wsc::Writer::new();
    wps.version().attribute(crate::wsc::attr::DEV_NAME, b"by WPS");
    let mut ies = crate::wsc::element(wps.as_bytes());
    ies.extend(wfd_element(&[0, 0, 6, 1, 2, 3, 4, 5, 6]));
    let msg = Message::parse_elements(&ies).unwrap();
    assert_eq!((msg.device_name.as_slice(), msg.has_p2p), (&b"by WPS"[..], false));
    assert_eq!(msg.wfd_subelements.as_deref(), Some(&[0, 0, 6, 1, 2, 3, 4, 5, 6][..]));
    let info = DeviceInfo { name: b"by P2P".to_vec(), ..DeviceInfo::default() };
    ies.extend(Writer::new().device_info(&info).element());
    assert_eq!(Message::parse_elements(&ies).unwrap().device_name, b"by P2P");
    assert_eq!(Message::parse(&[]), Err(MessageError::NoDialogToken));
}

#[test]
fn too_many_clients_are_none() {
    let clients = vec![ClientInfo::default(); MAX_CLIENTS];
    let mut out = Writer::new();
    out.group_info(&clients[1..]);
    let parsed = |out: &Writer| parse_group_info(&out.as_bytes()[3..]).map(|c| c.len());
    assert_eq!(parsed(&out), Some(49));
    let mut out = Writer::new();
    out.group_info(&clients);
    assert_eq!(parsed(&out), None);
}

#[test]
fn the_text_is_that_of_scan_results() {
    let info = DeviceInfo {
        addr: MacAddr([2, 0, 0, 0, 1, 0]),
        config_methods: 0x188,
        primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
        name: b"Device B".to_vec(),
        ..DeviceInfo::default()
    };
    let client = ClientInfo {
        device_addr: MacAddr([2; 6]),
        interface_addr: MacAddr([4; 6]),
        device_capability: 0x25,
        config_methods: 0x188,
        primary_type: info.primary_type,
        secondary_types: vec![info.primary_type],
        name: b"C\n".to_vec(),
    };
    let mut out = Writer::new();
    out.capability(0x25, 0x2b).device_info(&info).group_info(&[client]);
    let expected = "p2p_dev_capab=0x25\np2p_group_capab=0x2b\np2p_primary_device_type=1-0050F204-1\n\
        p2p_device_name=Device B\np2p_device_addr=02:00:00:00:01:00\np2p_config_methods=0x188\n\
        p2p_group_client: dev=02:02:02:02:02:02 iface=04:04:04:04:04:04 dev_capab=0x25 config_methods=0x188 \
        dev_type=1-0050F204-1 dev_type=1-0050F204-1 dev_name='C_'\n";
    assert_eq!(text::attributes(out.as_bytes()).as_deref(), Some(expected));
}
