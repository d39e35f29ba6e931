//! The wpa_supplicant.conf format: reading with the place of every error, writing as SAVE_CONFIG
//! does.

use wpasim_wire::MacAddr;

use super::credential::Credential;
use super::network::{Network, SetError};
use super::network_fields::{FIELDS, Kind, SAVE_ORDER};
use super::words::{cipher, key_mgmt};
use super::{Blob, Config};
use crate::PskSource;

/// One thing wrong in a configuration file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ConfigError {
    /// Counted from 1.
    pub line: usize,
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    #[error("invalid configuration line '{0}'")]
    Global(String),
    #[error("no '=' in '{0}'")]
    NoAssignment(String),
    #[error("unterminated quotation in '{0}'")]
    Quotation(String),
    #[error("failed to set {name}: {why}")]
    Variable { name: String, why: SetError },
    #[error("block was not terminated by '}}'")]
    Unterminated,
    #[error("{0}")]
    Network(&'static str),
    #[error("blob: {0}")]
    Blob(&'static str),
    #[error("not UTF-8")]
    Encoding,
}

/// Everything wrong in a configuration file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} error(s), the first in {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
pub struct ConfigErrors(pub Vec<ConfigError>);

/// Lines without comments and surrounding blanks, numbered from 1.
struct Lines<'a> {
    rest: core::iter::Enumerate<core::str::Lines<'a>>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Lines { rest: text.lines().enumerate(), line: 0 }
    }

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let (index, raw) = self.rest.next()?;
            self.line = index + 1;
            let text = raw.trim_start_matches([' ', '\t', '\r']);
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let text = without_comment(text).trim_end_matches([' ', '\t', '\r']);
            if !text.is_empty() {
                return Some(text);
            }
        }
    }
}

/// A `#` ends the line unless it is within quotes.
fn without_comment(line: &str) -> &str {
    let bytes = line.as_bytes();
    let mut from = 0;
    if let Some(open) = line.find('"') {
        let value_quoted = line.find('#').is_none_or(|hash| open < hash);
        if value_quoted {
            from = line.rfind('"').unwrap_or(0);
            if from == open {
                return line;
            }
        }
    }
    match bytes[from..].iter().position(|b| *b == b'#') {
        Some(hash) => &line[..from + hash],
        None => line,
    }
}

impl Config {
    /// Reads a whole file. PSKs are derived through `psk`.
    pub fn parse(content: &[u8], psk: &dyn PskSource) -> Result<Config, ConfigErrors> {
        let Ok(text) = core::str::from_utf8(content) else {
            let good = core::str::from_utf8(content).map_or_else(|e| e.valid_up_to(), str::len);
            let line = content[..good].iter().filter(|b| **b == b'\n').count() + 1;
            return Err(ConfigErrors(vec![ConfigError { line, problem: Problem::Encoding }]));
        };
        let mut reader = Reader { lines: Lines::new(text), errors: Vec::new() };
        let mut config = Config::default();
        while let Some(line) = reader.lines.next() {
            reader.top_level(line, &mut config, psk);
        }
        if reader.errors.is_empty() { Ok(config) } else { Err(ConfigErrors(reader.errors)) }
    }

    /// The whole file as SAVE_CONFIG writes it.
    pub fn write(&self) -> String {
        let mut out = String::new();
        for line in self.globals.lines() {
            out.push_str(&line);
            out.push('\n');
        }
        for credential in self.credentials.iter().filter(|c| !c.temporary) {
            out.push_str("\ncred={\n");
            for line in credential.lines() {
                out.push_str(&format!("\t{line}\n"));
            }
            out.push_str("}\n");
        }
        for network in self.networks.iter().filter(|n| is_saved(n)) {
            out.push_str("\nnetwork={\n");
            write_network(network, &mut out);
            out.push_str("}\n");
        }
        for blob in &self.blobs {
            out.push_str(&format!("\nblob-base64-{}={{\n", blob.name));
            for chunk in blob.base64.as_bytes().chunks(72) {
                out.push_str(&String::from_utf8_lossy(chunk));
                out.push('\n');
            }
            out.push_str("}\n");
        }
        out
    }
}

/// Blocks that can't be used, or are not the user's, are not saved.
fn is_saved(network: &Network) -> bool {
    let suites = network.bits("key_mgmt");
    let psk_without_sae = key_mgmt::PSK | key_mgmt::FT_PSK | key_mgmt::PSK_SHA256;
    let has_psk = network.psk.psk.is_some() || network.psk.passphrase.is_some();
    if suites == key_mgmt::WPS || network.temporary {
        return false;
    }
    if suites & psk_without_sae != 0 && !has_psk {
        return false;
    }
    let sae = suites & (key_mgmt::SAE | key_mgmt::FT_SAE) != 0;
    !(sae && network.psk.passphrase.is_none() && network.text("sae_password").is_none())
}

fn write_network(network: &Network, out: &mut String) {
    for (name, default) in SAVE_ORDER {
        if let Some(default) = default {
            let value = network.int(name);
            // 2.10 compares with 0 even where the default is another number, and so loses a 0 that was set.
            if value != *default || network.is_set_to_other_than_default(name) {
                out.push_str(&format!("\t{name}={value}\n"));
            }
            continue;
        }
        let at_default = match *name {
            "proto" => network.bits("proto") == super::words::proto::WPA | super::words::proto::RSN,
            "key_mgmt" => network.bits("key_mgmt") == key_mgmt::PSK | key_mgmt::IEEE8021X,
            "pairwise" | "group" => network.bits(name) == cipher::CCMP | cipher::TKIP,
            "psk" => network.int("mem_only_psk") != 0,
            "psk_list" => {
                write_psk_list(network, out);
                true
            }
            _ => false,
        };
        if at_default {
            continue;
        }
        if let Some(value) = network.get(name) {
            let optional = matches!(*name, "group_mgmt" | "auth_alg" | "eap" | "pairwise" | "group");
            if !(optional && value.is_empty()) {
                out.push_str(&format!("\t{name}={value}\n"));
            }
        }
    }
    write_forgotten(network, out);
}

/// Variables that 2.10 reads but forgets to save; they follow the ones it saves.
fn write_forgotten(network: &Network, out: &mut String) {
    for field in FIELDS.iter().filter(|f| !SAVE_ORDER.iter().any(|(name, _)| *name == f.name)) {
        if matches!(field.kind, Kind::AliasOf(_) | Kind::Ignored) || !network.is_set(field.name) {
            continue;
        }
        if let Some(value) = network.get(field.name) {
            out.push_str(&format!("\t{}={value}\n", field.name));
        }
    }
}

fn write_psk_list(network: &Network, out: &mut String) {
    for entry in network.psk_list() {
        let prefix = if entry.p2p { "P2P-" } else { "" };
        let addr: MacAddr = entry.addr;
        out.push_str(&format!("\tpsk_list={prefix}{addr}-{}\n", super::text::hex(&entry.psk)));
    }
}

struct Reader<'a> {
    lines: Lines<'a>,
    errors: Vec<ConfigError>,
}

impl Reader<'_> {
    fn fail(&mut self, problem: Problem) {
        let line = self.lines.line;
        self.errors.push(ConfigError { line, problem });
    }

    fn top_level(&mut self, line: &str, config: &mut Config, psk: &dyn PskSource) {
        if line == "network={" {
            let id = config.networks.len() as i32;
            let network = self.network(id, psk);
            config.networks.push(network);
        } else if line == "cred={" {
            let credential = self.credential(config.credentials.len() as i32);
            config.credentials.push(credential);
        } else if let Some(rest) = line.strip_prefix("blob-base64-") {
            self.blob(rest, config);
        } else if config.globals.assign(line).is_err() {
            self.fail(Problem::Global(line.to_owned()));
        }
    }

    /// The `name=value` lines up to the closing brace.
    fn assignments(&mut self, mut each: impl FnMut(&str, &str) -> Result<(), SetError>) {
        while let Some(line) = self.lines.next() {
            if line == "}" {
                return;
            }
            let Some((name, value)) = line.split_once('=') else {
                self.fail(Problem::NoAssignment(line.to_owned()));
                continue;
            };
            if value.strip_prefix('"').is_some_and(|rest| !rest.contains('"')) {
                self.fail(Problem::Quotation(value.to_owned()));
                continue;
            }
            if let Err(why) = each(name, value) {
                self.fail(Problem::Variable { name: name.to_owned(), why });
            }
        }
        self.fail(Problem::Unterminated);
    }

    fn network(&mut self, id: i32, psk: &dyn PskSource) -> Network {
        let mut network = Network::new(id);
        self.assignments(|name, value| network.set(name, value.as_bytes()).map(|_| ()));
        network.p2p_persistent_group = network.is_persistent_group();
        if let Some(problem) = validate(&mut network, psk) {
            self.fail(Problem::Network(problem));
        }
        network
    }

    fn credential(&mut self, id: i32) -> Credential {
        let mut credential = Credential::new(id);
        self.assignments(|name, value| credential.set(name, value));
        credential
    }

    fn blob(&mut self, header: &str, config: &mut Config) {
        let Some((name, _)) = header.split_once('=') else {
            self.fail(Problem::Blob("no name terminator"));
            return;
        };
        let mut base64 = String::new();
        loop {
            match self.lines.next() {
                None => return self.fail(Problem::Blob("not terminated by '}'")),
                Some("}") => break,
                Some(line) => base64.push_str(line),
            }
        }
        let alphabet = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if base64.is_empty() || !base64.chars().all(alphabet) || !base64.len().is_multiple_of(4) {
            return self.fail(Problem::Blob("not base64"));
        }
        config.blobs.retain(|b| b.name != name);
        config.blobs.insert(0, Blob { name: name.to_owned(), base64 });
    }
}

/// The checks that follow a block, and the PSK's derivation.
fn validate(network: &mut Network, psk: &dyn PskSource) -> Option<&'static str> {
    if let Some(passphrase) = network.psk.passphrase.clone() {
        if network.psk.psk.is_some() {
            return Some("both PSK and passphrase configured");
        }
        network.psk.psk = Some(psk.psk(&passphrase, network.ssid().as_bytes()));
    }
    let strong = cipher::CCMP | cipher::CCMP_256 | cipher::GCMP | cipher::GCMP_256 | cipher::NONE;
    let group = network.bits("group");
    if group & cipher::CCMP != 0 && network.bits("pairwise") & strong == 0 {
        // A group cipher can't be stronger than the pairwise one.
        network.set_bits("group", group & !cipher::CCMP);
    }
    if network.int("mode") == 5 && !matches!(network.bits("key_mgmt"), key_mgmt::NONE | key_mgmt::SAE) {
        return Some("key_mgmt of a mesh network must be NONE or SAE");
    }
    if network.int("ocv") != 0 && network.int("ieee80211w") == 0 {
        return Some("OCV needs management frame protection");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoPsk;
    impl PskSource for NoPsk {
        fn psk(&self, _: &[u8], _: &[u8]) -> [u8; 32] {
            [0; 32]
        }
    }

    const SAVED: &str = "ctrl_interface=/run/wpa_supplicant\nupdate_config=1\n\nnetwork={\n\tssid=\"saved\"\n\
                         \tpsk=\"12345678\"\n\tpriority=3\n\tmesh_fwding=1\n\tdisabled=1\n}\n";

    #[test]
    fn what_2_10_saved_is_read_and_written_back() {
        let config = Config::parse(SAVED.as_bytes(), &NoPsk).unwrap();
        assert_eq!(config.networks[0].int("priority"), 3);
        assert_eq!(config.write(), SAVED);
    }

    #[test]
    fn comments_end_a_line_outside_quotes() {
        let config =
            Config::parse(b"# x\n ap_scan=2 # why\nnetwork={\nssid=\"a#b\" # c\nkey_mgmt=NONE\n}\n", &NoPsk);
        let config = config.unwrap();
        assert_eq!(config.globals.int("ap_scan"), 2);
        assert_eq!(config.networks[0].ssid().as_bytes(), b"a#b");
    }

    #[test]
    fn every_error_has_its_line() {
        let errors = Config::parse(b"nosuch=1\nnetwork={\nssid=x\nfoo\n", &NoPsk).unwrap_err();
        let lines: Vec<usize> = errors.0.iter().map(|e| e.line).collect();
        assert_eq!(lines, [1, 3, 4, 4]);
    }
}
