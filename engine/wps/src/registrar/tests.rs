//! The registrar held against the beacons of recorded sessions, and against what 2.10 does with PINs
//! and buttons.

use super::*;
use crate::WpsEvent;
use proptest::prelude::*;
use wpasim_runtime::entropy::Entropy;
use wpasim_runtime::psk::Psk;
use wpasim_wire::wsc::{DeviceData, DeviceType, RequestType, WpsState, element, probe_request};

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const UUID: Uuid = [7; 16];
const OTHER: Uuid = [8; 16];
const T0: Instant = Instant::ZERO;

fn at(seconds: i64) -> Instant {
    T0 + Duration::from_secs(seconds)
}

fn registrar() -> Wps {
    let device = DeviceData {
        mac_addr: AP,
        device_name: b"Very friendly name".to_vec(),
        manufacturer: b"Company".to_vec(),
        model_name: b"WAP".to_vec(),
        model_number: b"123".to_vec(),
        serial_number: b"12345".to_vec(),
        primary_type: DeviceType([0, 6, 0, 0x50, 0xf2, 4, 0, 1]),
        config_methods: 0x6788,
        ..DeviceData::default()
    };
    let uuid = wpasim_wire::crypto::uuid_from_mac(AP);
    let mut wps = Wps::new(true, uuid, device, Entropy::new(1, "ap").stream("wps"));
    wps.state = WpsState::Configured;
    wps
}

/// The names of the events, and beacons in hexadecimal.
fn said(wps: &mut Wps) -> Vec<String> {
    wps.events
        .drain(..)
        .filter_map(|event| match event {
            WpsEvent::ElementsChanged { beacon, .. } => {
                Some(element(&beacon).iter().map(|b| format!("{b:02x}")).collect())
            }
            WpsEvent::SelectedRegistrar { .. } => None,
            WpsEvent::EnrolleeSeen { dev_password_id, .. } => Some(format!("seen {dev_password_id}")),
            other => Some(format!("{other:?}")),
        })
        .collect()
}

const QUIET: &str = "dd180050f204104a00011010440001021049000600372a000120";
const PIN_OFFERED: &str = "dd310050f204104a0001101044000102104100010110120002000010530002610810\
     49000e00372a0001200106ffffffffffff";
const STILL_AUTHORIZED: &str = "dd200050f204104a00011010440001021049000e00372a0001200106ffffffffffff";
const PUSH_BUTTON: &str = "dd310050f204104a0001101044000102104100010110120002000410530002678810\
     49000e00372a0001200106ffffffffffff";

/// WPS_PIN, WPS_CANCEL, WPS_PBC and WPS_CANCEL of the recorded session `wps_ap_events`.
#[test]
fn beacons_of_the_recorded_session() {
    let mut wps = registrar();
    wps.update_elements();
    assert_eq!(said(&mut wps), [QUIET]);
    wps.add_pin(T0, None, None, b"12345670", None);
    assert_eq!(said(&mut wps), [PIN_OFFERED]);
    assert!(wps.wps_cancel());
    assert_eq!(said(&mut wps), [STILL_AUTHORIZED, QUIET]);
    wps.button_pushed(T0, None).unwrap();
    assert_eq!(said(&mut wps), [PUSH_BUTTON, "PbcActive"]);
    assert!(wps.wps_cancel());
    assert_eq!(said(&mut wps), ["PbcTimeout", QUIET]);
    assert!(!wps.wps_cancel());
}

#[test]
fn the_recorded_probe_response() {
    let recorded = "dd7b0050f204104a0001101044000102103b00010310470010572cf82fc95756539b16b5cfb298abf110210007\
                    436f6d70616e791023000357415010240003313233104200053132333435105400080006\
                    0050f2040001101100125665727920667269656e646c79206e616d651008000261081049000600372a000120";
    let element = element(&registrar().probe_response_attributes());
    assert_eq!(element.iter().map(|b| format!("{b:02x}")).collect::<String>(), recorded);
}

#[test]
fn a_supplicants_beacon_names_the_device() {
    let mut wps = registrar();
    wps.registrar.names_device_in_beacons = true;
    wps.registrar.application_extension = Some(vec![1, 2]);
    wps.registrar.dual_band = true;
    wps.device.rf_bands = 3;
    wps.ap_setup_locked = 1;
    wps.button_pushed(T0, None).unwrap();
    let beacon = wps.beacon_attributes();
    let parsed = wpasim_wire::wsc::Attributes::parse(&beacon).unwrap();
    assert_eq!((parsed.ap_setup_locked, parsed.rf_bands), (Some(1), Some(3)));
    assert_eq!(parsed.dev_name, Some(&b"Very friendly name"[..]));
    assert_eq!(parsed.uuid_e, Some(&wps.uuid));
    assert!(beacon.windows(6).any(|w| w == [0x10, 0x58, 0, 2, 1, 2]));
    wps.ap_setup_locked = 2;
    let beacon = wps.beacon_attributes();
    assert_eq!(wpasim_wire::wsc::Attributes::parse(&beacon).unwrap().ap_setup_locked, None);
}

#[test]
fn a_pin_is_offered_for_the_walk_time() {
    let mut wps = registrar();
    wps.add_pin(T0, Some(STA), None, b"12345670", None);
    assert_eq!(wps.authorized_macs(), [STA]);
    assert_eq!(wps.next_timeout(), Some(at(120)));
    said(&mut wps);
    wps.timeout(at(120));
    assert_eq!(wps.next_timeout(), None);
    // 2.10 leaves the PIN and its address; only the offer ends.
    assert_eq!(wps.authorized_macs(), [STA]);
    assert_eq!(wps.pin_for(at(121), &UUID).as_deref(), Some(&b"12345670"[..]));
}

#[test]
fn a_pin_for_anyone_is_good_for_two_attempts() {
    let mut wps = registrar();
    wps.add_pin(T0, None, None, b"1234", None);
    assert!(wps.pin_for(T0, &UUID).is_some());
    assert!(wps.pin_for(T0, &OTHER).is_none(), "in use");
    // The UUID moved on to the one that asked last.
    assert!(wps.unlock_pin(&OTHER));
    assert!(wps.pin_for(T0, &OTHER).is_some());
    assert!(wps.unlock_pin(&OTHER), "and forgotten");
    assert!(wps.pin_for(T0, &OTHER).is_none());
    assert!(wps.authorized_macs().is_empty());
}

#[test]
fn a_pin_of_ones_own_comes_before_one_for_anyone() {
    let mut wps = registrar();
    wps.add_pin(T0, None, Some(&UUID), b"12345670", None);
    wps.add_pin(T0, None, None, b"00000000", None);
    assert_eq!(wps.pin_for(T0, &UUID).as_deref(), Some(&b"12345670"[..]));
    assert_eq!(wps.pin_for(T0, &OTHER).as_deref(), Some(&b"00000000"[..]));
    assert!(wps.unlock_pin(&UUID) && wps.pin_for(T0, &UUID).is_some(), "as often as it is asked for");
    assert!(wps.invalidate_pin(&UUID) && !wps.invalidate_pin(&UUID));
}

#[test]
fn a_new_pin_for_anyone_replaces_one_that_nobody_used() {
    let mut wps = registrar();
    wps.add_pin(T0, None, None, b"11111111", None);
    wps.add_pin(T0, None, None, b"22222222", None);
    assert_eq!(wps.pin_for(T0, &UUID).as_deref(), Some(&b"22222222"[..]));
    assert!(wps.unlock_pin(&UUID));
    // Used once, it stays beside the next; the newest is found first.
    wps.add_pin(T0, None, None, b"33333333", None);
    assert_eq!(wps.pin_for(T0, &OTHER).as_deref(), Some(&b"33333333"[..]));
    assert_eq!(wps.registrar.pins.len(), 2);
}

#[test]
fn pins_do_not_print() {
    let mut wps = registrar();
    wps.add_pin(T0, None, None, b"12345670", None);
    wps.registrar.file_psks.by_addr.insert(STA, Psk::Key([0xab; 32]));
    let printed = format!("{:?}", wps.registrar);
    assert!(printed.contains("locked: false") && !printed.contains("171"), "{printed}");
    assert!(!printed.contains("49, 50") && !printed.contains("1234"), "{printed}");
}

#[test]
fn pins_expire() {
    let mut wps = registrar();
    wps.add_pin(T0, None, Some(&UUID), b"12345670", Some(Duration::from_secs(10)));
    assert!(wps.pin_for(at(10), &UUID).is_some());
    wps.unlock_pin(&UUID);
    assert!(wps.pin_for(at(11), &UUID).is_none());
    assert!(wps.authorized_macs().is_empty());
}

#[test]
fn a_wrong_pin_elsewhere_leaves_this_one() {
    let mut wps = registrar();
    wps.add_pin(T0, None, None, b"12345670", None);
    wps.registrar_complete(T0, &UUID, b"76543210");
    assert_eq!(wps.registrar.pins.len(), 1);
    wps.registrar_complete(T0, &UUID, b"12345670");
    assert!(wps.registrar.pins.is_empty());
    assert_eq!(wps.next_timeout(), None);
}

fn pbc_probe(wps: &mut Wps, now: Instant, addr: MacAddr, uuid: &Uuid) -> Vec<String> {
    let device = DeviceData { config_methods: 0x2388, ..DeviceData::default() };
    let ies = probe_request(4, &device, uuid, RequestType::Enrollee, &[]);
    let attributes = wpasim_wire::wsc::concatenated(&ies).unwrap();
    wps.probe_request_received(now, addr, &attributes, false);
    said(wps)
}

#[test]
fn two_enrollees_in_push_button_mode_overlap() {
    let mut wps = registrar();
    assert_eq!(pbc_probe(&mut wps, T0, STA, &UUID), ["seen 4"]);
    // The same enrollee on another radio is no other enrollee.
    assert_eq!(pbc_probe(&mut wps, T0, AP, &UUID), ["seen 4"]);
    assert_eq!(pbc_probe(&mut wps, at(1), STA, &OTHER), ["seen 4", "PbcOverlap"]);
    assert!(wps.registrar.force_pbc_overlap);
    assert_eq!(wps.button_pushed(at(2), None), Err(Overlap));
    assert_eq!(said(&mut wps), ["PbcOverlap"]);
    assert!(!wps.pbc_active());
    // One that is chosen is served all the same.
    assert_eq!(wps.button_pushed(at(2), Some(STA)), Ok(()));
    assert!(wps.pbc_is_for_only(Some(STA)) && !wps.pbc_is_for(Some(AP)) && !wps.pbc_is_for(None));
    wps.wps_cancel();
    // The first was last heard more than the walk time ago.
    assert_eq!(wps.button_pushed(at(121), None), Ok(()));
    assert!(!wps.registrar.force_pbc_overlap);
    assert!(wps.pbc_overlap(at(121), Some(&UUID)), "with the one still in the mode");
    assert!(!wps.pbc_overlap(at(122), Some(&UUID)));
}

#[test]
fn an_enrollee_just_served_is_not_in_push_button_mode() {
    let mut wps = registrar();
    wps.button_pushed(T0, None).unwrap();
    pbc_probe(&mut wps, at(1), STA, &UUID);
    wps.remove_pbc_session(&UUID, None);
    wps.pbc_completed(at(2), &UUID);
    assert_eq!(said(&mut wps).last().map(String::as_str), Some("PbcDisable"));
    pbc_probe(&mut wps, at(3), STA, &UUID);
    assert!(wps.registrar.pbc_sessions.is_empty());
    pbc_probe(&mut wps, at(7), STA, &UUID);
    assert_eq!(wps.registrar.pbc_sessions.len(), 1);
}

#[test]
fn push_button_mode_ends_after_the_walk_time() {
    let mut wps = registrar();
    wps.add_pin(T0, None, None, b"12345670", None);
    wps.button_pushed(at(60), None).unwrap();
    assert_eq!(wps.next_timeout(), Some(at(180)), "the PIN's time does not count any more");
    said(&mut wps);
    wps.timeout(at(180));
    assert_eq!(said(&mut wps), ["PbcTimeout", QUIET]);
}

#[test]
fn probe_requests_that_say_too_little_do_nothing() {
    let mut wps = registrar();
    for attributes in
        [&b""[..], &[0x10, 0x08, 0, 2, 0x23, 0x88], &[0x10, 0x12, 0, 2, 0, 4], &[0x10, 0x12, 0, 9, 4]]
    {
        wps.probe_request_received(T0, STA, attributes, false);
    }
    // Methods and password identifier, but no UUID.
    wps.probe_request_received(T0, STA, &[0x10, 0x08, 0, 2, 0x23, 0x88, 0x10, 0x12, 0, 2, 0, 4], false);
    assert!(wps.events.is_empty() && wps.registrar.pbc_sessions.is_empty());
}

#[test]
fn registered_devices_are_told_of() {
    let mut wps = registrar();
    let device = DeviceData {
        mac_addr: STA,
        device_name: b"Wireless Client".to_vec(),
        primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
        ..DeviceData::default()
    };
    wps.store_device(&device, &UUID);
    assert_eq!(
        wps.device_info(STA),
        "wpsUuid=07070707-0707-0707-0707-070707070707\nwpsPrimaryDeviceType=1-0050F204-1\n\
         wpsDeviceName=Wireless Client\nwpsManufacturer=\nwpsModelName=\nwpsModelNumber=\nwpsSerialNumber=\n"
    );
    assert!(wps.device_info(AP).is_empty());
    wps.registrar_flush();
    assert!(wps.device_info(STA).is_empty());
}

proptest! {
    /// Whatever is asked for in whatever order, what the registrar keeps is bounded, its elements can
    /// be read, and after the walk time nothing is offered.
    #[test]
    fn any_order_of_commands(
        steps in prop::collection::vec((0u8..10, 0u8..4, 0i64..40), 0..60),
        noise in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut wps = registrar();
        let mut now = T0;
        for (what, who, wait) in steps {
            let (addr, uuid) = (MacAddr([2, 0, 0, 0, 0, who]), [who; 16]);
            match what {
                0 => wps.add_pin(now, Some(addr), Some(&uuid), b"12345670", None),
                1 => wps.add_pin(now, None, None, b"1234", Some(Duration::from_secs(wait))),
                2 => { let _ = wps.button_pushed(now, None); }
                3 => { pbc_probe(&mut wps, now, addr, &uuid); }
                4 => { wps.pin_for(now, &uuid); }
                5 => { wps.unlock_pin(&uuid); }
                6 => wps.registrar_complete(now, &uuid, b"1234"),
                7 => { wps.wps_cancel(); }
                8 => wps.probe_request_received(now, addr, &noise, who == 0),
                _ => { let _ = wps.button_pushed(now, Some(addr)); }
            }
            now += Duration::from_secs(wait);
            wps.timeout(now);
            prop_assert!(wps.authorized_macs().len() <= MAX_AUTHORIZED_MACS);
            prop_assert!(wps.registrar.pbc_sessions.len() <= 64);
            prop_assert!(wpasim_wire::wsc::Attributes::parse(&wps.beacon_attributes()).is_ok());
            prop_assert!(!wps.pbc_active() || wps.next_timeout().is_some());
        }
        wps.timeout(now + WALK_TIME);
        prop_assert!(!wps.registrar.selected && !wps.pbc_active());
    }
}
