//! Variables whose effect is an element or a bit in the frames of an access point.

use super::{HostapdConfig, parse_hex};
use crate::ap::{Advertised, Ignored, Interworking};
use crate::hostapd::keys::{Variable, variable};
use crate::hostapd::number::atoi;
use crate::rsn::authenticator::Overrides;
use crate::wire::MacAddr;

/// RM Enabled Capabilities: neighbour reports, and passive, active and table beacon reports.
const NEIGHBOR_REPORT: u8 = 0x02;
const BEACON_REPORT: u8 = 0x70;
/// The longest `own_ie_override` that counts (MAX_OWN_IE_OVERRIDE).
const OWN_ELEMENTS_MAX: usize = 256;

impl HostapdConfig {
    /// Notes a variable that switches measurements on; none of them switches one off.
    pub(super) fn measure(&mut self, what: Variable, number: i64) {
        let on = match what.name() {
            "radio_measurements" if number & 1 != 0 => NEIGHBOR_REPORT,
            "rrm_neighbor_report" if number != 0 => NEIGHBOR_REPORT,
            "rrm_beacon_report" if number != 0 => BEACON_REPORT,
            _ => 0,
        };
        self.radio_measurement |= on;
    }

    /// Returns what the configuration tells stations of in elements.
    pub(in crate::hostapd) fn advertised(&self) -> Advertised {
        let on = |v: Variable| self.other(v) != 0;
        Advertised {
            bss_load_test: self.text(variable::BSS_LOAD_TEST).map(bss_load),
            bss_load_period: self.other(variable::BSS_LOAD_UPDATE_PERIOD).clamp(0, 100) as u32,
            radio_measurement: self.radio_measurement,
            coexistence: on(variable::OBSS_INTERVAL),
            proxy_arp: false,
            collocated_interference: on(variable::COLOC_INTF_REPORTING),
            wnm_sleep: on(variable::WNM_SLEEP_MODE),
            bss_transition: on(variable::BSS_TRANSITION),
            time: self.other(variable::TIME_ADVERTISEMENT) == 2,
            time_zone: self.text(variable::TIME_ZONE).map(|zone| zone.as_bytes().to_vec()),
            interworking: on(variable::INTERWORKING).then(|| self.interworking()),
            qos_map: self.text(variable::QOS_MAP_SET).map(qos_map).unwrap_or_default(),
            no_tdls: on(variable::TDLS_PROHIBIT),
            no_tdls_channel_switch: on(variable::TDLS_PROHIBIT_CHAN_SWITCH),
            utf8_ssid: self.other(variable::UTF8_SSID) > 0,
            ftm_responder: on(variable::FTM_RESPONDER),
            ftm_initiator: on(variable::FTM_INITIATOR),
            ext_capa: self.octets(variable::EXT_CAPA),
            ext_capa_mask: self.octets(variable::EXT_CAPA_MASK),
        }
    }

    fn interworking(&self) -> Interworking {
        const OPTIONS: [(Variable, u8); 4] = [
            (variable::INTERNET, 0x10),
            (variable::ASRA, 0x20),
            (variable::ESR, 0x40),
            (variable::UESA, 0x80),
        ];
        let set = OPTIONS.iter().filter(|(v, _)| self.other(*v) != 0);
        let options =
            set.fold(self.other(variable::ACCESS_NETWORK_TYPE) as u8 & 0x0f, |all, (_, bit)| all | bit);
        let [group, kind] = [variable::VENUE_GROUP, variable::VENUE_TYPE];
        let has_venue = self.text(group).is_some() || self.text(kind).is_some();
        let hessid = self.text(variable::HESSID).and_then(|text| text.parse::<MacAddr>().ok());
        Interworking {
            options,
            venue: has_venue.then(|| [self.other(group) as u8, self.other(kind) as u8]),
            hessid: hessid.filter(|hessid| !hessid.is_zero()),
            consortiums: self.roaming_consortiums.clone(),
        }
    }

    /// Returns what test builds put in the place of elements and counters of the key handshakes.
    pub(in crate::hostapd) fn overrides(&self) -> Overrides {
        // An element that cannot be read is none.
        let given = |v: Variable| Some(self.octets(v)).filter(|octets| !octets.is_empty());
        let rsc = given(variable::GTK_RSC_OVERRIDE).filter(|octets| octets.len() <= 8);
        Overrides {
            own_elements: given(variable::OWN_IE_OVERRIDE).filter(|octets| octets.len() <= OWN_ELEMENTS_MAX),
            rsn_in_message_3: given(variable::RSNE_OVERRIDE_EAPOL),
            rsnx_in_message_3: given(variable::RSNXE_OVERRIDE_EAPOL),
            group_rsc: rsc.map(|octets| {
                let mut whole = [0; 8];
                whole.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
                whole
            }),
            corrupt_group_mic: self.probability(variable::CORRUPT_GTK_REKEY_MIC_PROBABILITY),
        }
    }

    /// Returns which requests of stations a build for tests ignores, and how often.
    pub(in crate::hostapd) fn ignored(&self) -> Ignored {
        Ignored {
            probe: self.probability(variable::IGNORE_PROBE_PROBABILITY),
            auth: self.probability(variable::IGNORE_AUTH_PROBABILITY),
            assoc: self.probability(variable::IGNORE_ASSOC_PROBABILITY),
            reassoc: self.probability(variable::IGNORE_REASSOC_PROBABILITY),
        }
    }

    /// Returns a probability in units of 2^-48, as drand48 draws them; 0 if it was not set.
    fn probability(&self, of: Variable) -> u64 {
        const DIGITS: usize = 12;
        let text = self.text(of).unwrap_or("0").trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(DIGITS).collect();
        let of_trillion =
            fraction.parse::<u128>().unwrap_or(0) + atoi(whole).max(0) as u128 * 10_u128.pow(12);
        u64::try_from((of_trillion << 48) / 10_u128.pow(12)).unwrap_or(u64::MAX)
    }

    fn text(&self, of: Variable) -> Option<&str> {
        self.others.get(of.name()).map(String::as_str)
    }

    fn octets(&self, of: Variable) -> Vec<u8> {
        self.text(of).and_then(parse_hex).unwrap_or_default()
    }
}

/// `12:80:20000`: stations, utilization, capacity.
fn bss_load(text: &str) -> [u8; 5] {
    let mut parts = text.splitn(3, ':').map(atoi);
    let mut next = || parts.next().unwrap_or(0);
    let [a, b] = (next() as u16).to_le_bytes();
    let utilization = next() as u8;
    let [c, d] = (next() as u16).to_le_bytes();
    [a, b, utilization, c, d]
}

/// The exceptions and ranges of DSCP values, an octet each.
fn qos_map(text: &str) -> Vec<u8> {
    text.split(',').map(|number| atoi(number) as u8).collect()
}
