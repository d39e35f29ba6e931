//! Targets for what comes from the air: every parser of frames, elements and key data.

use wpasim_engine::wire::crypto::{ccmp, tkip};
use wpasim_engine::wire::eapol::{EapolFrame, EapolKey, mic_is_valid};
use wpasim_engine::wire::elements::{self, Elements};
use wpasim_engine::wire::ieee80211::{self, DataFrame, MgmtFrame, amsdu};
use wpasim_engine::wire::kde::KeyData;
use wpasim_engine::wire::llc;
use wpasim_engine::wire::rsne::SecurityElement;

/// A management frame that parses is emitted as it came, and its cheap accessors agree.
pub fn mgmt_frame(data: &[u8]) {
    let _ = (ieee80211::mgmt_elements(data), ieee80211::seq(data), ieee80211::addr2(data));
    if let Ok(frame) = MgmtFrame::parse(data) {
        let again = frame.emit();
        assert_eq!(MgmtFrame::parse(&again), Ok(frame));
        assert_eq!(again.len(), data.len());
    }
}

pub fn data_frame(data: &[u8]) {
    if let Ok(frame) = DataFrame::parse(data) {
        assert_eq!(frame.emit(), data);
        let _ = (frame.source(), frame.destination(), frame.bssid(), llc::llc_decap(&frame.body));
    }
}

/// An A-MSDU that parses has the same MSDUs again, and nothing but padding besides; one that begins as an MSDU never parses.
pub fn amsdu(data: &[u8]) {
    if let Ok(subframes) = amsdu::parse(data) {
        assert!(!data.starts_with(&[0xaa, 0xaa, 3, 0, 0, 0]));
        let again = amsdu::emit(&subframes).expect("each was as long as its field says");
        assert!(again.len() <= data.len() && data.len() < again.len() + 4);
        assert_eq!(amsdu::parse(&again), Ok(subframes));
    }
}

/// Elements together are the input, up to what is cut short.
pub fn element_list(data: &[u8]) {
    let mut list = Elements::new(data);
    let mut rebuilt = Vec::new();
    for element in list.by_ref() {
        elements::push(&mut rebuilt, element.id, element.body);
    }
    rebuilt.extend_from_slice(list.remainder());
    assert_eq!(rebuilt, data);
    assert_eq!(elements::well_formed(data), list.remainder().is_empty());
    let id = data.first().copied().unwrap_or_default();
    assert_eq!(
        elements::find(data, id).map(<[u8]>::len),
        elements::find_whole(data, id).map(|e| e.len() - 2)
    );
    let _ = (elements::find_ext(data, id), elements::find_vendor(data, elements::vendor::WPS));
}

/// What an element means survives being written; unknown suites do not.
pub fn security_element(data: &[u8]) {
    if let Ok(element) = SecurityElement::parse(data) {
        if element.pairwise.is_empty() || element.akm.is_empty() || element.group.is_empty() {
            return;
        }
        if let Ok(again) = SecurityElement::parse(&element.emit()) {
            assert_eq!((again.proto, again.pairwise), (element.proto, element.pairwise));
        }
    }
}

pub fn eapol_frame(data: &[u8]) {
    let _ = (EapolFrame::parse(data), mic_is_valid(&[0; 16], 2, data));
    if let Ok(key) = EapolKey::parse(data) {
        assert_eq!(EapolKey::parse(&key.emit()), Ok(key.clone()));
        let signed = key.clone().emit_signed(&[1; 16]);
        let version = key.key_info.descriptor_version();
        assert_eq!(mic_is_valid(&[1; 16], version, &signed), (1..=3).contains(&version));
    }
}

pub fn key_data(data: &[u8]) {
    let _ = KeyData::parse(data);
}

/// A protected frame opens or is refused; a plain one is protected and opens again.
pub fn protected_frame(data: &[u8]) {
    let key = ccmp::CcmpKey::new(&[7; 16]);
    let _ = ccmp::decrypt(data, &key);
    if let Ok(protected) = ccmp::encrypt(data, &key, 1, 0) {
        assert_eq!(ccmp::decrypt(&protected, &key), Ok((data.to_vec(), 1)));
    }
    let Some(key) = tkip::TkipKey::from_slice(&[7; 32]) else { return };
    let _ = tkip::decrypt(data, &key);
    if let Ok(protected) = tkip::encrypt(data, &key, 1, 0) {
        assert_eq!(tkip::decrypt(&protected, &key), Ok((data.to_vec(), 1)));
    }
}
