//! The wpa_supplicant.conf format: reading with the place of every error, writing as SAVE_CONFIG
//! does.

use super::keys::network;
use wpasim_wire::MacAddr;

use super::credential::Credential;
use super::network::Network;
use super::network_fields::{FIELDS, Kind, SAVE_ORDER};
use super::refusal::{Refusal, Refusals, SetError};
use super::support::{self, Asked, Lack};
use super::words::{cipher, key_mgmt};
use super::{Blob, Config, Globals};
use crate::{Files, PskSource};

/// The lines of a file without comments and surrounding blanks, numbered from 1.
struct Lines<'a> {
    rest: core::slice::Split<'a, u8, fn(&u8) -> bool>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(content: &'a [u8]) -> Self {
        // A text behind the last newline is no line if it is empty.
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        Lines { rest: content.split(|b| *b == b'\n'), line: 0 }
    }

    /// The next line with something on it, of which the first `limit` octets count.
    fn next(&mut self, limit: usize) -> Option<&'a [u8]> {
        const BLANKS: [u8; 3] = [b' ', b'\t', b'\r'];
        loop {
            let raw = self.rest.next()?;
            self.line += 1;
            let cut = raw.get(..limit).unwrap_or(raw);
            let cut = cut.split(|b| *b == 0).next().unwrap_or_default();
            let begin = cut.iter().position(|b| !BLANKS.contains(b)).unwrap_or(cut.len());
            let text = without_comment(cut.get(begin..).unwrap_or_default());
            let end = text.iter().rposition(|b| !BLANKS.contains(b)).map_or(0, |last| last + 1);
            match text.get(..end) {
                Some(text) if !text.is_empty() => return Some(text),
                _ => {}
            }
        }
    }
}

/// A `#` ends the line unless it is within quotes.
fn without_comment(line: &[u8]) -> &[u8] {
    let find = |from: usize, wanted: u8| {
        let rest = line.get(from..).unwrap_or_default();
        rest.iter().position(|b| *b == wanted).map(|at| from + at)
    };
    let mut hash = find(0, b'#');
    let mut from = 0;
    while let Some(end) = hash {
        let Some(open) = find(from, b'"').filter(|open| *open < end) else { break };
        let Some(close) = find(open + 1, b'"') else { break };
        from = close + 1;
        if from > end {
            hash = find(from, b'#');
        }
    }
    line.get(..hash.unwrap_or(line.len())).unwrap_or(line)
}

/// Octets of a line that count: outside blocks, in a network, in credentials and blobs.
const GLOBAL: usize = 511;
const NETWORK: usize = 1999;
const CREDENTIAL: usize = 255;

impl Config {
    /// Reads a whole file. PSKs are derived through `psk`.
    pub fn parse(content: &[u8], psk: &dyn PskSource) -> Result<Config, Refusals> {
        let mut reader = Reader { lines: Lines::new(content), refusals: Vec::new() };
        let mut config = Config::default();
        while let Some(line) = reader.lines.next(GLOBAL) {
            reader.top_level(line, &mut config, psk);
        }
        if reader.refusals.is_empty() { Ok(config) } else { Err(Refusals(reader.refusals)) }
    }

    /// Reads the file at a path, as an interface does that begins: what OpenSSL refuses of it is refused, too.
    pub fn read_to_begin(path: &str, files: &dyn Files, psk: &dyn PskSource) -> Result<Config, Refusals> {
        let config = Config::read(path, files, psk)?;
        let refused = config.refused_by_tls(&[]);
        if refused.is_empty() { Ok(config) } else { Err(Refusals(refused)) }
    }

    /// Reads the file at a path. What is said last names the file.
    pub fn read(path: &str, files: &dyn Files, psk: &dyn PskSource) -> Result<Config, Refusals> {
        let unreadable = |mut said: Vec<Refusal>| {
            let text = format!("Failed to read or parse configuration '{path}'.");
            said.push(Refusal::of_file(text).following());
            Refusals(said)
        };
        let Some(content) = files.read(path) else {
            let text = format!("Failed to open config file '{path}', error: No such file or directory");
            return Err(unreadable(vec![Refusal::of_file(text)]));
        };
        let config = Config::parse(&content, psk).map_err(|Refusals(said)| unreadable(said))?;
        let refused = refused_by_name(&content);
        if refused.is_empty() { Ok(config) } else { Err(Refusals(refused)) }
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

/// Returns the lines that ask for what 2.10 has and this engine refuses by name.
fn refused_by_name(content: &[u8]) -> Vec<Refusal> {
    let asked = support::asked_of_supplicant(&String::from_utf8_lossy(content));
    let refused = asked.into_iter().filter(|asked| matches!(asked.lack, Lack::Refused(_)));
    let shown = |asked: Asked| format!("{}: {}", asked.assignment, asked.lack);
    refused.map(|asked| Refusal { numbered: false, ..Refusal::at(asked.line, shown(asked)) }).collect()
}

/// Blocks that can't be used, or are not the user's, are not saved.
fn is_saved(network: &Network) -> bool {
    let suites = network.bits(network::KEY_MGMT);
    let psk_without_sae = key_mgmt::PSK | key_mgmt::FT_PSK | key_mgmt::PSK_SHA256;
    let has_psk = network.psk.psk.is_some() || network.psk.passphrase.is_some();
    if suites == key_mgmt::WPS || network.temporary {
        return false;
    }
    if suites & psk_without_sae != 0 && !has_psk {
        return false;
    }
    let sae = suites & (key_mgmt::SAE | key_mgmt::FT_SAE) != 0;
    !(sae && network.psk.passphrase.is_none() && network.text(network::SAE_PASSWORD).is_none())
}

fn write_network(network: &Network, out: &mut String) {
    for (name, default) in SAVE_ORDER {
        if let Some(default) = default {
            let value = network.int_named(name);
            // 2.10 compares with 0 even where the default is another number, and so loses a 0 that was set.
            if value != *default || network.is_set_to_other_than_default(name) {
                out.push_str(&format!("\t{name}={value}\n"));
            }
            continue;
        }
        let at_default = match *name {
            "proto" => network.bits(network::PROTO) == super::words::proto::WPA | super::words::proto::RSN,
            "key_mgmt" => network.bits(network::KEY_MGMT) == key_mgmt::PSK | key_mgmt::IEEE8021X,
            "pairwise" | "group" => network.bits_named(name) == cipher::CCMP | cipher::TKIP,
            "psk" => network.int(network::MEM_ONLY_PSK) != 0,
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
        if matches!(field.kind, Kind::AliasOf(_) | Kind::Ignored) || !network.is_set_named(field.name) {
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
    refusals: Vec<Refusal>,
}

/// A block, as it is called in what is said of it.
#[derive(Clone, Copy)]
struct Block {
    /// `network`, `cred`.
    name: &'static str,
    /// Of one of its lines.
    line: &'static str,
    limit: usize,
    /// Whether a value that is refused is shown once more.
    repeats: bool,
}

const NETWORKS: Block = Block { name: "network", line: "SSID", limit: NETWORK, repeats: true };
const CREDENTIALS: Block = Block { name: "cred", line: "cred", limit: CREDENTIAL, repeats: false };

impl Reader<'_> {
    fn fail(&mut self, text: impl Into<String>) {
        self.refusals.push(Refusal::at(self.lines.line, text));
    }

    /// Says what follows from what was said since `before`, and nothing if nothing was.
    fn follows(&mut self, before: usize, text: impl Into<String>) {
        let cause = Refusal::at(self.lines.line, text);
        let consequence = self.refusals.len() > before;
        self.refusals.push(if consequence { cause.following() } else { cause });
    }

    /// Says why a value is refused.
    fn refuse(&mut self, error: SetError) {
        self.refusals.extend(error.at(self.lines.line));
    }

    fn top_level(&mut self, line: &[u8], config: &mut Config, psk: &dyn PskSource) {
        let before = self.refusals.len();
        let text = String::from_utf8_lossy(line);
        if text == "network={" {
            let id = config.networks.len() as i32;
            let network = self.network(id, psk);
            config.networks.push(network);
            if self.refusals.len() > before {
                self.follows(before, "failed to parse network block.");
            }
        } else if text == "cred={" {
            let (credential, refused) = self.credential(config.credentials.len() as i32);
            config.credentials.push(credential);
            if refused {
                self.follows(before, "failed to parse cred block.");
            }
        } else if let Some(rest) = text.strip_prefix("blob-base64-") {
            self.blob(rest, config);
            if self.refusals.len() > before {
                self.follows(before, "failed to process blob.");
            }
        } else if let Err(error) = config.globals.assign(&text) {
            let parsed = !error.unknown && !text.starts_with("wmm_ac_") && !text.starts_with("tx_queue_");
            self.refuse(error);
            if parsed {
                self.follows(before, format!("failed to parse '{text}'."));
            }
            let shown = Globals::shown_line(&text);
            self.follows(before, format!("Invalid configuration line '{shown}'."));
        }
    }

    /// The `name=value` lines up to the closing brace. Whether one of them was refused.
    fn assignments(
        &mut self,
        block: Block,
        mut each: impl FnMut(&str, &[u8]) -> Result<(), SetError>,
    ) -> bool {
        let mut refused = false;
        while let Some(line) = self.lines.next(block.limit) {
            if line == b"}" {
                return refused;
            }
            let Some(at) = line.iter().position(|b| *b == b'=') else {
                self.fail(format!("Invalid {} line '{}'.", block.line, String::from_utf8_lossy(line)));
                refused = true;
                continue;
            };
            let (name, value) =
                (String::from_utf8_lossy(line.get(..at).unwrap_or_default()), line.get(at + 1..));
            let value = value.unwrap_or_default();
            let shown = String::from_utf8_lossy(value);
            if value.strip_prefix(b"\"").is_some_and(|rest| !rest.contains(&b'"')) {
                self.fail(format!("invalid quotation '{shown}'."));
                refused = true;
                continue;
            }
            if let Err(error) = each(&name, value) {
                let before = self.refusals.len();
                let unknown = error.unknown;
                self.refuse(error);
                if block.repeats && !unknown {
                    self.follows(before, format!("failed to parse {name} '{shown}'."));
                }
                refused = true;
            }
        }
        self.fail(format!("{} block was not terminated properly.", block.name));
        true
    }

    fn network(&mut self, id: i32, psk: &dyn PskSource) -> Network {
        let mut network = Network::new(id);
        self.assignments(NETWORKS, |name, value| network.set(name, value).map(|_| ()));
        network.p2p_persistent_group = network.is_persistent_group();
        for problem in validate(&mut network, psk) {
            self.fail(problem);
        }
        network
    }

    fn credential(&mut self, id: i32) -> (Credential, bool) {
        let mut credential = Credential::new(id);
        let refused = self
            .assignments(CREDENTIALS, |name, value| credential.set(name, &String::from_utf8_lossy(value)));
        (credential, refused)
    }

    fn blob(&mut self, header: &str, config: &mut Config) {
        let Some((name, _)) = header.split_once('=') else {
            return self.fail("no blob name terminator");
        };
        let mut base64 = String::new();
        let terminated = loop {
            match self.lines.next(CREDENTIAL) {
                None => break false,
                Some(b"}") => break true,
                Some(line) => base64.push_str(&String::from_utf8_lossy(line)),
            }
        };
        let before = self.refusals.len();
        if !terminated || base64.is_empty() {
            self.fail("blob was not terminated properly");
        }
        let alphabet = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if self.refusals.len() > before || !base64.chars().all(alphabet) || !base64.len().is_multiple_of(4) {
            return self.follows(before, format!("failed to read blob {name}"));
        }
        config.blobs.retain(|b| b.name != name);
        config.blobs.insert(0, Blob { name: name.to_owned(), base64 });
    }
}

/// The checks that follow a block, and the PSK's derivation.
fn validate(network: &mut Network, psk: &dyn PskSource) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if let Some(passphrase) = network.psk.passphrase.clone() {
        if network.psk.psk.is_some() {
            wrong.push("both PSK and passphrase configured.");
        }
        network.psk.psk = Some(psk.psk(&passphrase, network.ssid().as_bytes()));
    }
    let strong = cipher::CCMP | cipher::CCMP_256 | cipher::GCMP | cipher::GCMP_256 | cipher::NONE;
    let group = network.bits(network::GROUP);
    if group & cipher::CCMP != 0 && network.bits(network::PAIRWISE) & strong == 0 {
        // A group cipher can't be stronger than the pairwise one.
        network.set_bits(network::GROUP, group & !cipher::CCMP);
    }
    if network.int(network::MODE) == 5
        && !matches!(network.bits(network::KEY_MGMT), key_mgmt::NONE | key_mgmt::SAE)
    {
        wrong.push("key_mgmt for mesh network should be open or SAE");
    }
    if network.int(network::OCV) != 0 && network.int(network::IEEE80211W) == 0 {
        wrong.push("PMF needs to be enabled whenever using OCV");
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::global;

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
        assert_eq!(config.networks[0].int(network::PRIORITY), 3);
        assert_eq!(config.write(), SAVED);
    }

    #[test]
    fn comments_end_a_line_outside_quotes() {
        let config =
            Config::parse(b"# x\n ap_scan=2 # why\nnetwork={\nssid=\"a#b\" # c\nkey_mgmt=NONE\n}\n", &NoPsk);
        let config = config.unwrap();
        assert_eq!(config.globals.int(global::AP_SCAN), 2);
        assert_eq!(config.networks[0].ssid().as_bytes(), b"a#b");
    }

    /// Compares each refusal with the line that wpa_supplicant 2.10, as Debian builds it, wrote of the same file.
    #[test]
    fn every_refusal_is_said_as_2_10_says_it() {
        let file = include_str!("refusals/supplicant.conf");
        let said = Config::parse(file.as_bytes(), &NoPsk).unwrap_err();
        let lines: Vec<String> = said.0.iter().map(ToString::to_string).collect();
        let recorded: Vec<&str> = include_str!("refusals/supplicant.said").trim_end().split('\n').collect();
        assert_eq!(lines.join("\n").split('\n').collect::<Vec<_>>(), recorded);
    }

    #[test]
    fn what_is_no_utf8_is_octets() {
        let config = Config::parse(b"# caf\xe9\nnetwork={\n ssid=\"caf\xe9\"\n key_mgmt=NONE\n}\n", &NoPsk);
        assert_eq!(config.unwrap().networks[0].ssid().as_bytes(), b"caf\xe9");
    }

    #[test]
    fn of_a_long_line_the_beginning_counts() {
        let file = format!("network={{\nssid=\"{}\" {}x\n}}\n", "a", " ".repeat(2000));
        let config = Config::parse(file.as_bytes(), &NoPsk).unwrap();
        assert_eq!(config.networks[0].ssid().as_bytes(), b"a");
    }
}
