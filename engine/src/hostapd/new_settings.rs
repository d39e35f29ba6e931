//! The files that WPS writes: new settings of the access point, keys of enrollees, requests for PINs.

use super::{Hostapd, HostapdConfig, Psk};
use crate::ap::ApContext;
use crate::config::text::hex;
use crate::wire::MacAddr;
use crate::wire::driver::OperatingChannel;
use crate::wire::time::Instant;
use crate::wire::wsc::{Credential, auth_type, encr_type};
use crate::{Env, Output};
use core::fmt::Write as _;

/// A matter for files, put off until they can be read.
#[derive(Debug)]
pub(super) enum Chore {
    /// A line for `wps_pin_requests`.
    PinRequest(String),
    /// A key for `wpa_psk_file`.
    NewPsk { addr: MacAddr, psk: [u8; 32] },
    /// New settings for the configuration file.
    NewSettings(Box<Credential>),
    /// The configuration file changed.
    Reload,
    /// The BSS begins anew on a channel.
    RestartOn(OperatingChannel),
}

/// Variables that new settings replace; they stay in the file as comments.
const REPLACED: [&str; 12] = [
    "ssid=",
    "ssid2=",
    "auth_algs=",
    "wep_default_key=",
    "wep_key",
    "wps_state=",
    "wpa=",
    "wpa_psk=",
    "wpa_pairwise=",
    "rsn_pairwise=",
    "wpa_key_mgmt=",
    "wpa_passphrase=",
];

impl Hostapd {
    pub(super) fn do_chores(&mut self, now: Instant, env: Env<'_>) {
        while let Some(chore) = self.chores.pop_front() {
            match chore {
                Chore::PinRequest(line) => {
                    if let Some(path) = self.config.wps.pin_requests.clone() {
                        self.append(&path, &format!("{}\t{line}\n", now.secs()), env);
                    }
                }
                Chore::NewPsk { addr, psk } => self.keep_psk(addr, psk, env),
                Chore::NewSettings(settings) => {
                    let path = self.interface.config_path.clone();
                    if let Some(old) = env.files.read(&path) {
                        let content = rewritten(&old, &settings, &self.config);
                        self.outputs.push_back(Output::SaveFile { path, content });
                    }
                }
                Chore::Reload => self.reload_file(now, env),
                Chore::RestartOn(channel) => self.restart_on(now, channel, env),
            }
        }
    }

    fn append(&mut self, path: &str, line: &str, env: Env<'_>) {
        let mut content = env.files.read(path).unwrap_or_default();
        content.extend_from_slice(line.as_bytes());
        self.outputs.push_back(Output::SaveFile { path: path.to_owned(), content });
    }

    fn keep_psk(&mut self, addr: MacAddr, psk: [u8; 32], env: Env<'_>) {
        self.config.station_psks.entry(addr).or_default().insert(0, Psk::Key(psk).into());
        self.config.wps.file_psks.insert(addr, Psk::Key(psk));
        if let Some(path) = self.config.wpa_psk_file.clone() {
            let hex: String = psk.iter().map(|b| format!("{b:02x}")).collect();
            self.append(&path, &format!("wps=1 {addr} {hex}\n"), env);
        }
    }

    /// Reads the file again. The settings of the radio stay as they are. A file that cannot be read or is not valid
    /// changes nothing.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_reload_config
    fn reload_file(&mut self, now: Instant, env: Env<'_>) {
        let Some(text) = env.files.read(&self.interface.config_path) else { return };
        let Ok(mut fresh) = HostapdConfig::parse(&text, &|file| env.files.read(file)) else { return };
        let old = &self.config;
        fresh.channel = old.channel;
        fresh.ieee80211n = old.ieee80211n;
        fresh.ht_capab = old.ht_capab;
        self.config = fresh;
        *self.ap.config_mut() = self.ap_config(env);
        self.ap.reload(ApContext { now, driver: env.driver });
        self.carry_out();
    }
}

/// The configuration file with new settings at its head.
//= hostap@2.10 src/ap/wps_hostapd.c#hapd_wps_cred_cb
fn rewritten(old: &[u8], settings: &Credential, config: &HostapdConfig) -> Vec<u8> {
    let mut out = b"# WPS configuration - START\nwps_state=2\n".to_vec();
    let ssid = settings.ssid.as_bytes();
    if ssid.iter().all(|b| (0x20..0x7f).contains(b)) {
        push_line(&mut out, b"ssid=", ssid);
    } else {
        push_line(&mut out, b"ssid2=", hex(ssid).as_bytes());
    }
    let protected = protection(settings, config, &mut out);
    out.extend_from_slice(b"auth_algs=1\n# WPS configuration - END\n");
    let mut of_first_bss = true;
    for line in old.split_inclusive(|b| *b == b'\n') {
        of_first_bss &= !line.starts_with(b"bss=");
        let replaced = REPLACED.iter().any(|variable| line.starts_with(variable.as_bytes()))
            || (protected && line.starts_with(b"ieee80211w="));
        if of_first_bss && replaced {
            out.extend_from_slice(b"#WPS# ");
        }
        out.extend_from_slice(line);
    }
    out
}

/// The lines about security. Whether frame protection is among them.
fn protection(settings: &Credential, config: &HostapdConfig, out: &mut Vec<u8>) -> bool {
    const WPA2: u16 = auth_type::WPA2 | auth_type::WPA2_PSK;
    const WPA: u16 = auth_type::WPA | auth_type::WPA_PSK;
    let of = |types: u16| settings.auth_type & types != 0;
    let wpa = u8::from(of(WPA)) | u8::from(of(WPA2)) << 1;
    if wpa == 0 {
        return false;
    }
    let hex_key = settings.key.len() == 64;
    let sae = config.wps.cred_add_sae && of(auth_type::WPA2_PSK) && !hex_key;
    let named = |words: &[(bool, &'static str)]| {
        let words: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        words.join(" ")
    };
    let suites = named(&[
        (of(auth_type::WPA2 | auth_type::WPA), "WPA-EAP"),
        (of(auth_type::WPA2_PSK | auth_type::WPA_PSK), "WPA-PSK"),
        (sae, "SAE"),
    ]);
    let ciphers = named(&[
        (settings.encr_type & encr_type::AES != 0, "CCMP"),
        (settings.encr_type & encr_type::TKIP != 0, "TKIP"),
    ]);
    let mut lines = format!("wpa={wpa}\nwpa_key_mgmt={suites}\n");
    if sae {
        lines.push_str("ieee80211w=1\nsae_require_mfp=1\n");
    }
    let _ = writeln!(lines, "wpa_pairwise={ciphers}");
    out.extend_from_slice(lines.as_bytes());
    match settings.key.len() {
        8..=63 => push_line(out, b"wpa_passphrase=", &settings.key),
        64 => push_line(out, b"wpa_psk=", &settings.key),
        _ => {}
    }
    sae
}

fn push_line(out: &mut Vec<u8>, variable: &[u8], value: &[u8]) {
    out.extend_from_slice(variable);
    out.extend_from_slice(value);
    out.push(b'\n');
}
