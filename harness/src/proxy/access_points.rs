//! Access points that only the air shows, out of a supplicant's scan results.

use std::collections::BTreeMap;

use super::UNKNOWN_PASSPHRASE;
use super::recording::{Observed, RecordedRole, Recording};
use super::yaml::Yaml;
use crate::transcript::Mark;

/// The passphrase that a network with a wrong key gets, so that the key is wrong here, too.
const ANOTHER_PASSPHRASE: &str = "another passphrase";

/// Passphrases by SSID, as far as clients have said them.
pub type Passphrases = BTreeMap<Vec<u8>, String>;

/// Returns the passphrases of networks that commands told; of a network that told a wrong key, it is another one.
pub fn passphrases(recording: &Recording) -> Passphrases {
    let mut ssids: BTreeMap<(String, String), Vec<u8>> = BTreeMap::new();
    let mut found = Passphrases::new();
    for device in &recording.devices {
        if let RecordedRole::Supplicant { networks, .. } = &device.role {
            let ids = (0..).map(|id: u32| id.to_string());
            for (id, network) in ids.zip(networks) {
                let ssid = network.iter().find(|(n, _)| n == "ssid").and_then(|(_, v)| unquoted(v));
                ssids.extend(ssid.map(|ssid| ((device.name.clone(), id), ssid)));
            }
        }
    }
    for entry in &recording.entries {
        let text = entry.text();
        if entry.mark == Mark::Event && text.contains("reason=WRONG_KEY") {
            let ssid = text
                .split_once("ssid=\"")
                .and_then(|(_, rest)| Some(rest.rsplit_once("\" auth_failures")?.0));
            found.extend(ssid.map(|s| (plain(s), ANOTHER_PASSPHRASE.to_owned())));
        }
        let Some(("SET_NETWORK", args)) = text.split_once(' ') else { continue };
        let mut words = args.splitn(3, ' ');
        let (Some(id), Some(name), Some(value)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let key = (entry.device.clone(), id.to_owned());
        match name {
            "ssid" => ssids.extend(unquoted(value).map(|ssid| (key, ssid))),
            "psk" => {
                let passphrase = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
                if let (Some(ssid), Some(passphrase)) = (ssids.get(&key), passphrase) {
                    found.insert(ssid.clone(), passphrase.to_owned());
                }
            }
            _ => {}
        }
    }
    found
}

/// An SSID as SET_NETWORK takes it.
pub fn unquoted(value: &str) -> Option<Vec<u8>> {
    wpasim_engine::config::text::parse_string(value.as_bytes())
}

/// An SSID as SCAN_RESULTS and events print it.
fn plain(printed: &str) -> Vec<u8> {
    wpasim_engine::config::text::printf_decode(printed.as_bytes())
}

/// The variable of hostapd.conf that has an SSID as SCAN_RESULTS and GET_CONFIG print it.
pub fn ssid_variable(printed: &str) -> (&'static str, String) {
    let is_plain = printed.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'));
    // Blanks at the ends would not survive.
    if is_plain && printed.trim() == printed {
        return ("ssid", printed.to_owned());
    }
    ("ssid2", format!("P\"{printed}\""))
}

/// The device for an access point that device `by` has heard.
///
/// # Errors
/// Returns the reason why hostapd.conf cannot have it.
pub fn access_point(heard: &Observed, by: &str, passphrases: &Passphrases) -> Result<Yaml, String> {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
    let (band, channel) = channel(heard.freq).ok_or_else(|| format!("{} MHz", heard.freq))?;
    let (name, ssid) = ssid_variable(&heard.ssid);
    add(name, &ssid);
    if band != "g" {
        add("hw_mode", band);
    }
    add("channel", &channel.to_string());
    let flags: Vec<&str> = heard.flags.split(['[', ']']).filter(|f| !f.is_empty()).collect();
    if heard.ssid.is_empty() {
        return Err("it hides its SSID".to_owned());
    }
    let mut wpa = 0;
    for flag in &flags {
        let (version, rest) = match flag.split_once('-') {
            Some(("WPA", rest)) => (1, rest),
            Some(("WPA2" | "RSN", rest)) => (2, rest),
            _ if *flag == "WEP" => return Err("WEP".to_owned()),
            _ if *flag == "P2P" => return Err("the group of a P2P device".to_owned()),
            _ => continue,
        };
        let (management, cipher) = rest.split_once('-').unwrap_or((rest, "CCMP"));
        if !management.split('+').any(|m| m == "PSK") {
            return Err(format!("key management {management}"));
        }
        let ciphers: Vec<&str> =
            cipher.split('+').filter(|c| matches!(*c, "CCMP" | "TKIP" | "GCMP")).collect();
        if ciphers.is_empty() {
            return Err(format!("cipher {cipher}"));
        }
        wpa |= version;
        add(if version == 1 { "wpa_pairwise" } else { "rsn_pairwise" }, &ciphers.join(" "));
    }
    if wpa != 0 {
        add("wpa", &wpa.to_string());
        add("wpa_key_mgmt", "WPA-PSK");
        let known = passphrases.get(&plain(&heard.ssid));
        add("wpa_passphrase", known.map_or(UNKNOWN_PASSPHRASE, String::as_str));
    }
    if flags.iter().any(|f| f.starts_with("WPS")) {
        add("eap_server", "1");
        add("wps_state", "2");
    }
    let signal =
        Yaml::Short(vec![("signal".to_owned(), Yaml::text(heard.signal.clamp(-100, 0).to_string()))]);
    Ok(Yaml::Map(vec![
        ("hostapd".to_owned(), Yaml::short(&variables)),
        ("link".to_owned(), Yaml::Short(vec![(by.to_owned(), signal)])),
    ]))
}

/// The band, as hw_mode names it, and the channel of a frequency in MHz (IEEE 802.11-2020 Annex E).
fn channel(freq: u32) -> Option<(&'static str, u32)> {
    match freq {
        2484 => Some(("g", 14)),
        2412..=2472 if (freq - 2407).is_multiple_of(5) => Some(("g", (freq - 2407) / 5)),
        5180..=5885 if freq.is_multiple_of(5) => Some(("a", (freq - 5000) / 5)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(line: &str) -> Observed {
        Observed::read(line, 0).expect("a line of SCAN_RESULTS")
    }

    #[test]
    fn scan_results_become_access_points() {
        let known = Passphrases::from([(b"net".to_vec(), "12345678".to_owned())]);
        let point = |line: &str| access_point(&heard(line), "sta", &known);
        let Ok(Yaml::Map(keys)) =
            point("02:00:00:00:01:00\t2437\t-61\t[WPA-PSK-TKIP][WPA2-PSK-CCMP+TKIP][WPS][ESS]\tnet")
        else {
            panic!("it can be had")
        };
        let Yaml::Short(variables) = &keys[0].1 else { panic!("a mapping") };
        let text: Vec<String> = variables
            .iter()
            .map(|(n, v)| if let Yaml::Text(v) = v { format!("{n}={v}") } else { String::new() })
            .collect();
        assert_eq!(
            text.join(" "),
            "ssid=net channel=6 wpa_pairwise=TKIP rsn_pairwise=CCMP TKIP wpa=3 wpa_key_mgmt=WPA-PSK wpa_passphrase=12345678 eap_server=1 wps_state=2"
        );
        assert_eq!(
            point("02:00:00:00:01:00\t2437\t-61\t[WPA2-EAP-CCMP][ESS]\tx"),
            Err("key management EAP".into())
        );
        assert_eq!(point("02:00:00:00:01:00\t5955\t-61\t[ESS]\tx"), Err("5955 MHz".into()));
        assert_eq!(Observed::read("bssid / frequency / signal level / flags / ssid", 0), None);
    }
}
