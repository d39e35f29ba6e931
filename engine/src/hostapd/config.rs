//! hostapd.conf: lines of `variable=value`, as hostapd 2.10 reads them.

mod advertised;
mod assign;
mod check;
mod forms;
mod radio;
mod values;
mod wps;

pub(super) use values::{parse_hex, parse_string};

/// Every name that hostapd.conf has, and every word of `wpa_key_mgmt`.
pub mod words {
    pub use super::super::keys::KNOWN;
    pub use super::values::KEY_MGMT;
}
pub use wps::WpsKeys;

use super::access_lists::AccessList;
use crate::Files;
use crate::ap::AccessCategory;
use crate::config::{Refusal, Refusals};
use crate::wire::channel::{Band, freq_to_channel};
use crate::wire::driver::{HiddenSsid, OperatingChannel};
use crate::wire::rsne::{AkmSet, CipherSet};
use crate::wire::{MacAddr, Ssid};
use std::collections::BTreeMap;

pub use crate::psk::{NamedPsk, Psk};

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
    /// `None` leaves the radio's as it is, -1 ends it.
    pub fragm_threshold: Option<i64>,
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
    pub station_psks: BTreeMap<MacAddr, Vec<NamedPsk>>,
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
    /// The first octet of RM Enabled Capabilities that the configuration asks for.
    pub(super) radio_measurement: u8,
    /// `roaming_consortium`, in their order.
    pub(super) roaming_consortiums: Vec<Vec<u8>>,
    /// `country3`: the environment in the Country element.
    pub(super) country_environment: u8,
    /// `uapsd_advertisement_enabled`.
    pub uapsd: bool,
    /// `wmm_ac_*`.
    pub access_categories: [AccessCategory; 4],
    /// Known variables that have no effect here, with their last values: what has to fit together looks at some.
    pub(super) others: BTreeMap<String, String>,
    /// The WEP keys that are there; a key that could not be read is there as well.
    pub(super) wep_keys: [bool; 4],
    /// The number of WEP keys that were set.
    pub(super) wep_keys_set: u32,
    /// A server was named of which further variables speak.
    pub(super) named: Named,
    /// The features that were asked for and are missing here, by variable.
    pub(super) missing: BTreeMap<String, Missing>,
    /// Of the file: the line that is being read.
    pub(super) line: usize,
    /// The lines of variables that the radio may refuse.
    pub(super) lines: BTreeMap<&'static str, usize>,
}

/// The files and lists that further lines can speak of once a line has named them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Named {
    auth_server: bool,
    acct_server: bool,
    osu_provider: bool,
}

/// Something that was asked for and that this engine does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Missing {
    pub(in crate::hostapd) line: usize,
    value: String,
    feature: &'static str,
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

/// The lines of a file: longer ones than 2.10's buffer are several.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LONGEST: usize = 4095;
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|b| *b == b'\n').flat_map(|line| {
        let parts = line.chunks(LONGEST);
        parts.chain(line.is_empty().then_some(line))
    })
}

fn not_set_up(path: &str) -> Refusal {
    Refusal::of_file(format!("Failed to set up interface with {path}")).following()
}

fn not_initialized() -> Refusal {
    Refusal::of_file("Failed to initialize interface").following()
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
            fragm_threshold: None,
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
            radio_measurement: 0,
            roaming_consortiums: Vec::new(),
            country_environment: b' ',
            uapsd: false,
            access_categories: AccessCategory::DEFAULTS,
            others: BTreeMap::new(),
            wep_keys: [false; 4],
            wep_keys_set: 0,
            named: Named::default(),
            missing: BTreeMap::new(),
            line: 0,
            lines: BTreeMap::new(),
        }
    }
}

impl HostapdConfig {
    /// Reads a whole file; `read` gives the files that it names. Everything that hostapd 2.10 says as it refuses the
    /// file is reported; what it takes and this engine does not have follows only if it refuses nothing.
    pub fn parse(text: &[u8], read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<HostapdConfig, Refusals> {
        let (config, refusals, _) = Self::fill(text, read);
        let refusals = if refusals.is_empty() { config.missing() } else { refusals };
        if refusals.is_empty() { Ok(config) } else { Err(Refusals(refusals)) }
    }

    /// Returns the lines that hostapd 2.10 writes as it refuses a file, or as it cannot set the interface up with it
    /// whatever channels may be used; none if it takes it.
    pub fn refused(text: &[u8], ifname: &str, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Vec<Refusal> {
        let (config, refusals, _) = Self::fill(text, read);
        if refusals.is_empty() { config.refused_by_radio(ifname, None) } else { refusals }
    }

    /// Reads the file at a path, as a process does that starts. What is said last names the file.
    pub fn read(path: &str, files: &dyn Files) -> Result<HostapdConfig, Refusals> {
        let (config, mut refusals) = Self::read_all(path, files);
        // The radio's refusals are told as the interface is set up.
        if refusals.is_empty() && config.refused_by_radio("", None).is_empty() {
            refusals = config.missing();
        }
        if refusals.is_empty() { Ok(config) } else { Err(Refusals(refusals)) }
    }

    /// Returns the reasons why the file at a path is refused, if it is; several BSSs in it are none of them.
    pub(super) fn refusals(path: &str, files: &dyn Files) -> Vec<Refusal> {
        let (mut config, mut refusals) = Self::read_all(path, files);
        config.missing.remove("bss");
        if refusals.is_empty() {
            refusals = config.missing();
        }
        refusals
    }

    /// The file at a path, and what 2.10 says if it refuses it.
    fn read_all(path: &str, files: &dyn Files) -> (HostapdConfig, Vec<Refusal>) {
        let Some(text) = files.read(path) else {
            let text = format!("Could not open configuration file '{path}' for reading.");
            let refusals = vec![Refusal::of_file(text), not_set_up(path), not_initialized()];
            return (HostapdConfig::default(), refusals);
        };
        let (config, mut refusals, errors) = Self::fill(&text, &|file| files.read(file));
        if !refusals.is_empty() {
            let text = format!("{errors} errors found in configuration file '{path}'");
            refusals.extend([Refusal::of_file(text).following(), not_set_up(path), not_initialized()]);
        }
        (config, refusals)
    }

    /// Carries out every line. What 2.10 says of them, and how many errors it counts.
    fn fill(text: &[u8], read: &dyn Fn(&str) -> Option<Vec<u8>>) -> (HostapdConfig, Vec<Refusal>, i32) {
        let mut config = HostapdConfig::default();
        let (mut refusals, mut errors) = (Vec::new(), 0);
        for (index, line) in lines(text).enumerate() {
            let number = index + 1;
            let line = line.split(|b| *b == 0).next().unwrap_or_default();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let Some(at) = line.iter().position(|b| *b == b'=') else {
                let text = format!("invalid line '{}'", String::from_utf8_lossy(line));
                refusals.push(Refusal::at(number, text));
                errors += 1;
                continue;
            };
            let variable = String::from_utf8_lossy(line.get(..at).unwrap_or_default());
            let value = line.get(at + 1..).unwrap_or_default();
            config.line = number;
            if let Some(known) = radio::VARIABLES.iter().find(|known| known.name() == variable) {
                config.lines.insert(known.name(), number);
            }
            if let Err(error) = config.set_octets(&variable, value, read) {
                errors += error.counts;
                let before = refusals.len();
                refusals.extend(error.at(number));
                if refusals.len() == before {
                    // 2.10 only counts it; who reads this is told where it is.
                    let text = format!("{variable}={}", String::from_utf8_lossy(value));
                    refusals.push(Refusal { numbered: false, ..Refusal::at(number, text) });
                }
            }
        }
        if let Err(text) = config.check(true) {
            refusals.push(Refusal::of_file(text));
            errors += 1;
        }
        // Errors that 2.10 counts backwards can make up for others.
        if errors == 0 {
            refusals.clear();
        }
        (config, refusals, errors)
    }

    /// Returns the lines that ask for something without which an access point would only pretend.
    pub(super) fn missing(&self) -> Vec<Refusal> {
        let shown = |(variable, missing): (&String, &Missing)| Refusal {
            numbered: false,
            ..Refusal::at(
                missing.line,
                format!("{variable}={}: {} is not implemented", missing.value, missing.feature),
            )
        };
        self.missing.iter().map(shown).collect()
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
    use crate::hostapd::keys::KNOWN;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<HostapdConfig, Refusals> {
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
    fn what_is_missing_is_said_with_its_line() {
        for (line, said) in [
            ("ieee80211w=1", "ieee80211w=1: management frame protection (802.11w) is not implemented"),
            ("wep_key0=\"abcde\"", "wep_key0=\"abcde\": WEP is not implemented"),
            ("ieee80211ac=1", "ieee80211ac=1: VHT (802.11ac) is not implemented"),
        ] {
            let refusals = parse(&format!("ssid=x\n{line}\n")).unwrap_err().0;
            assert_eq!((refusals[0].line, refusals[0].to_string().as_str()), (2, said));
        }
        assert!(parse("ssid=x\nieee80211w=1\nieee80211w=0\n").is_ok());
    }

    #[test]
    fn what_is_no_utf8_is_octets() {
        let config = HostapdConfig::parse(b"ssid=caf\xe9\n", &|_| None).unwrap();
        assert_eq!(config.ssid.unwrap().as_bytes(), b"caf\xe9");
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
    fn the_longest_frame_is_the_radios_own_unless_said() {
        let threshold = |line: &str| parse(&format!("ssid=x\n{line}\n")).map(|c| c.fragmentation_threshold());
        assert_eq!(threshold(""), Ok(None));
        assert_eq!(threshold("fragm_threshold=-1"), Ok(Some(None)));
        assert_eq!(threshold("fragm_threshold=2346"), Ok(Some(None)));
        assert_eq!(threshold("fragm_threshold=2345"), Ok(Some(Some(2345))));
        assert_eq!(threshold("fragm_threshold=256"), Ok(Some(Some(256))));
        for refused in ["255", "2347", "-2", "x"] {
            let why = threshold(&format!("fragm_threshold={refused}")).unwrap_err().to_string();
            assert!(why.contains("Line 2: invalid fragm_threshold "), "{why}");
        }
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
