//! The frames that mac80211 writes itself, octet for octet as the recordings have them.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{HtOverrides, ScanRequest};
use wpasim_wire::elements::{Elements, eid, find, find_vendor, push};
use wpasim_wire::ieee80211::{DataFrame, MgmtBody, MgmtFrame, capability, fc};

use crate::medium::airtime;

/// In units of 500 kbit/s, in the order of hwsim's rate table.
const RATES_2_4_GHZ: [u8; 12] = [2, 4, 11, 22, 12, 18, 24, 36, 48, 72, 96, 108];

/// The OFDM rates among them: all of 5 GHz, and what P2P uses.
const RATES_OFDM: [u8; 8] = [12, 18, 24, 36, 48, 72, 96, 108];

/// hwsim's HT capabilities.
const HT_CAPABILITIES: [u8; 26] =
    [0x7e, 0x10, 0x1b, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// hwsim's HE and EHT capabilities of a station at 2.4 GHz, as whole elements.
const HE_EHT_CAPABILITIES: [u8; 44] = [
    0xff, 0x16, 0x23, 0x01, 0x78, 0xc8, 0x1a, 0x40, 0x00, 0x00, 0xbf, 0xce, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xfa, 0xff, 0xfa, 0xff, 0xff, 0x12, 0x6c, 0x07, 0x00, 0x7c, 0x00, 0x00, 0xfe, 0xff,
    0xff, 0x7f, 0x01, 0x00, 0x88, 0x88, 0x88, 0x88, 0x00, 0x00,
];

/// WMM information of a station: version 1, no U-APSD.
const WMM_INFORMATION: [u8; 7] = [0x00, 0x50, 0xf2, 0x02, 0x00, 0x01, 0x00];

/// Vendor element type of WMM.
const WMM: u32 = 0x0050_f202;

/// The least and the greatest power that hwsim's radios send with, in dBm.
const POWER_CAPABILITY: [u8; 2] = [0, 20];

/// A station's listen interval, in beacon intervals.
const LISTEN_INTERVAL: u16 = 5;

/// Elements that stand before HT Capabilities in requests (IEEE 802.11-2020 §9.3.3.5, §9.3.3.9).
const BEFORE_HT: [u8; 14] = [
    eid::SSID,
    eid::SUPP_RATES,
    eid::EXT_SUPP_RATES,
    33, // Power Capability
    36, // Supported Channels
    eid::RSN,
    46, // QoS Capability
    70, // RM Enabled Capabilities
    eid::MOBILITY_DOMAIN,
    55, // Fast BSS Transition
    57, // RIC Data
    75, // RIC Descriptor
    59, // Supported Operating Classes
    10, // Request
];

/// Elements that stand before HE Capabilities in probe requests beside those before HT.
const BEFORE_HE: [u8; 4] = [72, 127, 107, 191];

/// The rates of a band, without basic-rate bits.
fn rates(freq: u32, no_cck: bool) -> &'static [u8] {
    if freq < 3000 && !no_cck { &RATES_2_4_GHZ } else { &RATES_OFDM }
}

/// Supported Rates and, beyond eight, Extended Supported Rates.
fn push_rates(out: &mut Vec<u8>, rates: &[u8]) {
    let (first, rest) = rates.split_at(rates.len().min(8));
    push(out, eid::SUPP_RATES, first);
    if !rest.is_empty() {
        push(out, eid::EXT_SUPP_RATES, rest);
    }
}

/// Splits elements behind the leading run of those in `leading`.
fn split_leading(ies: &[u8], leading: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let mut rest = ies;
    while let [id, len, tail @ ..] = rest {
        match tail.get(usize::from(*len)..) {
            Some(next) if leading(*id) => rest = next,
            _ => break,
        }
    }
    ies.split_at(ies.len() - rest.len())
}

/// A probe request for one SSID.
pub(crate) fn probe_request(
    from: MacAddr,
    request: &ScanRequest,
    ssid: &[u8],
    freq: u32,
    number: u8,
    he: bool,
) -> Vec<u8> {
    let to = request.bssid.unwrap_or(MacAddr::BROADCAST);
    let mut ies = Vec::with_capacity(256);
    push(&mut ies, eid::SSID, ssid);
    push_rates(&mut ies, rates(freq, request.no_cck));
    if freq < 3000 {
        push(&mut ies, eid::DS_PARAMS, &[number]);
    }
    let (before_ht, rest) = split_leading(&request.ies, |id| BEFORE_HT.contains(&id));
    ies.extend_from_slice(before_ht);
    push(&mut ies, eid::HT_CAP, &HT_CAPABILITIES);
    let (before_he, rest) = split_leading(rest, |id| BEFORE_HT.contains(&id) || BEFORE_HE.contains(&id));
    ies.extend_from_slice(before_he);
    if he {
        ies.extend_from_slice(&HE_EHT_CAPABILITIES);
    }
    ies.extend_from_slice(rest);
    MgmtFrame::new(to, from, to, MgmtBody::ProbeRequest { ies }).emit()
}

/// The access point that a station associates with, as far as the station knows it.
pub(crate) struct Target<'a> {
    pub bssid: MacAddr,
    pub freq: u32,
    pub ssid: &'a [u8],
    pub capability: u16,
    /// The elements of its probe response or beacon.
    pub ies: &'a [u8],
}

/// A (re)association request.
pub(crate) struct AssocRequest {
    pub frame: Vec<u8>,
    /// The elements behind the fixed fields.
    pub ies: Vec<u8>,
    /// QoS data frames will be used.
    pub wmm: bool,
}

/// Composes a (re)association request from what user space wants and what the AP can do.
pub(crate) fn association_request(
    from: MacAddr,
    ap: &Target<'_>,
    (user, overrides): (&[u8], &HtOverrides),
    prev: Option<MacAddr>,
) -> AssocRequest {
    let low_band = ap.freq < 3000;
    let mut bits = capability::ESS;
    if low_band {
        bits |= capability::SHORT_PREAMBLE | capability::SHORT_SLOT_TIME;
    }
    bits |= ap.capability & capability::PRIVACY;
    // User space asks for radio measurement (NL80211_ATTR_USE_RRM) where it sends the element.
    let measures = find(user, eid::RRM_ENABLED_CAPABILITIES).is_some();
    if measures {
        bits |= capability::RADIO_MEASUREMENT;
    }
    let wmm = find_vendor(ap.ies, WMM).is_some();
    let ht = wmm && find(ap.ies, eid::HT_OPERATION).is_some() && !is_tkip_only(user) && !overrides.disabled;
    let mut ies = Vec::with_capacity(192);
    push(&mut ies, eid::SSID, ap.ssid);
    push_rates(&mut ies, &common_rates(ap.ies, ap.freq));
    if measures {
        push(&mut ies, eid::PWR_CAPABILITY, &POWER_CAPABILITY);
    }
    let (before_ht, rest) = split_leading(user, |id| BEFORE_HT.contains(&id));
    ies.extend_from_slice(before_ht);
    if ht {
        push(&mut ies, eid::HT_CAP, &overrides.apply(&HT_CAPABILITIES));
    }
    let (before_vendor, rest) = split_leading(rest, |id| id != eid::VENDOR_SPECIFIC);
    ies.extend_from_slice(before_vendor);
    if wmm {
        push(&mut ies, eid::VENDOR_SPECIFIC, &WMM_INFORMATION);
    }
    ies.extend_from_slice(rest);
    let body = match prev {
        None => {
            MgmtBody::AssocRequest { capability: bits, listen_interval: LISTEN_INTERVAL, ies: ies.clone() }
        }
        Some(current_ap) => MgmtBody::ReassocRequest {
            capability: bits,
            listen_interval: LISTEN_INTERVAL,
            current_ap,
            ies: ies.clone(),
        },
    };
    let frame = MgmtFrame::new(ap.bssid, from, ap.bssid, body).emit();
    AssocRequest { frame, ies, wmm }
}

/// HT is not for TKIP (IEEE 802.11-2020 §12.9.3.1): whether user space asks for TKIP as the pairwise cipher.
fn is_tkip_only(user: &[u8]) -> bool {
    const TKIP: [u8; 4] = [0, 0x0f, 0xac, 2];
    const WPA_TKIP: [u8; 4] = [0, 0x50, 0xf2, 2];
    let rsn = find(user, eid::RSN).and_then(|b| b.get(8..12));
    let wpa = find_vendor(user, 0x0050_f201).and_then(|b| b.get(14..18));
    rsn == Some(&TKIP[..]) || wpa == Some(&WPA_TKIP[..])
}

/// The rates that both sides have; all of ours if the AP names none.
fn common_rates(ap_ies: &[u8], freq: u32) -> Vec<u8> {
    let ours = rates(freq, false);
    let theirs: Vec<u8> = Elements::new(ap_ies)
        .filter(|e| e.id == eid::SUPP_RATES || e.id == eid::EXT_SUPP_RATES)
        .flat_map(|e| e.body.iter().map(|r| r & 0x7f))
        .collect();
    let common: Vec<u8> = ours.iter().copied().filter(|r| theirs.contains(r)).collect();
    if common.is_empty() { ours.to_vec() } else { common }
}

/// The station's authentication frame.
pub(crate) fn authentication(from: MacAddr, bssid: MacAddr, algorithm: u16, ies: &[u8]) -> Vec<u8> {
    let body = MgmtBody::Authentication { algorithm, transaction: 1, status: 0, ies: ies.to_vec() };
    MgmtFrame::new(bssid, from, bssid, body).emit()
}

/// The station's deauthentication frame.
pub(crate) fn deauthentication(from: MacAddr, bssid: MacAddr, reason: u16) -> Vec<u8> {
    let body = MgmtBody::Deauthentication { reason, ies: Vec::new() };
    MgmtFrame::new(bssid, from, bssid, body).emit()
}

/// An action frame to the AP.
pub(crate) fn action(from: MacAddr, bssid: MacAddr, category: u8, body: Vec<u8>) -> Vec<u8> {
    MgmtFrame::new(bssid, from, bssid, MgmtBody::Action { category, body }).emit()
}

/// A null function frame to the AP; `sleeping` sets the Power Management bit.
pub(crate) fn null_function(from: MacAddr, bssid: MacAddr, sleeping: bool) -> Vec<u8> {
    let mut frame = DataFrame::to_ap(bssid, from, bssid, Vec::new());
    frame.null = true;
    if sleeping {
        frame.flags |= fc::POWER_MANAGEMENT;
    }
    frame.emit()
}

/// The Duration field of a frame that is acknowledged, in microseconds, as mac80211 computes it.
pub(crate) fn duration(rate: u16) -> u16 {
    match rate {
        10 => 314,
        20 => 258,
        60 => 64,
        _ => 44,
    }
}

/// The Duration field of a fragment that another one follows, in microseconds: until that one is acknowledged
/// (ieee80211_duration). `octets` is the length of the next without FCS.
pub(crate) fn duration_with_next(rate: u16, octets: usize) -> u16 {
    let before_next = if airtime::is_cck(rate) { 10 } else { 16 };
    let next = airtime::airtime(octets, rate).micros() + before_next;
    duration(rate).saturating_mul(2).saturating_add(u16::try_from(next).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(s: &str) -> Vec<u8> {
        s.split_whitespace().map(|b| u8::from_str_radix(b, 16).unwrap()).collect()
    }

    const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
    const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

    #[test]
    fn durations_are_the_recordings() {
        // A fragment at 1 Mbit/s whose successor has 171 octets.
        assert_eq!(duration_with_next(10, 171), 2230);
    }

    #[test]
    fn the_probe_request_is_the_recordings() {
        let tail =
            "dd 11 50 6f 9a 09 02 02 00 25 00 06 05 00 58 58 04 51 06 72 00 dd 07 50 6f 9a 16 03 01 03";
        let request = ScanRequest {
            ssids: vec![wpasim_wire::Ssid::wildcard()],
            ies: hex(&format!("7f 0b 04 00 4a 02 01 40 40 40 00 01 20 {tail}")),
            ..ScanRequest::default()
        };
        let expected = hex(&format!(
            "40 00 00 00 ff ff ff ff ff ff 02 00 00 00 00 00 ff ff ff ff ff ff 00 00 00 00 01 08 02 04 0b 16 0c 12 \
             18 24 32 04 30 48 60 6c 03 01 01 2d 1a 7e 10 1b ff ff 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 \
             00 00 00 00 00 7f 0b 04 00 4a 02 01 40 40 40 00 01 20 ff 16 23 01 78 c8 1a 40 00 00 bf ce 00 00 00 \
             00 00 00 00 00 fa ff fa ff ff 12 6c 07 00 7c 00 00 fe ff ff 7f 01 00 88 88 88 88 00 00 {tail}"
        ));
        assert_eq!(probe_request(STA, &request, b"", 2412, 1, true), expected);
    }

    #[test]
    fn association_requests_are_the_recordings() {
        let user = hex(
            "30 14 01 00 00 0f ac 04 01 00 00 0f ac 04 01 00 00 0f ac 02 00 00 7f 0b 04 00 4a 02 01 40 40 40 00 01 \
             20 3b 15 51 51 52 53 54 73 74 75 76 77 78 79 7a 7b 7c 7d 7e 7f 80 81 82",
        );
        let ies = hex(
            "00 0b 6a 6b 6d 20 70 72 69 76 61 74 65 01 08 82 84 8b 96 0c 12 18 24 03 01 01 2a 01 04 32 04 30 48 60 6c",
        );
        let target = Target { bssid: AP, freq: 2412, ssid: b"jkm private", capability: 0x411, ies: &ies };
        let expected = hex(
            "00 00 00 00 02 00 00 00 01 00 02 00 00 00 00 00 02 00 00 00 01 00 00 00 31 04 05 00 00 0b 6a 6b 6d 20 70 \
             72 69 76 61 74 65 01 08 02 04 0b 16 0c 12 18 24 32 04 30 48 60 6c 30 14 01 00 00 0f ac 04 01 00 00 0f ac \
             04 01 00 00 0f ac 02 00 00 7f 0b 04 00 4a 02 01 40 40 40 00 01 20 3b 15 51 51 52 53 54 73 74 75 76 77 78 \
             79 7a 7b 7c 7d 7e 7f 80 81 82",
        );
        let request = association_request(STA, &target, (&user, &HtOverrides::default()), None);
        assert_eq!(request.frame, expected);
        assert_eq!(request.ies, expected[28..]);
        assert!(!request.wmm);
    }

    #[test]
    fn ht_and_wmm_stand_where_the_recording_has_them() {
        let user = hex(
            "30 14 01 00 00 0f ac 02 01 00 00 0f ac 04 01 00 00 0f ac 02 00 00 7f 0b 04 00 4a 02 01 40 40 40 00 01 20 \
             3b 15 51 51 52 53 54 73 74 75 76 77 78 79 7a 7b 7c 7d 7e 7f 80 81 82",
        );
        let mut ies = hex("00 07 77 70 61 73 20 61 70 01 08 82 84 8b 96 0c 12 18 24 32 04 30 48 60 6c");
        push(&mut ies, eid::HT_CAP, &HT_CAPABILITIES);
        push(&mut ies, eid::HT_OPERATION, &[1; 22]);
        push(
            &mut ies,
            eid::VENDOR_SPECIFIC,
            &hex("00 50 f2 02 01 01 01 00 03 a4 00 00 27 a4 00 00 42 43 5e 00 62 32 2f 00"),
        );
        let target = Target { bssid: AP, freq: 2412, ssid: b"wpas ap", capability: 0x411, ies: &ies };
        let expected = hex(
            "31 04 05 00 00 07 77 70 61 73 20 61 70 01 08 02 04 0b 16 0c 12 18 24 32 04 30 48 60 6c 30 14 01 00 00 0f \
             ac 02 01 00 00 0f ac 04 01 00 00 0f ac 02 00 00 2d 1a 7e 10 1b ff ff 00 00 00 00 00 00 00 00 00 00 01 00 \
             00 00 00 00 00 00 00 00 00 7f 0b 04 00 4a 02 01 40 40 40 00 01 20 3b 15 51 51 52 53 54 73 74 75 76 77 \
             78 79 7a 7b 7c 7d 7e 7f 80 81 82 dd 07 00 50 f2 02 00 01 00",
        );
        assert_eq!(
            association_request(STA, &target, (&user, &HtOverrides::default()), None).frame[24..],
            expected
        );
    }
}
