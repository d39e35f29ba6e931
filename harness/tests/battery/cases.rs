//! The cases: each variable of each file format with values other than its default, and the scenario that asks for it.

use std::fmt;

use wpasim_engine::config::support::{self, Row, Socket, asked_by_command};

/// A file format with variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Network,
    Global,
    Hostapd,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Network, Format::Global, Format::Hostapd];

    pub fn name(self) -> &'static str {
        match self {
            Format::Network => "network",
            Format::Global => "global",
            Format::Hostapd => "hostapd",
        }
    }

    fn rows(self) -> &'static [Row] {
        match self {
            Format::Network => support::network::ROWS,
            Format::Global => support::global::ROWS,
            Format::Hostapd => support::hostapd::ROWS,
        }
    }

    pub fn socket(self) -> Socket {
        match self {
            Format::Hostapd => Socket::Hostapd,
            _ => Socket::Interface,
        }
    }
}

/// A variable that is set to a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    pub format: Format,
    pub variable: String,
    pub value: String,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.format.name(), self.variable, self.value)
    }
}

/// Variables that would say nothing here: they name what the run itself stands on, or end it.
const UNTOUCHED: [&str; 8] = [
    "bridge",
    "ctrl_interface",
    "ctrl_interface_group",
    "driver",
    "interface",
    "no_ctrl_interface",
    "use_driver_iface_addr",
    "disabled",
];

/// Values of variables that are no numbers.
const VALUES: &[(&str, &[&str])] = &[
    ("ap_pin", &["12345670"]),
    ("ap_assocresp_elements", &["dd0411223301"]),
    ("ap_vendor_elements", &["dd0411223301"]),
    ("assocresp_elements", &["dd0411223301"]),
    ("auth_alg", &["SHARED", "OPEN SHARED"]),
    ("basic_rates", &["60 120 240"]),
    ("bgscan", &["\"simple:5:-45:30\"", "\"learn:5:-45:30\""]),
    ("bss_load_test", &["12:80:20000"]),
    ("bssid", &["02:00:00:00:01:00", "02:11:22:33:44:55"]),
    ("bssid_accept", &["02:11:22:33:44:55"]),
    ("bssid_hint", &["02:00:00:00:01:00"]),
    ("bssid_ignore", &["02:00:00:00:01:00"]),
    ("config_methods", &["push_button"]),
    ("country", &["DE"]),
    ("country_code", &["DE"]),
    ("device_name", &["Another"]),
    ("device_type", &["1-0050F204-1"]),
    ("ext_capa", &["00000080"]),
    ("ext_capa_mask", &["ffffffff"]),
    ("freq_list", &["2437", "2412 2437"]),
    ("go_p2p_dev_addr", &["02:11:22:33:44:55"]),
    ("group", &["TKIP", "CCMP TKIP"]),
    ("group_cipher", &["TKIP"]),
    ("gtk_rsc_override", &["0100000000ff"]),
    ("hessid", &["02:11:22:33:44:55"]),
    ("hs20_icon", &["32:32:eng:image/png:icon:/tmp/icon"]),
    ("ht_capab", &["[SHORT-GI-20]", "[HT40+]", "[LDPC]"]),
    ("ht_mcs", &["\"0x7f 1\""]),
    ("hw_mode", &["b", "a"]),
    ("id_str", &["\"name\""]),
    ("identity", &["\"name\""]),
    ("key_mgmt", &["WPA-PSK-SHA256", "NONE"]),
    ("manufacturer", &["Maker"]),
    ("model_name", &["Model"]),
    ("model_number", &["7"]),
    ("os_version", &["80000001"]),
    ("own_ie_override", &["30140100000fac040100000fac040100000fac020c00"]),
    ("pairwise", &["TKIP", "CCMP TKIP"]),
    ("proto", &["WPA", "RSN WPA"]),
    ("psk", &["\"another passphrase\"", "ext:name"]),
    ("qos_map_set", &["53,2,22,6,8,15,0,7,255,255,16,31,32,39,255,255,40,47,48,55"]),
    ("roaming_consortium", &["021122"]),
    ("rsn_pairwise", &["TKIP", "CCMP TKIP"]),
    ("rsne_override_eapol", &["30140100000fac040100000fac040100000fac020c00"]),
    ("rssi_reject_assoc_rssi", &["-20"]),
    ("rssi_ignore_probe_request", &["-20"]),
    ("scan_freq", &["2412 2437", "2437"]),
    ("sec_device_type", &["1-0050F204-1"]),
    ("serial_number", &["9"]),
    ("ssid", &["\"another\""]),
    ("ssid2", &["\"another\""]),
    ("supported_rates", &["60 90 120 180 240 360 480 540"]),
    ("time_advertisement", &["1"]),
    ("time_zone", &["CET-1"]),
    ("uuid", &["12345678-9abc-def0-1234-56789abcdef0"]),
    ("vendor_elements", &["dd0411223301"]),
    ("wpa_key_mgmt", &["WPA-PSK-SHA256", "WPA-PSK WPA-PSK-SHA256"]),
    ("wpa_pairwise", &["CCMP"]),
    ("wpa_passphrase", &["another passphrase"]),
    ("wps_application_ext", &["000102030405060708090a0b0c0d0e0f0102"]),
    ("wps_vendor_ext_m1", &["00372a0102"]),
];

/// Values of all other variables.
const NUMBERS: &[&str] = &["1"];

/// Every case, in the order of the tables. What the tables say is missing is not asked for.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for format in Format::ALL {
        for (variable, _) in format.rows().iter().filter(|(variable, _)| !UNTOUCHED.contains(variable)) {
            let values =
                VALUES.iter().find(|(name, _)| name == variable).map_or(NUMBERS, |(_, values)| values);
            let of_value =
                |value: &&str| Case { format, variable: (*variable).to_owned(), value: (*value).to_owned() };
            cases.extend(values.iter().map(of_value).filter(|case| !case.is_missing()));
        }
    }
    cases
}

impl Case {
    fn is_missing(&self) -> bool {
        asked_by_command(self.format.socket(), &self.command()).is_some_and(|asked| asked.lack.is_missing())
    }

    /// The command that sets the variable.
    pub fn command(&self) -> String {
        let object = if self.format == Format::Network { "SET_NETWORK 0" } else { "SET" };
        format!("{object} {} {}", self.variable, self.value)
    }

    /// The text of the scenario.
    pub fn scenario(&self) -> String {
        let command = self.command().replace('{', "{{").replace('}', "}}").replace('\'', "''");
        let get = match self.format {
            Format::Network => format!("GET_NETWORK 0 {}", self.variable),
            Format::Global => format!("GET {}", self.variable),
            Format::Hostapd => "GET_CONFIG".to_owned(),
        };
        match self.format {
            Format::Hostapd => HOSTAPD,
            Format::Network | Format::Global => SUPPLICANT,
        }
        .replace("COMMAND", &format!("'{command}'"))
        .replace("GET", &get)
    }
}

const SUPPLICANT: &str = r#"about: A variable that is set before a connection
why: each variable of the tables has what 2.10 makes of it
devices:
  sta: {networks: [{ssid: '"net"', psk: '"longpassphrase"', scan_freq: 2412, disabled: 1}]}
  ap: {hostapd: {ssid: net, channel: 1, ieee80211n: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: longpassphrase}}
steps:
  - {sta: COMMAND, reply: any}
  - {sta: GET, reply: any}
  - {sta: ENABLE_NETWORK 0, reply: any}
  - advance: 4s
  - {sta: STATUS, reply: any}
  - {ap: "STA {sta}", reply: any}
  - {sta: "BSS {ap}", reply: any}
  - show frame: {from: sta, frame: probe-request}
  - show frame: {from: sta, frame: association-request}
"#;

const HOSTAPD: &str = r#"about: A variable that is set before an access point is enabled
why: each variable of the tables has what 2.10 makes of it
devices:
  sta: {networks: [{ssid: '"net"', psk: '"longpassphrase"', scan_freq: 2412, disabled: 1}]}
  ap: {hostapd: {ssid: net, channel: 1, ieee80211n: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: longpassphrase}}
steps:
  - {ap: DISABLE, reply: any}
  - {ap: COMMAND, reply: any}
  - {ap: GET, reply: any}
  - {ap: ENABLE, reply: any}
  - advance: 1s
  - {ap: STATUS, reply: any}
  - {sta: ENABLE_NETWORK 0, reply: any}
  - advance: 4s
  - {sta: "BSS {ap}", reply: any}
  - {sta: STATUS, reply: any}
  - {ap: "STA {sta}", reply: any}
  - show frame: {from: ap, frame: association-response}
  - {ap: REKEY_GTK, reply: any}
  - advance: 1s
  - {ap: STATUS, reply: any}
"#;
