//! The elements of beacons, probe responses and association responses, in hostapd's order.

use super::AccessPoint;
use super::config::HwMode;
use super::station::{Flags, Station};
use crate::wire::MacAddr;
use crate::wire::channel::{Band, band_of};
use crate::wire::driver::{Beacon, DriverRequest, HiddenSsid};
use crate::wire::elements::{eid, push, vendor};
use crate::wire::ieee80211::{MgmtBody, capability, status};

/// BSS membership selector of HT in the rates.
const MEMBERSHIP_HT: u8 = 127;

impl AccessPoint {
    /// The capability information of our frames.
    pub(super) fn capability(&self) -> u16 {
        let c = &self.config;
        let mut bits = capability::ESS;
        if self.counts.no_short_preamble == 0 && c.short_preamble {
            bits |= capability::SHORT_PREAMBLE;
        }
        if c.security.is_some() {
            bits |= capability::PRIVACY;
        }
        if c.hw_mode == HwMode::G && self.counts.no_short_slot == 0 {
            bits |= capability::SHORT_SLOT_TIME;
        }
        if c.advertised.radio_measurement != 0 {
            bits |= capability::RADIO_MEASUREMENT;
        }
        bits
    }

    fn rate_octets(&self) -> Vec<u8> {
        let mut octets: Vec<u8> = self
            .config
            .rates()
            .iter()
            .map(|(r, basic)| (r / 5) as u8 | if *basic { 0x80 } else { 0 })
            .collect();
        if self.config.ht.is_some_and(|ht| ht.require) {
            octets.push(0x80 | MEMBERSHIP_HT);
        }
        octets
    }

    fn push_rates(&self, out: &mut Vec<u8>) {
        let octets = self.rate_octets();
        push(out, eid::SUPP_RATES, octets.get(..8).unwrap_or(&octets));
    }

    fn push_extended_rates(&self, out: &mut Vec<u8>) {
        if let Some(rest) = self.rate_octets().get(8..).filter(|r| !r.is_empty()) {
            push(out, eid::EXT_SUPP_RATES, rest);
        }
    }

    fn push_erp(&self, out: &mut Vec<u8>) {
        const NON_ERP_PRESENT: u8 = 1;
        const USE_PROTECTION: u8 = 2;
        const BARKER_PREAMBLE: u8 = 4;
        if self.config.hw_mode != HwMode::G {
            return;
        }
        let mut info = 0;
        if self.overlap.olbc {
            info |= USE_PROTECTION;
        }
        if self.counts.non_erp > 0 {
            info |= NON_ERP_PRESENT | USE_PROTECTION;
        }
        if self.counts.no_short_preamble > 0 || !self.config.short_preamble {
            info |= BARKER_PREAMBLE;
        }
        push(out, eid::ERP_INFO, &[info]);
    }

    fn push_ht(&self, out: &mut Vec<u8>) {
        let Some(ht) = self.config.ht else { return };
        let radio = &self.config.radio;
        let mut capab = ht.capab.to_le_bytes().to_vec();
        capab.push(radio.ampdu);
        capab.extend_from_slice(&radio.mcs);
        capab.resize(26, 0);
        push(out, eid::HT_CAP, &capab);
        let mut operation = vec![self.config.channel()];
        operation.push(match ht.secondary_channel {
            1 => 0x05,
            -1 => 0x07,
            _ => 0,
        });
        operation.extend_from_slice(&self.counts.ht_op_mode.to_le_bytes());
        operation.resize(22, 0);
        push(out, eid::HT_OPERATION, &operation);
    }

    fn push_wmm(&self, out: &mut Vec<u8>) {
        const UAPSD: u8 = 0x80;
        // Parameter element, version 1.
        const HEAD: [u8; 6] = [0x00, 0x50, 0xf2, 0x02, 0x01, 0x01];
        if self.config.wmm {
            let uapsd = if self.config.uapsd { UAPSD } else { 0 };
            let mut parameters = HEAD.to_vec();
            parameters.extend_from_slice(&[self.config.edca_updates & 0x0f | uapsd, 0]);
            for (index, category) in self.config.access_categories.iter().enumerate() {
                parameters.extend_from_slice(&category.record(index as u8));
            }
            push(out, eid::VENDOR_SPECIFIC, &parameters);
        }
    }

    /// Up to the DS parameters: what stands before the TIM in a beacon.
    fn head_elements(&self, ssid: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        push(&mut out, eid::SSID, ssid);
        self.push_rates(&mut out);
        push(&mut out, eid::DS_PARAMS, &[self.config.channel()]);
        out
    }

    /// Returns the elements that beacons and probe responses have in common after the TIM, without WPS.
    fn tail_elements(&self, is_probe_response: bool) -> Vec<u8> {
        let c = &self.config;
        let mut out = Vec::with_capacity(256);
        if !c.country.is_empty() {
            push(&mut out, eid::COUNTRY, &c.country);
        }
        self.push_channel_switch(&mut out);
        self.push_erp(&mut out);
        self.push_extended_rates(&mut out);
        if let Some(element) = c.security.as_ref().and_then(|s| s.rsn_element()) {
            out.extend_from_slice(&element);
        }
        self.push_load_and_measurement(&mut out);
        self.push_extended_channel_switch(&mut out);
        if let Some(class) = operating_class(c.freq, c.ht.map_or(0, |ht| ht.secondary_channel)) {
            push(&mut out, eid::SUPPORTED_OPERATING_CLASSES, &[class, 0]);
        }
        self.push_ht(&mut out);
        self.push_extended_capabilities(&mut out);
        self.push_time(&mut out);
        if is_probe_response {
            self.push_time_zone(&mut out);
        }
        self.push_interworking(&mut out);
        if let Some(element) = c.security.as_ref().and_then(|s| s.wpa_element()) {
            out.extend_from_slice(&element);
        }
        self.push_wmm(&mut out);
        out
    }

    /// The beacon as the driver gets it.
    pub(super) fn beacon(&self) -> Beacon {
        let c = &self.config;
        let ssid = match c.hidden {
            HiddenSsid::No => c.ssid.as_bytes().to_vec(),
            HiddenSsid::ZeroLength => Vec::new(),
            HiddenSsid::ZeroContents => vec![0; c.ssid.len()],
        };
        let body = MgmtBody::Beacon {
            timestamp: 0,
            interval: c.beacon_interval,
            capability: self.capability(),
            ies: self.head_elements(&ssid),
        };
        let mut tail = self.tail_elements(false);
        if c.speaks_of_wps() {
            tail.extend_from_slice(&self.wps_elements.beacon);
        }
        if let Some(group) = self.group() {
            tail.extend_from_slice(group.beacon_elements());
        }
        tail.extend_from_slice(&c.vendor_elements);
        Beacon {
            head: self.frame_to(MacAddr::BROADCAST, body).emit(),
            tail,
            interval: c.beacon_interval,
            dtim_period: c.dtim_period,
            ssid: c.ssid.clone(),
            hidden: c.hidden,
            freq: c.freq,
            ht: c.ht.is_some(),
            secondary: c.ht.map_or(0, |ht| ht.secondary_channel),
            privacy: c.security.is_some(),
        }
    }

    /// Beacons with what changed.
    pub fn update_beacon(&mut self) {
        let beacon = Box::new(self.beacon());
        // A driver that does not beacon is given a new one, not a change.
        let was_stopped = core::mem::take(&mut self.stopped);
        let request = if was_stopped { DriverRequest::StartAp } else { DriverRequest::SetBeacon };
        self.request(request(beacon));
    }

    /// The answer to a probe request with these elements.
    pub(super) fn probe_response(&self, request: &[u8]) -> MgmtBody {
        let mut ies = self.head_elements(self.config.ssid.as_bytes());
        ies.extend_from_slice(&self.tail_elements(true));
        if self.config.speaks_of_wps() {
            ies.extend_from_slice(&self.wps_elements.probe_response);
        }
        ies.extend_from_slice(self.group_probe_response(request));
        ies.extend_from_slice(&self.config.vendor_elements);
        MgmtBody::ProbeResponse {
            timestamp: 0,
            interval: self.config.beacon_interval,
            capability: self.capability(),
            ies,
        }
    }

    /// The elements of an association response to `station` with a status code.
    pub(super) fn assoc_response_elements(&self, station: Option<&Station>, status: u16) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        self.push_rates(&mut out);
        self.push_extended_rates(&mut out);
        self.push_radio_measurement(&mut out);
        if status == status::DENIED_POOR_CHANNEL_CONDITIONS {
            self.push_rejection(&mut out, station);
        }
        self.push_ht(&mut out);
        self.push_extended_capabilities(&mut out);
        if self.config.wnm && self.config.max_inactivity > 0 {
            let units =
                (u64::from(self.config.max_inactivity.min(68_000)) * 1000 / 1024).clamp(1, 65_535) as u16;
            let [low, high] = units.to_le_bytes();
            push(&mut out, eid::BSS_MAX_IDLE_PERIOD, &[low, high, 0]);
        }
        if station.is_some_and(Station::understands_qos_map) {
            self.push_qos_map(&mut out);
        }
        if let Some(station) = station {
            if station.flags.has(Flags::WMM) {
                self.push_wmm(&mut out);
            }
            let maybe_wps = station.flags.has(Flags::MAYBE_WPS) && self.config.security.is_some();
            if station.flags.has(Flags::WPS) || maybe_wps {
                out.extend_from_slice(&crate::wire::wsc::assoc_response());
            }
            out.extend(self.group_assoc_response(station, status));
        }
        out.extend_from_slice(&self.config.assoc_response_elements);
        out
    }
}

/// The global operating class of a channel (IEEE 802.11-2020 Table E-4), 20 or 40 MHz wide.
pub(super) fn operating_class(freq: u32, secondary: i8) -> Option<u8> {
    let wider = |plain, above, below| match secondary {
        1 => above,
        -1 => below,
        _ => plain,
    };
    match band_of(freq)? {
        Band::Ghz2 if freq == 2484 => Some(82),
        Band::Ghz2 => Some(wider(81, 83, 84)),
        Band::Ghz5 => match freq {
            5180..=5240 => Some(wider(115, 116, 117)),
            5260..=5320 => Some(wider(118, 119, 120)),
            5500..=5720 => Some(wider(121, 122, 123)),
            5745..=5805 if secondary != 0 => Some(wider(124, 126, 127)),
            5745..=5805 => Some(124),
            5825..=5885 => Some(125),
            _ => None,
        },
    }
}

/// Whether an element list asks for WMM: the body after OUI and type.
pub(super) fn wmm_information(ies: &[u8]) -> Option<&[u8]> {
    crate::wire::elements::find_vendor(ies, vendor::WMM)?.get(6..)
}
