//! The faults of a configuration that the radio under an access point refuses, in the order and the words of hostapd 2.10.
//= hostap@2.10 src/ap/hostapd.c#setup_interface2

use super::{HostapdConfig, HwModeKey};
use crate::config::Refusal;
use crate::hostapd::keys::{Variable, variable};
use crate::hostapd::number::atoi;
use crate::wire::channel::{Band, band_of};
use crate::wire::driver::Channel;
use crate::wire::rsne::CipherSet;

/// HT Capability Information of mac80211_hwsim's radios, without SM power save.
const HT_CAPABILITIES: u16 = 0x1072;
/// VHT Capabilities Information of the same at 5 GHz; at 2.4 GHz they have none.
const VHT_CAPABILITIES: u32 = 0x0380_04fa;

/// Bits of the HT Capability Information that a radio must have, with their names in `ht_capab`
/// (IEEE 802.11-2020 §9.4.2.55.2).
const HT: &[(u16, &str)] = &[
    (0x0001, "LDPC"),
    (0x0002, "HT40*"),
    (0x0010, "GREEN-FIELD"),
    (0x0020, "SHORT-GI-20"),
    (0x0040, "SHORT-GI-40"),
    (0x0080, "TX-STBC"),
    (0x0300, "RX-STBC*"),
    (0x0400, "DELAYED-BA"),
    (0x0800, "MAX-AMSDU-7935"),
    (0x1000, "DSSS_CCK-40"),
    (0x8000, "LSIG-TXOP-PROT"),
];

/// Fields of the VHT Capabilities Information with their names in hostap; a field of several bits is a number of which the
/// radio has a greatest (IEEE 802.11-2020 §9.4.2.157.2).
const VHT: &[(u32, &str)] = &[
    (0x0000_0003, "MAX_MPDU_LENGTH_MASK"),
    (0x0000_000c, "SUPP_CHAN_WIDTH_MASK"),
    (0x0000_0010, "RXLDPC"),
    (0x0000_0020, "SHORT_GI_80"),
    (0x0000_0040, "SHORT_GI_160"),
    (0x0000_0080, "TXSTBC"),
    (0x0000_0700, "RXSTBC_MASK"),
    (0x0000_0800, "SU_BEAMFORMER_CAPABLE"),
    (0x0000_1000, "SU_BEAMFORMEE_CAPABLE"),
    (0x0000_e000, "BEAMFORMEE_STS_MAX"),
    (0x0007_0000, "SOUNDING_DIMENSION_MAX"),
    (0x0008_0000, "MU_BEAMFORMER_CAPABLE"),
    (0x0010_0000, "MU_BEAMFORMEE_CAPABLE"),
    (0x0020_0000, "VHT_TXOP_PS"),
    (0x0040_0000, "HTC_VHT"),
    (0x0380_0000, "MAX_A_MPDU_LENGTH_EXPONENT_MAX"),
    (0x0800_0000, "VHT_LINK_ADAPTATION_VHT_UNSOL_MFB"),
    (0x0c00_0000, "VHT_LINK_ADAPTATION_VHT_MRQ_MFB"),
    (0x1000_0000, "RX_ANTENNA_PATTERN"),
    (0x2000_0000, "TX_ANTENNA_PATTERN"),
];

/// Words of `vht_capab`, the bits they set, and the bits without which they set none. Of those that give the length
/// exponent of A-MPDUs the greatest counts.
const VHT_WORDS: &[(&str, u32, u32)] = &[
    ("MAX-MPDU-7991", 0x0000_0001, 0),
    ("MAX-MPDU-11454", 0x0000_0002, 0),
    ("VHT160", 0x0000_0004, 0),
    ("VHT160-80PLUS80", 0x0000_0008, 0),
    ("RXLDPC", 0x0000_0010, 0),
    ("SHORT-GI-80", 0x0000_0020, 0),
    ("SHORT-GI-160", 0x0000_0040, 0),
    ("TX-STBC-2BY1", 0x0000_0080, 0),
    ("RX-STBC-1", 0x0000_0100, 0),
    ("RX-STBC-12", 0x0000_0200, 0),
    ("RX-STBC-123", 0x0000_0300, 0),
    ("RX-STBC-1234", 0x0000_0400, 0),
    ("SU-BEAMFORMER", 0x0000_0800, 0),
    ("SU-BEAMFORMEE", 0x0000_1000, 0),
    ("BF-ANTENNA-2", 0x0000_2000, 0x0000_1000),
    ("BF-ANTENNA-3", 0x0000_4000, 0x0000_1000),
    ("BF-ANTENNA-4", 0x0000_6000, 0x0000_1000),
    ("SOUNDING-DIMENSION-2", 0x0001_0000, 0x0000_0800),
    ("SOUNDING-DIMENSION-3", 0x0002_0000, 0x0000_0800),
    ("SOUNDING-DIMENSION-4", 0x0003_0000, 0x0000_0800),
    ("MU-BEAMFORMER", 0x0008_0000, 0),
    ("VHT-TXOP-PS", 0x0020_0000, 0),
    ("HTC-VHT", 0x0040_0000, 0),
    ("VHT-LINK-ADAPT2", 0x0800_0000, 0x0040_0000),
    ("VHT-LINK-ADAPT3", 0x0c00_0000, 0x0040_0000),
    ("RX-ANTENNA-PATTERN", 0x1000_0000, 0),
    ("TX-ANTENNA-PATTERN", 0x2000_0000, 0),
];

/// Variables that lines of a refusal are about.
pub(super) const VARIABLES: [Variable; 6] = [
    variable::BASIC_RATES,
    variable::CHANNEL,
    variable::HT_CAPAB,
    variable::HW_MODE,
    variable::SUPPORTED_RATES,
    variable::VHT_CAPAB,
];

/// Returns the number in a field.
const fn field(value: u32, mask: u32) -> u32 {
    (value & mask) >> mask.trailing_zeros()
}

/// Returns the bits that `vht_capab` asks for.
fn vht_bits(value: &str) -> u32 {
    let has = |word: &str| value.contains(&format!("[{word}]"));
    let mut bits = 0;
    for (word, bit, needed) in VHT_WORDS {
        if has(word) && bits & needed == *needed {
            bits |= bit;
        }
    }
    let exponent = (1..=7).rev().find(|n| has(&format!("MAX-A-MPDU-LEN-EXP{n}"))).unwrap_or(0);
    bits | exponent << 23
}

impl HostapdConfig {
    /// Returns the lines that hostapd writes as it cannot set an interface up with this configuration; none if it can.
    /// The channels that may be used depend on the regulatory domain; without `channels` that is not looked at.
    pub fn refused_by_radio(&self, ifname: &str, channels: Option<&[Channel]>) -> Vec<Refusal> {
        let mut about = &[variable::CHANNEL, variable::HW_MODE][..];
        let lines = match self.freq() {
            _ if self.channel == 0 && channels.is_none() => Vec::new(),
            _ if self.channel == 0 => vec!["automatic channel selection is not implemented".to_owned()],
            Some(freq) if channels.is_none_or(|all| all.iter().any(|c| c.freq == freq)) => {
                let mut lines = self.refused_channel(ifname, freq, channels);
                if lines.is_empty()
                    && let Some((capability, line)) = self.refused_capability()
                {
                    about = capability;
                    lines.push(line);
                }
                if lines.is_empty()
                    && let Some((rates, basic)) = self.too_few_rates()
                {
                    about = &[variable::SUPPORTED_RATES, variable::BASIC_RATES];
                    lines.extend([
                        format!("No rates remaining in supported/basic rate sets ({rates},{basic})."),
                        "Failed to prepare rates table.".to_owned(),
                        format!("{ifname}: IEEE 802.11 Failed to prepare rates table."),
                        "Interface initialization failed".to_owned(),
                    ]);
                }
                if lines.is_empty() && self.ssid.is_none() {
                    about = &[];
                    lines.push("Failed to set beacon parameters".to_owned());
                    lines.push("Interface initialization failed".to_owned());
                }
                lines
            }
            _ => vec!["Could not determine operating frequency".to_owned()],
        };
        let line = about.iter().find_map(|about| self.lines.get(about.name())).copied().unwrap_or(0);
        let refusals = lines.into_iter().map(|text| Refusal { line, ..Refusal::of_file(text) }).enumerate();
        refusals.map(|(index, line)| if index == 0 { line } else { line.following() }).collect()
    }

    /// The lines about a channel that may not be used, or whose secondary channel may not be.
    //= hostap@2.10 src/ap/hw_features.c#hostapd_is_usable_chans
    fn refused_channel(&self, ifname: &str, freq: u32, channels: Option<&[Channel]>) -> Vec<String> {
        let mut lines = Vec::new();
        let usable = |freq: u32| {
            channels.map(|all| all.iter().any(|c| c.freq == freq && !c.disabled && !c.no_ir && !c.radar))
        };
        // The flags of 5 GHz channels follow from widths that the radios here have not.
        let not_allowed = |freq: u32, which: &str| {
            let known = band_of(freq) == Some(Band::Ghz2)
                && channels.is_some_and(|all| all.iter().any(|c| c.freq == freq));
            known.then(|| format!("Frequency {freq} ({which}) not allowed for AP mode, flags: 0x3 NO-IR"))
        };
        let is_14 = self.channel == 14 && self.band() == Band::Ghz2;
        if is_14 && (self.hw_mode == Some(HwModeKey::G) || self.ieee80211n) {
            lines.push("Disable OFDM/HT/VHT/HE on channel 14".to_owned());
        }
        let secondary = i64::from(self.ht_capab.secondary_channel);
        let other = u32::try_from(i64::from(freq) + secondary * 20).unwrap_or(0);
        if usable(freq) == Some(false) {
            lines.extend(not_allowed(freq, "primary"));
            lines.push("Primary frequency not allowed".to_owned());
        } else if secondary != 0 && (usable(other) == Some(false) || !is_pair(freq, secondary)) {
            lines.extend(not_allowed(other, "secondary"));
        } else {
            return Vec::new();
        }
        let (number, letter) = match self.hw_mode {
            Some(HwModeKey::B) => (0, 'b'),
            _ if is_14 => (0, 'b'),
            _ if self.band() == Band::Ghz5 => (2, 'a'),
            _ => (1, 'g'),
        };
        lines.push(format!(
            "{ifname}: IEEE 802.11 Configured channel ({}) or frequency ({freq}) (secondary_channel={secondary}) not found \
             from the channel list of the current mode ({number}) IEEE 802.11{letter}",
            self.channel
        ));
        lines.push(format!("{ifname}: IEEE 802.11 Hardware does not support configured channel"));
        lines.push("Could not select hw_mode and channel. (-3)".to_owned());
        lines
    }

    /// The numbers of rates and of basic rates that the configuration leaves, if one of them is 0.
    //= hostap@2.10 src/ap/hw_features.c#hostapd_prepare_rates
    fn too_few_rates(&self) -> Option<(usize, usize)> {
        const CCK: [u16; 4] = [10, 20, 55, 110];
        const OFDM: [u16; 8] = [60, 90, 120, 180, 240, 360, 480, 540];
        let (all, usual): (Vec<u16>, &[u16]) = match (self.hw_mode, self.band()) {
            (_, Band::Ghz5) => (OFDM.to_vec(), &[60, 120, 240]),
            (Some(HwModeKey::B), _) => (CCK.to_vec(), &[10, 20]),
            _ => ([&CCK[..], &OFDM].concat(), &CCK),
        };
        let is_supported =
            |rate: &&u16| self.supported_rates.is_empty() || self.supported_rates.contains(rate);
        let basic = if self.basic_rates.is_empty() { usual } else { &self.basic_rates };
        let rates: Vec<&u16> = all.iter().filter(is_supported).collect();
        let basic = rates.iter().filter(|rate| basic.contains(rate)).count();
        (rates.is_empty() || basic == 0).then_some((rates.len(), basic))
    }

    /// Returns the lines that hostapd writes of a configuration that it takes otherwise than it says.
    //= hostap@2.10 src/ap/ap_config.c#hostapd_config_check_bss
    pub(in crate::hostapd) fn remarks(&self) -> Vec<&'static str> {
        let mut remarks = Vec::new();
        if !self.ieee80211n {
            return remarks;
        }
        if self.hw_mode == Some(HwModeKey::B) {
            remarks.push("HT (IEEE 802.11n) in 11b mode is not allowed, disabling HT capabilities");
        }
        let strong = CipherSet::CCMP | CipherSet::GCMP | CipherSet::CCMP_256 | CipherSet::GCMP_256;
        let weak = !self.wpa_pairwise.intersects(CipherSet::CCMP)
            && !self.effective_rsn_pairwise().intersects(strong);
        if self.wpa != 0 && weak {
            remarks.push(
                "HT (IEEE 802.11n) with WPA/WPA2 requires CCMP/GCMP to be enabled, disabling HT capabilities",
            );
        }
        remarks
    }

    /// The variable and the line about the first capability that is configured and that the radio has not.
    //= hostap@2.10 src/ap/hw_features.c#ieee80211n_supported_ht_capab
    //= hostap@2.10 src/common/hw_features_common.c#ieee80211ac_cap_check
    fn refused_capability(&self) -> Option<(&'static [Variable], String)> {
        if !self.ieee80211n {
            return None;
        }
        let lacks = |(mask, name): &(u16, &'static str)| {
            let (wanted, there) = (self.ht_capab.bits & mask, HT_CAPABILITIES & mask);
            (wanted > there).then_some(*name)
        };
        if let Some(name) = HT.iter().find_map(lacks) {
            return Some((
                &[variable::HT_CAPAB],
                format!("Driver does not support configured HT capability [{name}]"),
            ));
        }
        let is_on = self.others.get(variable::IEEE80211AC.name()).is_some_and(|value| atoi(value) != 0);
        let wanted =
            self.others.get(variable::VHT_CAPAB.name()).filter(|_| is_on).map_or(0, |value| vht_bits(value));
        let there = if self.band() == Band::Ghz5 { VHT_CAPABILITIES } else { 0 };
        let refused = VHT.iter().find_map(|(mask, name)| {
            // A beamforming number is a field as well, and so is the exponent; the rest are flags.
            let is_number = name.ends_with("_MASK") || name.ends_with("_MAX");
            let (wanted, there) = (field(wanted, *mask), field(there, *mask));
            match is_number {
                true if wanted > there => Some(format!(
                    "Configured VHT capability [VHT_CAP_{name}] exceeds max value supported by the driver ({wanted} > {there})"
                )),
                false if wanted != 0 && there == 0 => {
                    Some(format!("Driver does not support configured VHT capability [VHT_CAP_{name}]"))
                }
                _ => None,
            }
        });
        refused.map(|line| (&[variable::VHT_CAPAB][..], line))
    }
}

/// Whether two channels 20 MHz apart make one of 40 MHz (IEEE 802.11-2020 annex E).
fn is_pair(freq: u32, secondary: i64) -> bool {
    match band_of(freq) {
        Some(Band::Ghz2) if secondary > 0 => (2412..=2452).contains(&freq),
        Some(Band::Ghz2) => (2432..=2472).contains(&freq),
        _ => {
            let first = if freq < 5745 { 5180 } else { 5745 };
            (freq.saturating_sub(first) / 20).is_multiple_of(2) == (secondary > 0)
        }
    }
}
