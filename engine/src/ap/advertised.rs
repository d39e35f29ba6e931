//! Features that an access point tells of in elements and bits of its frames, in hostapd's order and layout.

use chrono::{Datelike, Timelike};

use super::station::Station;
use super::{AccessPoint, Timer};
use crate::wire::MacAddr;
use crate::wire::elements::{eid, mbo, push, vendor};
use crate::wire::time::{Duration, Instant};

/// Octets of the Extended Capabilities element that configuration and program know.
pub const EXT_CAPA: usize = 15;
/// Octets of the RM Enabled Capabilities element.
const RM_CAPABILITIES: usize = 5;
/// Query Response Length Limit and PAME-BI of the Advertisement Protocol element, then ANQP.
const ANQP_ADVERTISED: [u8; 2] = [0x7f, 0x00];

/// Interworking (IEEE 802.11-2020 §9.4.2.91).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interworking {
    /// Access Network Options: the type, then Internet, ASRA, ESR and UESA.
    pub options: u8,
    /// Venue group and type.
    pub venue: Option<[u8; 2]>,
    /// The homogeneous ESS.
    pub hessid: Option<MacAddr>,
    /// Organization identifiers of roaming consortiums.
    pub consortiums: Vec<Vec<u8>>,
}

/// The features that the driver has no part in, as far as they are told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advertised {
    /// `bss_load_test`: the body of the BSS Load element.
    pub bss_load_test: Option<[u8; 5]>,
    /// `bss_load_update_period`, in beacon intervals.
    pub bss_load_period: u32,
    /// The first octet of RM Enabled Capabilities; the others are zero.
    pub radio_measurement: u8,
    /// `obss_interval` asks for 20/40 coexistence.
    pub coexistence: bool,
    pub proxy_arp: bool,
    pub collocated_interference: bool,
    pub wnm_sleep: bool,
    pub bss_transition: bool,
    /// `time_advertisement=2`.
    pub time: bool,
    /// `time_zone`, in probe responses.
    pub time_zone: Option<Vec<u8>>,
    pub interworking: Option<Interworking>,
    /// `qos_map_set`.
    pub qos_map: Vec<u8>,
    pub no_tdls: bool,
    pub no_tdls_channel_switch: bool,
    pub utf8_ssid: bool,
    pub ftm_responder: bool,
    pub ftm_initiator: bool,
    /// `ext_capa` and `ext_capa_mask`, octets as far as given.
    pub ext_capa: Vec<u8>,
    pub ext_capa_mask: Vec<u8>,
}

impl Advertised {
    /// Returns the bits of an octet of Extended Capabilities, before driver and configuration replace some.
    //= hostap@2.10 src/ap/ieee802_11_shared.c#hostapd_ext_capab_byte
    fn octet(&self, index: usize, wnm: bool) -> u8 {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        match index {
            // Extended channel switching, which the driver has.
            0 => 0x04 | bit(self.coexistence, 0x01),
            1 => bit(self.proxy_arp, 0x10) | bit(self.collocated_interference, 0x20),
            2 => bit(self.wnm_sleep, 0x02) | bit(self.bss_transition, 0x08),
            3 => bit(wnm, 0x02) | bit(self.time, 0x08) | bit(self.interworking.is_some(), 0x80),
            4 => {
                bit(!self.qos_map.is_empty(), 0x01)
                    | bit(self.no_tdls, 0x40)
                    | bit(self.no_tdls_channel_switch, 0x80)
            }
            6 => bit(self.utf8_ssid, 0x01),
            8 => bit(self.ftm_responder, 0x40) | bit(self.ftm_initiator, 0x80),
            _ => 0,
        }
    }

    /// Returns the body of the Extended Capabilities element; `wnm` is whether the program is built with WNM.
    //= hostap@2.10 src/ap/ieee802_11_shared.c#hostapd_eid_ext_capab
    pub fn extended_capabilities(&self, wnm: bool) -> Vec<u8> {
        // mac80211_hwsim's, which are also its mask.
        const DRIVER: [u8; 8] = [0, 0, 0x40, 0, 0, 0, 0, 0x40];
        let at = |octets: &[u8], index: usize| octets.get(index).copied().unwrap_or(0);
        let mut octets: Vec<u8> = (0..EXT_CAPA)
            .map(|index| {
                let octet = self.octet(index, wnm) | at(&DRIVER, index);
                octet & !at(&self.ext_capa_mask, index) | at(&self.ext_capa, index)
            })
            .collect();
        octets.truncate(octets.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1));
        octets
    }
}

impl AccessPoint {
    /// BSS Load, then RM Enabled Capabilities: what stands behind the RSN element.
    pub(super) fn push_load_and_measurement(&self, out: &mut Vec<u8>) {
        let advertised = &self.config.advertised;
        if let Some(load) = &advertised.bss_load_test {
            push(out, eid::BSS_LOAD, load);
        } else if advertised.bss_load_period > 0 {
            let [low, high] = (self.stations.len() as u16).to_le_bytes();
            push(out, eid::BSS_LOAD, &[low, high, self.channel_utilization, 0, 0]);
        }
        self.push_radio_measurement(out);
    }

    //= hostap@2.10 src/ap/ieee802_11.c#hostapd_eid_rm_enabled_capab
    pub(super) fn push_radio_measurement(&self, out: &mut Vec<u8>) {
        let first = self.config.advertised.radio_measurement;
        if first != 0 {
            let mut body = [0; RM_CAPABILITIES];
            body[0] = first;
            push(out, eid::RRM_ENABLED_CAPABILITIES, &body);
        }
    }

    pub(super) fn push_extended_capabilities(&self, out: &mut Vec<u8>) {
        let octets = self.config.advertised.extended_capabilities(self.config.wnm);
        if !octets.is_empty() {
            push(out, eid::EXT_CAPAB, &octets);
        }
    }

    /// Interworking, Advertisement Protocol and Roaming Consortium.
    //= hostap@2.10 src/ap/ieee802_11_shared.c#hostapd_eid_roaming_consortium
    pub(super) fn push_interworking(&self, out: &mut Vec<u8>) {
        let Some(interworking) = &self.config.advertised.interworking else { return };
        let mut body = vec![interworking.options];
        body.extend(interworking.venue.iter().flatten());
        body.extend(interworking.hessid.iter().flat_map(|hessid| hessid.0));
        push(out, eid::INTERWORKING, &body);
        push(out, eid::ADVERTISEMENT_PROTOCOL, &ANQP_ADVERTISED);
        let all = &interworking.consortiums;
        let Some(first) = all.first() else { return };
        let more = all.len().saturating_sub(3).min(255) as u8;
        let second = all.get(1).map_or(0, |identifier| identifier.len() as u8);
        let mut body = vec![more, first.len() as u8 | second << 4];
        body.extend(all.iter().take(3).flatten());
        push(out, eid::ROAMING_CONSORTIUM, &body);
    }

    /// QoS Map, to a station that says that it understands it.
    pub(super) fn push_qos_map(&self, out: &mut Vec<u8>) {
        if !self.config.advertised.qos_map.is_empty() {
            push(out, eid::QOS_MAP_SET, &self.config.advertised.qos_map);
        }
    }

    /// Time Advertisement: the time at which the element was first made, which hostapd never renews.
    //= hostap@2.10 src/ap/ieee802_11_shared.c#hostapd_update_time_adv
    pub(super) fn push_time(&self, out: &mut Vec<u8>) {
        /// The time value is UTC at TSF 0.
        const UTC: u8 = 2;
        if !self.config.advertised.time {
            return;
        }
        let time = &self.began_at;
        let [low, high] = (time.year() as u16).to_le_bytes();
        let rest = [time.month(), time.day(), time.hour(), time.minute(), time.second()];
        let mut body = vec![UTC, low, high];
        body.extend(rest.map(|field| field as u8));
        // No milliseconds, no estimate of the error, and the first of the updates.
        body.resize(17, 0);
        push(out, eid::TIME_ADVERTISEMENT, &body);
    }

    /// Returns the share of the time in which the channel was busy, of 255.
    pub fn channel_utilization(&self) -> u8 {
        self.channel_utilization
    }

    /// Sets when the BSS Load element is told next.
    //= hostap@2.10 src/ap/bss_load.c#get_bss_load_update_timeout
    pub(super) fn await_load_update(&mut self, now: Instant) {
        let units =
            u64::from(self.config.advertised.bss_load_period) * u64::from(self.config.beacon_interval);
        if units > 0 {
            let (seconds, rest) = (units / 1000 * 1024 / 1000, units % 1000 * 1024);
            let period = Duration::from_secs(seconds as i64) + Duration::from_micros(rest as i64);
            self.timers.set(Timer::BssLoad, now + period);
        }
    }

    //= hostap@2.10 src/ap/bss_load.c#update_channel_utilization
    pub(super) fn update_load(&mut self, now: Instant) {
        self.update_beacon();
        self.await_load_update(now);
    }

    /// The attribute that says why a station is rejected for its signal and how long it is.
    //= hostap@2.10 src/ap/ieee802_11_shared.c#hostapd_eid_mbo_rssi_assoc_rej
    pub(super) fn push_rejection(&self, out: &mut Vec<u8>, station: Option<&Station>) {
        let Some(signal) = station.map(|s| s.assoc_signal_dbm).filter(|dbm| *dbm != 0) else { return };
        let delta = self.config.reject_below.wrapping_sub(signal) as u8;
        let mut body = vendor::MBO.to_be_bytes().to_vec();
        body.extend_from_slice(&[mbo::RSSI_BASED_REJECTION, 2, delta, self.config.reject_for]);
        push(out, eid::VENDOR_SPECIFIC, &body);
    }

    /// Returns whether a build for tests ignores a request now.
    pub(super) fn ignores(&mut self, probability: u64) -> bool {
        probability > 0 && self.ignoring.is_below(probability)
    }

    /// Returns the identifier of the key that a station proved.
    pub(super) fn key_id(&self, addr: MacAddr) -> Option<String> {
        let auth = self.auth.as_ref()?;
        auth.config().key_id(addr, &auth.pmk(addr)?).map(str::to_owned)
    }

    /// The time zone, in probe responses.
    pub(super) fn push_time_zone(&self, out: &mut Vec<u8>) {
        let advertised = &self.config.advertised;
        if let Some(zone) = advertised.time_zone.as_ref().filter(|_| advertised.time) {
            push(out, eid::TIME_ZONE, zone);
        }
    }
}

impl Station {
    /// Returns whether the station says that it understands a QoS Map.
    //= hostap@2.10 src/ap/ieee802_11.c#check_ext_capab
    pub(super) fn understands_qos_map(&self) -> bool {
        self.ext_capab.as_ref().and_then(|octets| octets.get(4)).is_some_and(|octet| octet & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_told_up_to_the_last_that_is_not_zero() {
        let hostapd = Advertised::default();
        assert_eq!(hostapd.extended_capabilities(true), [0x04, 0, 0x40, 0x02, 0, 0, 0, 0x40]);
        let masked =
            Advertised { ext_capa_mask: vec![0xff; 8], ext_capa: vec![0, 0, 0x80], ..Advertised::default() };
        assert_eq!(masked.extended_capabilities(true), [0, 0, 0x80]);
        let nothing = Advertised { ext_capa_mask: vec![0xff; 8], ..Advertised::default() };
        assert!(nothing.extended_capabilities(true).is_empty());
    }

    #[test]
    fn virtual_time_begins_as_the_lab_does() {
        use crate::wire::time::EPOCH_SECONDS;
        let begun = chrono::DateTime::from_timestamp(EPOCH_SECONDS, 0).unwrap();
        assert_eq!((begun.year(), begun.month(), begun.day()), (2023, 11, 14));
        assert_eq!((begun.hour(), begun.minute(), begun.second()), (22, 13, 20));
    }
}
