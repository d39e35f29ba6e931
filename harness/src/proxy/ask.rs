//! The answers of a process about itself through its control interface.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wpasim_engine::config::global::Globals;
use wpasim_engine::config::network::Network;
use wpasim_engine::config::{global_fields, network_fields};

use super::access_points::ssid_variable;
use super::recording::{Observed, Recorded, RecordedRole};
use crate::control::words::{field, is_event};
use crate::control::{ControlError, Endpoint, Link};
use crate::wall::Stopwatch;

/// The time that a question waits for its answer; wpa_cli's patience.
const PATIENCE: Duration = Duration::from_secs(10);
/// Network blocks that are asked about.
const MOST_NETWORKS: usize = 64;

/// Globals that say where the process lives, not how it behaves.
const NOT_BEHAVIOUR: &[&str] = &[
    "ctrl_interface",
    "ctrl_interface_group",
    "driver_param",
    "no_ctrl_interface",
    "opensc_engine_path",
    "pkcs11_engine_path",
    "pkcs11_module_path",
    "update_config",
];

/// A connection for questions of our own.
pub struct Asker {
    link: Link,
}

impl Asker {
    /// Connects.
    ///
    /// # Errors
    /// As [`Link::open`].
    pub fn open(endpoint: &Endpoint) -> Result<Self, ControlError> {
        Ok(Asker { link: Link::open(endpoint, PATIENCE)? })
    }

    /// Asks, and waits for the answer; `None` if there is none in time.
    ///
    /// # Errors
    /// The process is gone.
    pub fn ask(&self, command: &str) -> Result<Option<String>, ControlError> {
        answer(&self.link, command)
    }

    /// As [`Asker::ask`]; empty if the command is not known or fails.
    fn told(&self, command: &str) -> Result<String, ControlError> {
        let reply = self.ask(command)?.unwrap_or_default();
        Ok(if reply == "FAIL\n" || reply.starts_with("UNKNOWN COMMAND") { String::new() } else { reply })
    }

    /// Returns the process, called `name`; `ifname` is its interface unless it says otherwise.
    ///
    /// # Errors
    /// The process is gone.
    pub fn introduce(&self, name: &str, ifname: &str) -> Result<Recorded, ControlError> {
        let status = self.told("STATUS")?;
        let own = |text: &str| text.trim_end().to_owned();
        if let Some(bssid) = field(&status, "bssid[0]") {
            return Ok(Recorded {
                name: name.to_owned(),
                ifname: field(&status, "bss[0]").unwrap_or(ifname).to_owned(),
                addr: bssid.parse().ok(),
                uuid: None,
                made_by: made_by("hostapd", &self.told("GET version")?),
                role: RecordedRole::Hostapd(hostapd(&status, &self.told("GET_CONFIG")?)),
            });
        }
        let answered = self.told("IFNAME")?;
        Ok(Recorded {
            name: name.to_owned(),
            ifname: if answered.is_empty() { ifname.to_owned() } else { own(&answered) },
            addr: field(&status, "address").and_then(|a| a.parse().ok()),
            uuid: field(&status, "uuid").map(str::to_owned),
            made_by: made_by("wpa_supplicant", &self.told("GET version")?),
            role: RecordedRole::Supplicant {
                globals: globals(&self.told("DUMP")?),
                networks: self.networks()?,
                state: field(&status, "wpa_state").unwrap_or_default().to_owned(),
                // Known, and wrong, in a build with CONFIG_TESTING_OPTIONS; unknown in others.
                testing: self.ask("EAPOL_RX x")?.is_some_and(|reply| reply == "FAIL\n"),
            },
        })
    }

    fn networks(&self) -> Result<Vec<Vec<(String, String)>>, ControlError> {
        let list = self.told("LIST_NETWORKS")?;
        let ids = list.lines().skip(1).filter_map(|l| l.split('\t').next()?.parse::<i32>().ok());
        let mut networks = Vec::new();
        for id in ids.take(MOST_NETWORKS) {
            let fresh = Network::new(0);
            let mut variables = Vec::new();
            for variable in network_fields::FIELDS {
                let value = self.told(&format!("GET_NETWORK {id} {}", variable.name))?;
                if !value.is_empty() && fresh.get(variable.name).unwrap_or_default() != value {
                    variables.push((variable.name.to_owned(), value));
                }
            }
            networks.push(variables);
        }
        Ok(networks)
    }

    /// The networks in the air, as device number `by` hears them.
    ///
    /// # Errors
    /// The process is gone.
    pub fn heard(&self, by: usize) -> Result<Vec<Observed>, ControlError> {
        Ok(self.told("SCAN_RESULTS")?.lines().filter_map(|line| Observed::read(line, by)).collect())
    }
}

/// Sends a command and waits for the reply; `None` if there is none in time. Events before it are lost.
///
/// # Errors
/// The process is gone.
pub fn answer(link: &Link, command: &str) -> Result<Option<String>, ControlError> {
    link.send(command.as_bytes())?;
    let watch = Stopwatch::start();
    while let Some(left) = PATIENCE.checked_sub(watch.elapsed()) {
        if let Some(reply) = link.try_receive()? {
            if !is_event(&reply) {
                return Ok(Some(String::from_utf8_lossy(&reply).into_owned()));
            }
            continue;
        }
        let timeout = Timespec::try_from(left).ok();
        // Interrupted is asked again.
        let _ = poll(&mut [PollFd::new(link, PollFlags::IN)], timeout.as_ref());
    }
    Ok(None)
}

/// `wpa_supplicant 2.10`; without the number if it does not tell.
fn made_by(program: &str, version: &str) -> String {
    format!("{program} {}", version.trim()).trim_end().to_owned()
}

/// Returns the variables that are not as in a fresh configuration.
fn globals(dump: &str) -> Vec<(String, String)> {
    let fresh = Globals::default();
    let told = dump.lines().filter_map(|line| line.split_once('='));
    told.filter(|(name, value)| {
        let ours = fresh.get(name).unwrap_or_else(|| "null".to_owned());
        global_fields::lookup(name).is_some() && !NOT_BEHAVIOUR.contains(name) && ours != *value
    })
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// Variables of hostapd.conf out of STATUS and GET_CONFIG.
fn hostapd(status: &str, config: &str) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            variables.push((name.to_owned(), value.to_owned()));
        }
    };
    if let Some((name, ssid)) = field(config, "ssid").map(ssid_variable) {
        add(name, Some(&ssid));
    }
    let freq = field(status, "freq").and_then(|f| f.parse().ok());
    if freq.is_some_and(|f: u32| f > 4000) {
        add("hw_mode", Some("a"));
    }
    add("channel", field(status, "channel"));
    add("beacon_int", field(status, "beacon_int").filter(|v| *v != "100"));
    add("dtim_period", field(status, "dtim_period").filter(|v| *v != "2"));
    let wpa = field(config, "wpa").filter(|v| *v != "0");
    add("wpa", wpa);
    if wpa.is_some() {
        add("wpa_key_mgmt", field(config, "key_mgmt").map(str::trim));
        add("wpa_pairwise", field(config, "wpa_pairwise_cipher").map(str::trim));
        add("rsn_pairwise", field(config, "rsn_pairwise_cipher").map(str::trim));
        match (field(config, "passphrase"), field(config, "psk")) {
            (None, Some(psk)) => add("wpa_psk", Some(psk)),
            (passphrase, _) => add("wpa_passphrase", Some(passphrase.unwrap_or(super::UNKNOWN_PASSPHRASE))),
        }
    }
    if let Some(state) = field(config, "wps_state") {
        let state = match state {
            "configured" => "2",
            "not configured" => "1",
            _ => "0",
        };
        if state != "0" {
            add("eap_server", Some("1"));
            add("wps_state", Some(state));
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_configuration_has_nothing_to_tell() {
        assert_eq!(globals(&Globals::default().dump()), []);
        let dump = "ap_scan=2\ncountry=null\nupdate_config=1\nno_such=1\ndevice_name=x=y\n";
        assert_eq!(
            globals(dump),
            [("ap_scan".to_owned(), "2".to_owned()), ("device_name".to_owned(), "x=y".to_owned())]
        );
    }

    #[test]
    fn hostapd_tells_its_configuration() {
        let status = "state=ENABLED\nfreq=5180\nchannel=36\nbeacon_int=100\nbss[0]=wlan1\nbssid[0]=02:00:00:00:01:00\n";
        let config = "bssid=02:00:00:00:01:00\nssid=a\\x00b\nwps_state=configured\npassphrase=12345678\nwpa=2\nkey_mgmt=WPA-PSK \nrsn_pairwise_cipher=CCMP \n";
        let told = hostapd(status, config);
        let text: Vec<String> = told.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(
            text,
            [
                "ssid2=P\"a\\x00b\"",
                "hw_mode=a",
                "channel=36",
                "wpa=2",
                "wpa_key_mgmt=WPA-PSK",
                "rsn_pairwise=CCMP",
                "wpa_passphrase=12345678",
                "eap_server=1",
                "wps_state=2"
            ]
        );
    }
}
