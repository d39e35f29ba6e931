use super::*;
use crate::elements::{Elements, well_formed};
use crate::mac::{MacAddr, Ssid};
use proptest::prelude::*;

fn wireless_client() -> DeviceData {
    DeviceData {
        mac_addr: MacAddr([2, 0, 0, 0, 0, 0]),
        device_name: b"Wireless Client".to_vec(),
        manufacturer: b"Company".to_vec(),
        model_name: b"cmodel".to_vec(),
        model_number: b"123".to_vec(),
        serial_number: b"12345".to_vec(),
        primary_type: parse_device_type("1-0050F204-1").unwrap(),
        rf_bands: 3,
        config_methods: 0x2388,
        ..DeviceData::default()
    }
}

const UUID: Uuid = *b"\x36\x2d\xb4\x7b\xa5\x3a\x51\x91\x88\xfb\x54\x58\xb9\x86\xb2\xe4";

/// Of wpa_supplicant 2.10's debug log, with the button pressed.
#[test]
fn a_probe_request_is_that_of_wpa_supplicant() {
    let recorded =
        b"\xdd\x87\x00\x50\xf2\x04\x10\x4a\x00\x01\x10\x10\x3a\x00\x01\x01\x10\x08\x00\x02\x23\x88\
        \x10\x47\x00\x10\x36\x2d\xb4\x7b\xa5\x3a\x51\x91\x88\xfb\x54\x58\xb9\x86\xb2\xe4\x10\x54\x00\x08\x00\
        \x01\x00\x50\xf2\x04\x00\x01\x10\x3c\x00\x01\x03\x10\x02\x00\x02\x00\x00\x10\x09\x00\x02\x00\x00\x10\
        \x12\x00\x02\x00\x04\x10\x21\x00\x07Company\x10\x23\x00\x06cmodel\x10\x24\x00\x03123\x10\x11\x00\x0f\
        Wireless Client\x10\x49\x00\x09\x00\x37\x2a\x00\x01\x20\x03\x01\x01";
    let made = probe_request(password_id::PUSHBUTTON, &wireless_client(), &UUID, RequestType::Enrollee, &[]);
    assert_eq!(made, recorded);
    let attributes = concatenated(&made).unwrap();
    let read = Attributes::parse(&attributes).unwrap();
    assert_eq!((read.request_to_enroll, read.version2, read.uuid_e), (Some(1), Some(0x20), Some(&UUID)));
}

#[test]
fn association_elements_are_those_of_2_10() {
    assert_eq!(
        assoc_request(RequestType::Enrollee),
        b"\xdd\x18\0\x50\xf2\x04\x10\x4a\0\x01\x10\x10\x3a\0\x01\x01\x10\x49\0\x06\0\x37\x2a\0\x01\x20"
    );
    assert_eq!(
        assoc_response(),
        b"\xdd\x18\0\x50\xf2\x04\x10\x4a\0\x01\x10\x10\x3b\0\x01\x03\x10\x49\0\x06\0\x37\x2a\0\x01\x20"
    );
}

#[test]
fn a_device_may_want_certain_types_and_be_of_several() {
    let camera = parse_device_type("4-0050F204-1").unwrap();
    let device = DeviceData { secondary_types: vec![camera; 7], ..wireless_client() };
    let made = probe_request(0, &device, &UUID, RequestType::EnrolleeInfo, &[camera, camera]);
    let attributes = concatenated(&made).unwrap();
    let read = Attributes::parse(&attributes).unwrap();
    assert_eq!(read.requested_types, [camera, camera]);
    assert_eq!(read.sec_dev_type_list.map(<[u8]>::len), Some(40));
    assert_eq!(read.request_to_enroll, None);
}

fn written(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut out = Writer::new();
    out.attribute(kind, value);
    out.into_bytes()
}

#[test]
fn fixed_lengths_are_checked() {
    for kind in [attr::VERSION, attr::CONFIG_METHODS, attr::OS_VERSION, attr::MAC_ADDR, attr::R_HASH1] {
        let len = [1usize, 2, 4, 6, 32][match kind {
            attr::VERSION => 0,
            attr::CONFIG_METHODS => 1,
            attr::OS_VERSION => 2,
            attr::MAC_ADDR => 3,
            _ => 4,
        }];
        assert!(Attributes::parse(&written(kind, &vec![1; len])).is_ok());
        for wrong in [len - 1, len + 1] {
            let message = written(kind, &vec![1; wrong]);
            assert_eq!(Attributes::parse(&message), Err(WscError::Length { kind, len: wrong }));
        }
    }
    for (kind, wrong) in [(attr::SECONDARY_DEV_TYPE_LIST, 136), (attr::SECONDARY_DEV_TYPE_LIST, 9)] {
        assert!(Attributes::parse(&written(kind, &vec![0; wrong])).is_err());
    }
}

#[test]
fn texts_are_cut_and_what_is_too_long_is_ignored() {
    let long = [b'x'; 80];
    let mut out = Writer::new();
    out.attribute(attr::MANUFACTURER, &long).attribute(attr::MODEL_NAME, &long);
    out.attribute(attr::DEV_NAME, b"first").attribute(attr::DEV_NAME, &long);
    out.attribute(attr::SSID, &long).attribute(attr::PUBLIC_KEY, &[1; 193]).attribute(0x1fff, b"?");
    let read = Attributes::parse(out.as_bytes()).unwrap();
    assert_eq!(read.manufacturer.map(<[u8]>::len), Some(64));
    assert_eq!(read.model_name.map(<[u8]>::len), Some(32));
    assert_eq!((read.dev_name, read.ssid, read.public_key), (Some(&b"first"[..]), None, None));
}

#[test]
fn too_many_of_a_kind() {
    let mut out = Writer::new();
    for _ in 0..12 {
        out.attribute(attr::CREDENTIAL, b"").attribute(attr::REQUESTED_DEV_TYPE, &[0; 8]);
    }
    let read = Attributes::parse(out.as_bytes()).unwrap();
    assert_eq!((read.credentials.len(), read.requested_types.len()), (10, 10));
    let many = written(attr::VENDOR_EXTENSION, b"\0\0\x01?").repeat(11);
    assert_eq!(Attributes::parse(&many), Err(WscError::TooManyVendorExtensions));
    assert_eq!(Attributes::parse(&many[8..]).unwrap().vendor_extensions.len(), 10);
    assert!(Attributes::parse(&written(attr::VENDOR_EXTENSION, &[1; 1025])).is_err());
}

#[test]
fn errors_of_deployed_devices_are_skipped() {
    // An octet after the Network Key that its length does not count.
    let mut out = written(attr::NETWORK_KEY, b"12345678");
    out.push(0xff);
    out.extend(written(attr::NETWORK_KEY_INDEX, &[1]));
    let read = Attributes::parse(&out).unwrap();
    assert_eq!((read.network_key, read.network_key_idx), (Some(&b"12345678"[..]), Some(1)));
    // Padding with zeros.
    let mut padded = written(attr::VERSION, &[0x10]);
    padded.extend([0; 9]);
    assert!(Attributes::parse(&padded).is_ok());
    padded.push(1);
    assert!(Attributes::parse(&padded).is_err());
    assert_eq!(Attributes::parse(b"\x10"), Err(WscError::Header(1)));
    let overflow = WscError::Overflow { kind: attr::VERSION, len: 2 };
    assert_eq!(Attributes::parse(b"\x10\x4a\0\x02\x10"), Err(overflow));
}

#[test]
fn subelements_of_the_wfa() {
    let macs = [MacAddr::BROADCAST, MacAddr([2, 0, 0, 0, 0, 1])];
    let mut out = Writer::new();
    out.wfa_extension(WfaExtension { request_to_enroll: true, authorized_macs: &macs, multi_ap: 0x80 });
    let read = Attributes::parse(out.as_bytes()).unwrap();
    assert_eq!(read.authorized().collect::<Vec<_>>(), macs);
    assert_eq!((read.request_to_enroll, read.multi_ap), (Some(1), Some(0x80)));
    // One that is cut short ends the list; unknown ones and short extensions are nothing.
    for harmless in [&b"\0\x37\x2a\0\x01\x20\x63\x01x\x03\x09"[..], b"\0\x37"] {
        assert!(Attributes::parse(&written(attr::VENDOR_EXTENSION, harmless)).is_ok());
    }
    let wrong = written(attr::VENDOR_EXTENSION, b"\0\x37\x2a\0\x02\x20\x20");
    assert_eq!(Attributes::parse(&wrong), Err(WscError::SubelementLength { id: 0, len: 2 }));
    let settings = b"\0\x37\x2a\x04\x01\x0a\x05\x02\x20\x08\x02\x01\x01";
    let message = written(attr::VENDOR_EXTENSION, settings);
    let read = Attributes::parse(&message).unwrap();
    assert_eq!((read.settings_delay_time, read.network_key_shareable), (Some(10), Some(1)));
    assert_eq!(read.registrar_configuration_methods, Some(0x2008));
}

#[test]
fn out_of_band_passwords_have_a_hash_and_a_password() {
    let parse = |len: usize, id: u16| {
        let mut value = vec![1; len];
        value.iter_mut().skip(20).zip(id.to_be_bytes()).for_each(|(to, from)| *to = from);
        Attributes::parse(&written(attr::OOB_DEVICE_PASSWORD, &value)).is_ok()
    };
    assert!(parse(38, 0x10) && parse(54, 0x10) && parse(22, password_id::NFC_CONNECTION_HANDOVER));
    assert!(!parse(37, 0x10) && !parse(55, 0x10) && !parse(21, password_id::NFC_CONNECTION_HANDOVER));
}

#[test]
fn elements_are_joined_and_split() {
    assert_eq!(concatenated(b"\x00\x02ap\xdd\x05\x00\x50\xf2\x01x"), None);
    assert_eq!(concatenated(b"\xdd\x04\x00\x50\xf2\x04"), Some(Vec::new()));
    let whole = element(&[7; 600]);
    assert!(well_formed(&whole));
    assert_eq!(Elements::new(&whole).map(|e| e.body.len()).collect::<Vec<_>>(), [255, 255, 102]);
    assert_eq!(concatenated(&whole), Some(vec![7; 600]));
}

#[test]
fn credentials_of_deployed_registrars() {
    let good = Credential {
        ssid: Ssid::new(*b"net").unwrap(),
        auth_type: auth_type::WPA2_PSK,
        encr_type: encr_type::AES,
        key: b"password".to_vec(),
        mac_addr: MacAddr([2; 6]),
        ..Credential::default()
    };
    assert_eq!(Credential::parse(&good.emit()).as_ref(), Ok(&good));
    let parse = |change: &dyn Fn(&mut Credential)| {
        let mut credential = good.clone();
        change(&mut credential);
        Credential::parse(&credential.emit())
    };
    let padded = parse(&|c| c.ssid = Ssid::new([b"net".as_slice(), &[0; 29]].concat()).unwrap());
    assert_eq!(padded.as_ref(), Ok(&good));
    assert_eq!(parse(&|c| c.key = b"passphrase\0".to_vec()).unwrap().key, b"passphrase");
    for unusable in [&b"passwor"[..], b"passwor\0", b"pass\x1fword", b"pass\x7fword", &[b'x'; 65]] {
        let refused = parse(&|c| c.key = unusable.to_vec());
        assert_eq!(refused, Err(CredentialError::Passphrase), "{unusable:?}");
    }
    // Other types of security take any key.
    assert_eq!(parse(&|c| (c.auth_type, c.key) = (auth_type::OPEN, b"\x01".to_vec())).unwrap().key, b"\x01");
    assert!(!format!("{good:?}").contains("password"));
}

#[test]
fn credentials_may_lack_the_key_of_an_open_network_only() {
    let value = |auth: u16, leave_out: u16| {
        let mut out = Writer::new();
        out.u8(attr::NETWORK_INDEX, 1).attribute(attr::SSID, b"net").u16(attr::AUTH_TYPE, auth);
        out.u16(attr::ENCR_TYPE, encr_type::NONE).attribute(attr::MAC_ADDR, &[2; 6]);
        let mut kept = Writer::new();
        let mut rest = out.as_bytes();
        while let [k0, k1, _, len, tail @ ..] = rest {
            let (value, tail) = tail.split_at(usize::from(*len));
            let kind = u16::from_be_bytes([*k0, *k1]);
            if kind != leave_out {
                kept.attribute(kind, value);
            }
            rest = tail;
        }
        kept.into_bytes()
    };
    assert!(Credential::parse(&value(auth_type::OPEN, 0)).is_ok());
    let no_key = CredentialError::Missing(attr::NETWORK_KEY);
    assert_eq!(Credential::parse(&value(auth_type::SHARED, 0)), Err(no_key));
    for kind in [attr::NETWORK_INDEX, attr::SSID, attr::AUTH_TYPE, attr::ENCR_TYPE, attr::MAC_ADDR] {
        let refused = Credential::parse(&value(auth_type::OPEN, kind));
        assert_eq!(refused, Err(CredentialError::Missing(kind)));
    }
}

#[test]
fn device_types_are_read_as_2_10_reads_them() {
    assert_eq!(parse_device_type("1-0050F204-1").unwrap().to_string(), "1-0050F204-1");
    assert_eq!(parse_device_type("65535-ffffffff-65535").unwrap().to_string(), "65535-FFFFFFFF-65535");
    assert_eq!(parse_device_type("x-0050F204zz-").unwrap().to_string(), "0-0050F204-0");
    assert_eq!(parse_device_type(" -1-0050F204-+7x").map(|_| ()), None);
    assert_eq!(parse_device_type("+3-0050F204- 7x").unwrap().to_string(), "3-0050F204-7");
    for not_a_type in ["", "1", "1-0050F20", "1-0050F204", "1-0050F20g-1", "1-+050F204-1", "1-0050F2ö-1"] {
        assert_eq!(parse_device_type(not_a_type), None, "{not_a_type}");
    }
}

#[test]
fn methods_are_words() {
    use text::{config_methods, default_config_methods};
    assert_eq!(config_methods("label virtual_display push_button"), 0x4 | 0x2008 | 0x80);
    assert_eq!(config_methods("physical_push_button keypad"), 0x0480 | 0x0100);
    assert_eq!(config_methods("nothing known"), 0);
    assert_eq!((default_config_methods(true), default_config_methods(false)), (0x3148, 0x2148));
}

#[test]
fn an_access_point_is_described() {
    let mut out = Writer::new();
    out.version().u8(attr::WPS_STATE, WpsState::Configured as u8).u8(attr::AP_SETUP_LOCKED, 1);
    out.u8(attr::SELECTED_REGISTRAR, 1).u16(attr::DEV_PASSWORD_ID, 4);
    out.u16(attr::SELECTED_REGISTRAR_CONFIG_METHODS, 0x6788).primary_type(&wireless_client());
    out.attribute(attr::DEV_NAME, b"a\x01b\0\xff").u16(attr::CONFIG_METHODS, 0x6108);
    let text = text::attributes_text(out.as_bytes()).unwrap();
    let expected = b"wps_state=configured\nwps_ap_setup_locked=1\nwps_selected_registrar=1\n\
        wps_device_password_id=4\nwps_selected_registrar_config_methods=0x6788\n\
        wps_primary_device_type=1-0050F204-1\nwps_device_name=a_b_\xff\nwps_config_methods=0x6108\n";
    assert_eq!(text, expected);
    assert_eq!(text::attributes_text(&written(attr::WPS_STATE, &[1])).unwrap(), b"wps_state=unconfigured\n");
    let nothing = [written(attr::WPS_STATE, &[3]), written(attr::SELECTED_REGISTRAR, &[0])].concat();
    assert_eq!(text::attributes_text(&nothing), Some(Vec::new()));
    assert_eq!(text::attributes_text(b"\x10"), None);
}

fn credential() -> impl Strategy<Value = Credential> {
    let key = prop::collection::vec(0x20u8..0x7f, 8..=64);
    let ssid = prop::collection::vec(1u8.., 0..=32);
    (ssid, 0u16..64, any::<u16>(), key, any::<[u8; 6]>()).prop_map(
        |(ssid, auth_type, encr_type, key, mac)| {
            let ssid = Ssid::new(ssid).unwrap();
            let mac_addr = MacAddr(mac);
            Credential { ssid, auth_type, encr_type, key, mac_addr, ..Credential::default() }
        },
    )
}

proptest! {
    #[test]
    fn credentials_read_back(credential in credential()) {
        prop_assert_eq!(Credential::parse(&credential.emit()), Ok(credential));
    }

    #[test]
    fn attributes_read_back(
        nonce: [u8; 16], hash: [u8; 32], id: u16, os: u32, state: u8,
        name in prop::collection::vec(any::<u8>(), 0..=32),
        settings in prop::collection::vec(any::<u8>(), 0..300),
        credentials in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..10),
        unknown in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut out = Writer::message(MessageType::M4);
        out.attribute(attr::ENROLLEE_NONCE, &nonce).attribute(attr::R_HASH1, &hash);
        out.u16(attr::DEV_PASSWORD_ID, id).u32(attr::OS_VERSION, os).u8(attr::WPS_STATE, state);
        out.attribute(0x1001, &id.to_be_bytes()).attribute(0x10fa, &unknown);
        out.attribute(attr::DEV_NAME, &name).attribute(attr::ENCR_SETTINGS, &settings);
        for credential in &credentials {
            out.attribute(attr::CREDENTIAL, credential);
        }
        out.version2();
        let read = Attributes::parse(out.as_bytes()).unwrap();
        let expected = Attributes {
            version: Some(0x10),
            msg_type: Some(MessageType::M4 as u8),
            enrollee_nonce: Some(&nonce),
            r_hash1: Some(&hash),
            dev_password_id: Some(id),
            os_version: Some(os),
            wps_state: Some(state),
            ap_channel: Some(id),
            dev_name: Some(&name),
            encr_settings: Some(&settings),
            credentials: credentials.iter().map(Vec::as_slice).collect(),
            version2: Some(VERSION_2_0),
            ..Attributes::default()
        };
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn any_octets_are_attributes_or_not(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(read) = Attributes::parse(&octets) {
            let _ = (Credential::from_settings(&read), read.authorized().count());
            prop_assert!(text::attributes_text(&octets).is_some());
        }
        let _ = (Credential::parse(&octets), concatenated(&octets));
    }

    #[test]
    fn elements_carry_any_attributes(octets in prop::collection::vec(any::<u8>(), 1..900)) {
        prop_assert_eq!(concatenated(&element(&octets)), Some(octets));
    }

    #[test]
    fn any_text_is_a_device_type_or_not(text in ".{0,24}", kind: [u8; 8]) {
        let _ = (parse_device_type(&text), text::config_methods(&text));
        prop_assert_eq!(parse_device_type(&DeviceType(kind).to_string()), Some(DeviceType(kind)));
    }
}
