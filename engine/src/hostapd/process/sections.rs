//! hostapd.conf with several BSSs: `bss=` begins a further one.

/// Variables of the radio: they stand in the first section and count for every BSS.
const OF_RADIO: [&str; 43] = [
    "acs_chan_bias",
    "acs_exclude_dfs",
    "acs_num_scans",
    "basic_rates",
    "beacon_int",
    "beacon_rate",
    "channel",
    "chanlist",
    "country3",
    "country_code",
    "driver",
    "driver_params",
    "fragm_threshold",
    "freqlist",
    "he_oper_chwidth",
    "ht_capab",
    "hw_mode",
    "ieee80211ac",
    "ieee80211ax",
    "ieee80211d",
    "ieee80211h",
    "ieee80211n",
    "local_pwr_constraint",
    "min_tx_power",
    "obss_interval",
    "op_class",
    "preamble",
    "require_ht",
    "require_vht",
    "rssi_ignore_probe_request",
    "rssi_reject_assoc_rssi",
    "rssi_reject_assoc_timeout",
    "rts_threshold",
    "send_probe_response",
    "spectrum_mgmt_required",
    "stationary_ap",
    "supported_rates",
    "track_sta_max_age",
    "track_sta_max_num",
    "use_driver_iface_addr",
    "vht_capab",
    "vht_oper_centr_freq_seg0_idx",
    "vht_oper_chwidth",
];
/// The same, by the beginnings of their names.
const BEGINNINGS_OF_RADIO: [&str; 2] = ["tx_queue_", "wmm_ac_"];

/// A configuration file, taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Sections {
    /// The lines that count for every BSS.
    pub radio: Vec<u8>,
    /// Each BSS's own lines; its interface among them. At least one.
    pub bsss: Vec<Vec<u8>>,
}

impl Sections {
    pub(super) fn split(text: &[u8]) -> Sections {
        let mut sections = Sections { radio: Vec::new(), bsss: vec![Vec::new()] };
        for line in text.split_inclusive(|b| *b == b'\n') {
            if let Some(name) = line.strip_prefix(b"bss=") {
                sections.bsss.push([b"interface=", name].concat());
            } else if is_of_radio(line) {
                sections.radio.extend_from_slice(line);
            } else if let Some(last) = sections.bsss.last_mut() {
                last.extend_from_slice(line);
            }
        }
        sections
    }

    /// A BSS with what counts for all.
    pub(super) fn with_radio(radio: &[u8], bss: &[u8]) -> Vec<u8> {
        [radio, b"\n", bss].concat()
    }
}

fn is_of_radio(line: &[u8]) -> bool {
    let Some(end) = line.iter().position(|b| *b == b'=') else { return false };
    let Some(Ok(name)) = line.get(..end).map(core::str::from_utf8) else { return false };
    OF_RADIO.contains(&name) || BEGINNINGS_OF_RADIO.iter().any(|b| name.starts_with(b))
}

/// Returns the value that a section assigns to a variable last.
pub(super) fn value_of(section: &[u8], variable: &str) -> Option<String> {
    let mut lines = section.split(|b| *b == b'\n').rev();
    let value = lines.find_map(|line| line.strip_prefix(variable.as_bytes())?.strip_prefix(b"="))?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_radios_counts_for_every_bss() {
        let text = b"interface=wlan3\nssid=a\nchannel=6\nbss=wlan3_1\nssid=b\nwmm_ac_bk_aifs=7\nbssid=02:00:00:00:03:05";
        let sections = Sections::split(text);
        assert_eq!(sections.radio, b"channel=6\nwmm_ac_bk_aifs=7\n");
        assert_eq!(
            sections.bsss,
            [
                b"interface=wlan3\nssid=a\n".to_vec(),
                b"interface=wlan3_1\nssid=b\nbssid=02:00:00:00:03:05".to_vec()
            ]
        );
        let second = &sections.bsss[1];
        assert_eq!(value_of(second, "bssid").as_deref(), Some("02:00:00:00:03:05"));
        assert_eq!(value_of(second, "ssid").as_deref(), Some("b"));
        assert_eq!(value_of(second, "channel"), None);
    }

    #[test]
    fn the_names_are_hostapds() {
        let known = |name: &&str| crate::hostapd::keys::KNOWN.contains(name);
        let unknown: Vec<_> = OF_RADIO.iter().filter(|name| !known(name)).collect();
        assert_eq!(unknown, Vec::<&&str>::new());
    }
}
