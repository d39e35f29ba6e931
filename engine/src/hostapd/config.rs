//! hostapd.conf: lines of `variable=value`, as hostapd 2.10 reads them.

mod edca;
mod forms;
mod values;
mod wps;

pub(super) use values::{atoi, parse_hex, parse_string};
pub use wps::WpsKeys;

use super::access_lists::AccessList;
use super::keys::{KNOWN, KNOWN_PREFIXES};
use crate::ap::AccessCategory;
use crate::wire::channel::{Band, freq_to_channel};
use crate::wire::driver::{HiddenSsid, OperatingChannel};
use crate::wire::rsne::{AkmSet, CipherSet};
use crate::wire::{MacAddr, Ssid};
use std::collections::{BTreeMap, BTreeSet};
use values::{addresses, ciphers, in_range, key_mgmt, rates, ssid_of, station_psks, wps_psks};

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigErrorKind {
    #[error("not of the form variable=value: '{0}'")]
    NotAnAssignment(String),
    #[error("unknown variable '{0}'")]
    UnknownVariable(String),
    #[error("invalid value for {variable}: '{value}' ({expected})")]
    InvalidValue { variable: String, value: String, expected: &'static str },
    #[error("a second BSS on one interface")]
    SecondBss,
    #[error("no such file: {0}")]
    NoSuchFile(String),
    #[error("{0}")]
    Inconsistent(&'static str),
    #[error("this engine has no {0}")]
    NotImplemented(&'static str),
}

impl ConfigErrorKind {
    fn invalid(variable: &str, value: &str, expected: &'static str) -> Self {
        ConfigErrorKind::InvalidValue { variable: variable.to_owned(), value: value.to_owned(), expected }
    }
}

/// An error and its line, counted from 1; 0 is the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct ConfigError {
    pub line: usize,
    pub kind: ConfigErrorKind,
}

/// A pre-shared key as it is configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Psk {
    Passphrase(Vec<u8>),
    Key([u8; 32]),
}

/// The variables that have an effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostapdConfig {
    pub interface: String,
    pub ctrl_interface: Option<String>,
    pub ssid: Option<Ssid>,
    /// `None` is `any`.
    pub hw_mode: Option<HwModeKey>,
    pub channel: u8,
    pub beacon_int: u16,
    pub dtim_period: u8,
    pub country: Option<[u8; 2]>,
    pub ieee80211d: bool,
    pub ieee80211n: bool,
    pub ht_capab: HtCapab,
    pub require_ht: bool,
    /// `None` follows `ieee80211n`.
    pub wmm_enabled: Option<bool>,
    pub preamble_short: bool,
    pub supported_rates: Vec<u16>,
    pub basic_rates: Vec<u16>,
    pub auth_algs: u8,
    pub hidden: HiddenSsid,
    pub max_num_sta: u32,
    pub ap_max_inactivity: u32,
    pub skip_inactivity_poll: bool,
    pub disassoc_low_ack: bool,
    pub broadcast_deauth: bool,
    pub max_listen_interval: u16,
    pub send_probe_response: bool,
    pub no_probe_resp_if_max_sta: bool,
    pub macaddr_acl: u8,
    pub accept: AccessList,
    pub deny: AccessList,
    pub accept_mac_file: Option<String>,
    pub deny_mac_file: Option<String>,
    pub wpa: u8,
    pub ieee8021x: bool,
    pub key_mgmt: AkmSet,
    pub wpa_pairwise: CipherSet,
    pub rsn_pairwise: CipherSet,
    pub group_cipher: CipherSet,
    pub psk: Option<Psk>,
    pub wpa_psk_file: Option<String>,
    /// From the file: keys for one station; the zero address means every station.
    pub station_psks: BTreeMap<MacAddr, Vec<Psk>>,
    pub group_rekey: Option<u32>,
    pub gmk_rekey: u32,
    pub ptk_rekey: u32,
    pub strict_rekey: bool,
    pub group_update_count: u32,
    pub pairwise_update_count: u32,
    pub disable_eapol_key_retries: bool,
    pub deny_ptk0_rekey: u8,
    pub preauth: bool,
    pub eapol_version: u8,
    pub vendor_elements: Vec<u8>,
    pub assocresp_elements: Vec<u8>,
    pub wps: WpsKeys,
    pub start_disabled: bool,
    /// `rrm_neighbor_report`: the list of neighbours is kept.
    pub neighbor_report: bool,
    /// `wmm_ac_*`.
    pub access_categories: [AccessCategory; 4],
    /// What was asked for and is missing here: an access point without it would only pretend.
    pub missing: BTreeSet<&'static str>,
}

/// `hw_mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HwModeKey {
    A,
    B,
    G,
    /// 60 GHz, which no radio here has.
    Ad,
}

/// `ht_capab`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HtCapab {
    pub bits: u16,
    pub secondary_channel: i8,
}

impl Default for HostapdConfig {
    fn default() -> Self {
        HostapdConfig {
            interface: String::new(),
            ctrl_interface: None,
            ssid: None,
            hw_mode: Some(HwModeKey::B),
            channel: 0,
            beacon_int: 100,
            dtim_period: 2,
            country: None,
            ieee80211d: false,
            ieee80211n: false,
            ht_capab: HtCapab { bits: 0x000c, secondary_channel: 0 },
            require_ht: false,
            wmm_enabled: None,
            preamble_short: false,
            supported_rates: Vec::new(),
            basic_rates: Vec::new(),
            auth_algs: 3,
            hidden: HiddenSsid::No,
            max_num_sta: 2007,
            ap_max_inactivity: 300,
            skip_inactivity_poll: false,
            disassoc_low_ack: false,
            broadcast_deauth: true,
            max_listen_interval: 65535,
            send_probe_response: true,
            no_probe_resp_if_max_sta: false,
            macaddr_acl: 0,
            accept: AccessList::new(),
            deny: AccessList::new(),
            accept_mac_file: None,
            deny_mac_file: None,
            wpa: 0,
            ieee8021x: false,
            key_mgmt: AkmSet::PSK,
            wpa_pairwise: CipherSet::TKIP,
            rsn_pairwise: CipherSet::EMPTY,
            group_cipher: CipherSet::EMPTY,
            psk: None,
            wpa_psk_file: None,
            station_psks: BTreeMap::new(),
            group_rekey: None,
            gmk_rekey: 86_400,
            ptk_rekey: 0,
            strict_rekey: false,
            group_update_count: 4,
            pairwise_update_count: 4,
            disable_eapol_key_retries: false,
            deny_ptk0_rekey: 0,
            preauth: false,
            eapol_version: 2,
            vendor_elements: Vec::new(),
            assocresp_elements: Vec::new(),
            wps: WpsKeys::default(),
            start_disabled: false,
            neighbor_report: false,
            access_categories: AccessCategory::DEFAULTS,
            missing: BTreeSet::new(),
        }
    }
}

impl HostapdConfig {
    /// Reads a whole file; `read` gives the files that it names. All errors are reported.
    pub fn parse(
        text: &[u8],
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<HostapdConfig, Vec<ConfigError>> {
        let mut config = HostapdConfig::default();
        let mut errors = Vec::new();
        for (index, line) in text.split(|b| *b == b'\n').enumerate() {
            let line =
                String::from_utf8_lossy(line.split(|b| *b == 0).next().unwrap_or_default()).into_owned();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let result = match line.split_once('=') {
                Some((variable, value)) => config.set(variable, value, read),
                None => Err(ConfigErrorKind::NotAnAssignment(line)),
            };
            errors.extend(result.err().map(|kind| ConfigError { line: index + 1, kind }));
        }
        errors.extend(config.check().err().map(|kind| ConfigError { line: 0, kind }));
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// One assignment, of the file or of SET.
    pub fn set(
        &mut self,
        variable: &str,
        value: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), ConfigErrorKind> {
        let invalid = |expected| ConfigErrorKind::invalid(variable, value, expected);
        let read_file = || read(value).ok_or_else(|| ConfigErrorKind::NoSuchFile(value.to_owned()));
        let number = atoi(value);
        let yes = number != 0;
        match variable {
            "interface" => self.interface = value.to_owned(),
            "driver" if !["nl80211", "wired", "none"].contains(&value) => {
                return Err(invalid("nl80211"));
            }
            "ctrl_interface" => self.ctrl_interface = Some(value.to_owned()),
            "bss" => return Err(ConfigErrorKind::SecondBss),
            "ssid" => self.ssid = Some(ssid_of(value.as_bytes()).ok_or_else(|| invalid("1 to 32 octets"))?),
            "ssid2" => {
                let octets =
                    parse_string(value).ok_or_else(|| invalid("\"text\", P\"text\" or hexadecimal"))?;
                self.ssid = Some(ssid_of(&octets).ok_or_else(|| invalid("1 to 32 octets"))?);
            }
            "hw_mode" => {
                self.hw_mode = match value {
                    "a" => Some(HwModeKey::A),
                    "b" => Some(HwModeKey::B),
                    "g" => Some(HwModeKey::G),
                    "ad" => Some(HwModeKey::Ad),
                    "any" => None,
                    _ => return Err(invalid("a, b, g, ad or any")),
                };
            }
            "channel" if value == "acs_survey" => return Err(invalid("automatic selection is not built in")),
            "channel" => self.channel = number.clamp(0, 255) as u8,
            "beacon_int" => {
                self.beacon_int = in_range(number, 10, 65535).ok_or_else(|| invalid("10 to 65535"))? as u16;
            }
            "dtim_period" => {
                self.dtim_period = in_range(number, 1, 255).ok_or_else(|| invalid("1 to 255"))? as u8;
            }
            "country_code" => match value.as_bytes() {
                [a @ b'A'..=b'Z', b @ b'A'..=b'Z', ..] => self.country = Some([*a, *b]),
                _ => return Err(invalid("two capital letters")),
            },
            "ieee80211d" => self.ieee80211d = yes,
            "ieee80211n" => self.ieee80211n = yes,
            "ht_capab" => self.ht_capab = HtCapab::parse(value),
            "require_ht" => self.require_ht = yes,
            "wme_enabled" | "wmm_enabled" => self.wmm_enabled = Some(yes),
            "preamble" => self.preamble_short = yes,
            "supported_rates" => self.supported_rates = rates(value),
            "basic_rates" => self.basic_rates = rates(value),
            "auth_algs" => {
                self.auth_algs = number as u8;
                if number == 0 {
                    return Err(invalid("1 open system, 2 shared key, or both"));
                }
            }
            "ignore_broadcast_ssid" => {
                self.hidden = match number {
                    0 => HiddenSsid::No,
                    2 => HiddenSsid::ZeroContents,
                    _ => HiddenSsid::ZeroLength,
                };
            }
            "max_num_sta" => {
                self.max_num_sta = in_range(number, 0, 2007).ok_or_else(|| invalid("0 to 2007"))? as u32;
            }
            "ap_max_inactivity" => self.ap_max_inactivity = number.max(0) as u32,
            "skip_inactivity_poll" => self.skip_inactivity_poll = yes,
            "disassoc_low_ack" => self.disassoc_low_ack = yes,
            "broadcast_deauth" => self.broadcast_deauth = yes,
            "max_listen_interval" => self.max_listen_interval = number as u16,
            "send_probe_response" => {
                self.send_probe_response = in_range(number, 0, 1).ok_or_else(|| invalid("0 or 1"))? == 1;
            }
            "no_probe_resp_if_max_sta" => self.no_probe_resp_if_max_sta = yes,
            "macaddr_acl" => {
                self.macaddr_acl = in_range(number, 0, 2).ok_or_else(|| invalid("0, 1 or 2"))? as u8;
            }
            "accept_mac_file" => {
                self.accept = addresses(&read_file()?).ok_or_else(|| invalid("an address a line"))?;
                self.accept_mac_file = Some(value.to_owned());
            }
            "deny_mac_file" => {
                self.deny = addresses(&read_file()?).ok_or_else(|| invalid("an address a line"))?;
                self.deny_mac_file = Some(value.to_owned());
            }
            _ => return self.set_security(variable, value, read),
        }
        Ok(())
    }

    fn set_security(
        &mut self,
        variable: &str,
        value: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), ConfigErrorKind> {
        let invalid = |expected| ConfigErrorKind::invalid(variable, value, expected);
        let number = atoi(value);
        let yes = number != 0;
        let count = || match crate::config::text::strtol(value) {
            (number, "") => in_range(number, 1, i64::from(u32::MAX)).ok_or_else(|| invalid("1 or more")),
            _ => Err(invalid("a number")),
        };
        match variable {
            "wpa" => self.wpa = number as u8,
            "ieee8021x" => self.ieee8021x = yes,
            "wpa_key_mgmt" => {
                self.key_mgmt = key_mgmt(value).ok_or_else(|| invalid("key management suites"))?;
            }
            "wpa_pairwise" => {
                self.wpa_pairwise = ciphers(value).ok_or_else(|| invalid("CCMP, TKIP or both"))?;
            }
            "rsn_pairwise" => {
                self.rsn_pairwise = ciphers(value).ok_or_else(|| invalid("CCMP, TKIP or both"))?;
            }
            "group_cipher" => {
                let one = ciphers(value).filter(|_| !value.trim().contains([' ', '\t']));
                self.group_cipher = one.ok_or_else(|| invalid("one cipher"))?;
            }
            "wpa_passphrase" => {
                if !(8..=63).contains(&value.len()) {
                    return Err(invalid("8 to 63 characters"));
                }
                self.psk = Some(Psk::Passphrase(value.as_bytes().to_vec()));
            }
            "wpa_psk" => {
                let key = parse_hex(value).and_then(|k| k.try_into().ok());
                self.psk = Some(Psk::Key(key.ok_or_else(|| invalid("64 hexadecimal digits"))?));
            }
            "wpa_psk_file" => {
                let text = read(value).ok_or_else(|| ConfigErrorKind::NoSuchFile(value.to_owned()))?;
                self.station_psks =
                    station_psks(&text).ok_or_else(|| invalid("an address and a key a line"))?;
                self.wps.file_psks = wps_psks(&text);
                self.wpa_psk_file = Some(value.to_owned());
            }
            "wpa_group_rekey" => self.group_rekey = Some(number.max(0) as u32),
            "wpa_gmk_rekey" => self.gmk_rekey = number.max(0) as u32,
            "wpa_ptk_rekey" => self.ptk_rekey = number.max(0) as u32,
            "wpa_strict_rekey" => self.strict_rekey = yes,
            "wpa_group_update_count" => self.group_update_count = count()? as u32,
            "wpa_pairwise_update_count" => self.pairwise_update_count = count()? as u32,
            "wpa_disable_eapol_key_retries" => self.disable_eapol_key_retries = yes,
            "wpa_deny_ptk0_rekey" => {
                self.deny_ptk0_rekey = in_range(number, 0, 2).ok_or_else(|| invalid("0, 1 or 2"))? as u8;
            }
            "rsn_preauth" => self.preauth = yes,
            "eapol_version" => {
                self.eapol_version = in_range(number, 1, 2).ok_or_else(|| invalid("1 or 2"))? as u8;
            }
            "vendor_elements" => {
                self.vendor_elements = parse_hex(value).ok_or_else(|| invalid("hexadecimal"))?;
            }
            "assocresp_elements" => {
                self.assocresp_elements = parse_hex(value).ok_or_else(|| invalid("hexadecimal"))?;
            }
            "start_disabled" => self.start_disabled = yes,
            "rrm_neighbor_report" => self.neighbor_report = yes,
            _ if self.set_wps(variable, value, read)? => {}
            _ if variable.starts_with("wmm_ac_") || variable.starts_with("wme_ac_") => {
                if !edca::set_access_category(&mut self.access_categories, variable, value) {
                    return Err(invalid("EDCA parameters"));
                }
            }
            _ if variable.starts_with("tx_queue_") && !edca::tx_queue_fits(variable, value) => {
                return Err(invalid("EDCA parameters"));
            }
            _ if !forms::fits(variable, value, read) => return Err(invalid("another form")),
            _ if KNOWN.binary_search(&variable).is_ok() => self.note_missing(variable, value),
            _ if KNOWN_PREFIXES.iter().any(|p| variable.starts_with(p)) => {}
            _ => return Err(ConfigErrorKind::UnknownVariable(variable.to_owned())),
        }
        Ok(())
    }

    fn note_missing(&mut self, variable: &str, value: &str) {
        let (feature, wanted) = match variable {
            "ieee80211w" => ("management frame protection", atoi(value) != 0),
            "ieee80211ac" => ("VHT", atoi(value) != 0),
            "ieee80211ax" => ("HE", atoi(value) != 0),
            "wep_key0" | "wep_key1" | "wep_key2" | "wep_key3" => ("WEP", !value.is_empty()),
            _ => return,
        };
        if wanted {
            self.missing.insert(feature);
        } else {
            self.missing.remove(feature);
        }
    }

    /// What has to fit together.
    pub fn check(&self) -> Result<(), ConfigErrorKind> {
        let wrong = |why| Err(ConfigErrorKind::Inconsistent(why));
        if self.ieee80211d && self.country.is_none() {
            return wrong("ieee80211d needs a country_code");
        }
        let psk_wanted = self.wpa != 0 && self.key_mgmt.intersects(AkmSet::PSK | AkmSet::PSK_SHA256);
        if psk_wanted && self.psk.is_none() && self.wpa_psk_file.is_none() {
            return wrong("WPA-PSK without a PSK or passphrase");
        }
        if self.ieee8021x && self.wpa == 0 {
            return Err(ConfigErrorKind::NotImplemented("IEEE 802.1X without WPA"));
        }
        if let Some(feature) = self.missing.first() {
            return Err(ConfigErrorKind::NotImplemented(feature));
        }
        Ok(())
    }

    /// A channel switch changed the channel and perhaps its width.
    pub fn operates_on(&mut self, channel: OperatingChannel) {
        const SUPP_CHANNEL_WIDTH_SET: u16 = 0x0002;
        self.channel = freq_to_channel(channel.freq).unwrap_or(self.channel);
        self.ieee80211n = channel.ht;
        self.ht_capab.secondary_channel = channel.secondary;
        self.ht_capab.bits &= !SUPP_CHANNEL_WIDTH_SET;
        if channel.secondary != 0 {
            self.ht_capab.bits |= SUPP_CHANNEL_WIDTH_SET;
        }
    }

    /// Whether HT works: not with 802.11b, and under WPA only with CCMP.
    pub fn ht_is_on(&self) -> bool {
        let ccmp = (self.wpa & 1 != 0 && self.wpa_pairwise.contains(CipherSet::CCMP))
            || (self.wpa & 2 != 0 && self.effective_rsn_pairwise().contains(CipherSet::CCMP));
        self.ieee80211n && self.hw_mode != Some(HwModeKey::B) && (self.wpa == 0 || ccmp)
    }

    /// Whether WPS is offered, after what forces it off.
    pub fn wps_is_on(&self) -> bool {
        let ccmp = self.effective_rsn_pairwise().contains(CipherSet::CCMP);
        self.wps.state != 0 && self.hidden == HiddenSsid::No && (self.wpa == 0 || (self.wpa & 2 != 0 && ccmp))
    }

    /// `rsn_pairwise`, which defaults to `wpa_pairwise`.
    pub fn effective_rsn_pairwise(&self) -> CipherSet {
        if self.wpa & 2 != 0 && self.rsn_pairwise.is_empty() { self.wpa_pairwise } else { self.rsn_pairwise }
    }

    /// The group cipher: the weakest pairwise one.
    pub fn effective_group(&self) -> CipherSet {
        if !self.group_cipher.is_empty() {
            return self.group_cipher;
        }
        let mut pairwise = CipherSet::EMPTY;
        if self.wpa & 1 != 0 {
            pairwise |= self.wpa_pairwise;
        }
        if self.wpa & 2 != 0 {
            pairwise |= self.effective_rsn_pairwise();
        }
        if self.wpa == 0 {
            pairwise = self.wpa_pairwise;
        }
        [CipherSet::TKIP, CipherSet::CCMP, CipherSet::GCMP]
            .into_iter()
            .find(|c| pairwise.contains(*c))
            .unwrap_or(CipherSet::CCMP)
    }

    /// The band of `hw_mode` and `channel`.
    pub fn band(&self) -> Band {
        match self.hw_mode {
            Some(HwModeKey::A) => Band::Ghz5,
            None if self.channel > 14 => Band::Ghz5,
            _ => Band::Ghz2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<HostapdConfig, Vec<ConfigError>> {
        HostapdConfig::parse(text.as_bytes(), &|path| {
            (path == "macs").then(|| b"# comment\n02:00:00:00:00:00\n02:00:00:00:00:01 3\n".to_vec())
        })
    }

    #[test]
    fn the_recorded_configuration() {
        let config = parse(
            "interface=wlan1\ndriver=nl80211\nhw_mode=g\nctrl_interface=/run/hostapd\nssid=jkm private\n\
             channel=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=secret passphrase\n",
        )
        .unwrap();
        assert_eq!(config.ssid.as_ref().unwrap().as_bytes(), b"jkm private");
        assert_eq!((config.channel, config.effective_group()), (1, CipherSet::CCMP));
        assert!(!config.wps_is_on());
    }

    #[test]
    fn errors_name_their_lines() {
        let errors =
            parse("ssid=\nnonsense\n# fine\nno_such_variable=1\nwpa_passphrase=short\nwpa=1\n").unwrap_err();
        assert_eq!(errors.iter().map(|e| e.line).collect::<Vec<_>>(), [1, 2, 4, 5, 0]);
        assert_eq!(errors[2].to_string(), "line 4: unknown variable 'no_such_variable'");
    }

    #[test]
    fn defaults_follow_hostapd() {
        let config =
            parse("ssid=x\nwpa=3\nwpa_passphrase=12345678\nlogger_syslog=-1\nwmm_ac_be_aifs=3\n").unwrap();
        assert_eq!(config.effective_rsn_pairwise(), CipherSet::TKIP);
        assert_eq!(config.effective_group(), CipherSet::TKIP);
        let config = parse("ssid2=P\"a\\x00b\"\naccept_mac_file=macs\nmacaddr_acl=1").unwrap();
        assert_eq!(config.ssid.unwrap().as_bytes(), b"a\0b");
        assert_eq!(config.accept.len(), 2);
    }

    #[test]
    fn what_is_missing_is_said() {
        for text in ["ieee80211w=1", "wep_key0=\"abcde\"", "ieee8021x=1", "ieee80211ac=1"] {
            let errors = parse(&format!("ssid=x\n{text}\n")).unwrap_err();
            assert!(errors[0].to_string().starts_with("line 0: this engine has no "), "{errors:?}");
        }
        assert!(parse("ssid=x\nieee80211w=1\nieee80211w=0\n").is_ok());
    }

    #[test]
    fn the_table_of_variables_is_sorted() {
        assert!(KNOWN.is_sorted());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = HostapdConfig::parse(&text, &|_| Some(text.clone()));
        }

        #[test]
        fn any_value_of_a_known_variable_is_read_or_refused(index in 0usize..400, value: String) {
            let variable = KNOWN[index % KNOWN.len()];
            let _ = HostapdConfig::default().set(variable, &value, &|_| Some(value.clone().into_bytes()));
        }
    }
}
