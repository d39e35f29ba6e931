//! The fuzzers' dictionaries are made of the engine's own words: commands that it answers, variables that it knows,
//! numbers of attributes and elements. `WPASIM_WRITE_DICTIONARIES=1 cargo test -p wpasim --test fuzz_corpora` writes them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use wpasim_engine::config::support;
use wpasim_engine::config::support::commands::{self, Command, Form};
use wpasim_engine::hostapd::config_words;
use wpasim_sim::FrameKind;

use super::{entries, fuzz_directory};

/// Set to write the dictionaries instead of comparing them.
const WRITES: &str = "WPASIM_WRITE_DICTIONARIES";

/// Words as they are, each once.
type Words = BTreeSet<Vec<u8>>;

#[test]
fn dictionaries_are_those_of_the_tables() {
    let made: [(&str, Words); 7] = [
        ("commands", commands_known()),
        ("arguments", arguments()),
        ("supplicant_variables", supplicant_variables()),
        ("hostapd_variables", hostapd_variables()),
        ("attributes", attributes()),
        ("elements", elements()),
        ("scenario_keys", scenario_keys()),
    ];
    let directory = fuzz_directory().join("dictionaries");
    for (name, words) in made {
        let path = directory.join(format!("{name}.dict"));
        let text: String = words.iter().map(|word| line(word)).collect();
        if std::env::var_os(WRITES).is_some() {
            fs::write(&path, &text).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{name}.dict is not what the tables make: set {WRITES}=1 to write it");
    }
}

/// A word as libFuzzer reads it.
fn line(word: &[u8]) -> String {
    let mut line = String::from("\"");
    for octet in word {
        match octet {
            b'"' | b'\\' => {
                line.push('\\');
                line.push(char::from(*octet));
            }
            b' '..=b'~' => line.push(char::from(*octet)),
            _ => {
                let _ = write!(line, "\\x{octet:02x}");
            }
        }
    }
    line + "\"\n"
}

/// The sources of the engine below a directory, without their tests.
fn sources(below: &str) -> Vec<String> {
    let mut sources = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below)];
    while let Some(path) = open.pop() {
        if path.ends_with("tests") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            sources.push(source.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
    assert!(!sources.is_empty(), "{below}");
    sources
}

/// The texts in quotation marks of the files that answer commands.
fn literals() -> BTreeSet<String> {
    let files =
        ["engine/src/ctrl", "engine/src/hostapd", "engine/src/runtime", "engine/src/supplicant/global.rs"];
    let mut found = BTreeSet::new();
    for source in files.iter().flat_map(|file| sources(file)) {
        let code = source.lines().filter(|l| !l.trim_start().starts_with("//"));
        found.extend(code.flat_map(|l| l.split('"').skip(1).step_by(2)).map(str::to_owned));
    }
    found
}

/// Every literal that looks like a command and that one of the processes knows, with a blank behind it if that is what it
/// takes.
fn commands_known() -> Words {
    let is_command = |text: &str| {
        let name = text.strip_suffix(' ').unwrap_or(text);
        name.len() > 2
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
    };
    let of_tables = command_tables().into_iter().map(|command| command.name.to_owned());
    let candidates = literals().into_iter().chain(of_tables).filter(|text| is_command(text));
    let both = candidates.flat_map(|text| [format!("{} ", text.trim_end()), text.trim_end().to_owned()]);
    let known: Words = both.filter(|text| entries::is_command(text)).map(String::into_bytes).collect();
    // As many as the three processes have, give or take.
    assert!(known.len() > 200 && known.contains(&b"SELECT_NETWORK "[..]), "{}", known.len());
    known
}

/// The commands of the processes that [`entries::is_command`] asks.
fn command_tables() -> Vec<Command> {
    [commands::INTERFACE, commands::HOSTAPD, commands::HOSTAPD_PROCESS].concat()
}

#[test]
fn every_command_is_in_the_tables_of_what_is_supported() {
    let all = [command_tables(), commands::PROCESS.to_vec()].concat();
    for word in commands_known() {
        let text = String::from_utf8(word).unwrap();
        assert!(all.iter().any(|command| command.is(&text)), "{text} is answered and stands in no table");
    }
    // Those that fail or are not known with arguments that are none.
    const NEED_MORE: [&str; 4] = ["ACCEPT_ACL", "ADD", "DENY_ACL", "REMOVE"];
    let text = |command: &Command| match command.form {
        Form::Arguments => format!("{} x", command.name),
        _ => command.name.to_owned(),
    };
    let mut unknown: Vec<&str> = command_tables()
        .into_iter()
        .filter(|command| !entries::is_command(&text(command)))
        .map(|command| command.name)
        .collect();
    unknown.retain(|name| !NEED_MORE.contains(name));
    assert_eq!(unknown, Vec::<&str>::new(), "these stand in a table and are not known");
}

/// Words of arguments: `freq=`, `go_intent=`, `persistent`.
fn arguments() -> Words {
    let is_word = |text: &str| {
        let name = text.trim_matches(' ').trim_end_matches('=');
        let is_variable = config_words::KNOWN.contains(&text);
        !is_variable
            && (2..24).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let known: Words =
        literals().iter().filter(|text| is_word(text)).map(|text| text.trim().as_bytes().to_vec()).collect();
    assert!(known.len() > 100 && known.contains(&b"go_intent="[..]), "{}", known.len());
    known
}

fn assignments<'a>(names: impl Iterator<Item = &'a str>) -> Words {
    names.map(|name| format!("{name}=").into_bytes()).collect()
}

fn names(rows: &'static [support::Row]) -> impl Iterator<Item = &'static str> {
    rows.iter().map(|(name, _)| *name)
}

fn supplicant_variables() -> Words {
    let rows = [support::global::ROWS, support::network::ROWS, support::credential::ROWS];
    let words = [support::words::AUTH_ALG];
    let mut all = assignments(rows.into_iter().flat_map(names));
    all.extend(words.into_iter().flat_map(names).map(|word| word.as_bytes().to_vec()));
    all.extend(wpasim_engine::config::words::KEY_MGMT.iter().map(|(word, _)| word.as_bytes().to_vec()));
    all.extend(wpasim_engine::config::words::CIPHERS.iter().map(|(word, _)| word.as_bytes().to_vec()));
    all.extend(["network={\n", "cred={\n", "blob-base64-", "\n}\n"].map(|text| text.as_bytes().to_vec()));
    all
}

fn hostapd_variables() -> Words {
    let mut all = assignments(config_words::KNOWN.iter().copied());
    all.extend(config_words::KEY_MGMT.iter().map(|(word, _)| word.as_bytes().to_vec()));
    all
}

/// The constants of a module of the wire crate, by a line `pub const NAME: TYPE = NUMBER;`.
fn constants(file: &str, module: &str, kind: &str) -> BTreeSet<u32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/wire/src").join(file);
    let source = fs::read_to_string(path).unwrap();
    let (_, body) = source.split_once(&format!("pub mod {module} {{")).expect(module);
    let body = body.split("\n}").next().unwrap();
    let number = |line: &str| {
        let (_, value) = line.split_once(&format!(": {kind} = "))?;
        let value = value.split(';').next()?.replace('_', "");
        match value.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => value.parse().ok(),
        }
    };
    let found: BTreeSet<u32> = body.lines().filter_map(number).collect();
    assert!(found.len() > 4, "{module} of {file}");
    found
}

/// Attributes of WPS and of Wi-Fi Direct, with the length of the shortest values.
fn attributes() -> Words {
    let mut all = Words::new();
    for number in constants("wsc/mod.rs", "attr", "u16") {
        let number = number as u16;
        all.extend([1u16, 2, 16].map(|length| [number.to_be_bytes(), length.to_be_bytes()].concat()));
    }
    for number in constants("p2p/mod.rs", "attr", "u8") {
        all.extend([1u8, 2, 5].map(|length| vec![number as u8, length, 0]));
    }
    all.extend([&b"\x00\x50\xf2\x04"[..], b"\x50\x6f\x9a\x09", b"\x00\x37\x2a"].map(<[u8]>::to_vec));
    all
}

/// Identifiers of elements with a length, and of vendors' elements all of their head.
fn elements() -> Words {
    let mut all = Words::new();
    for number in constants("elements.rs", "eid", "u8") {
        all.extend([1u8, 4, 8].map(|length| vec![number as u8, length]));
    }
    for vendor in constants("elements.rs", "vendor", "u32") {
        all.insert([&[0xdd, 0x18], &vendor.to_be_bytes()[..]].concat());
    }
    // Suites and key data: the OUI of the standard with small types, and WPA's.
    for kind in 0..=12u8 {
        all.extend([vec![0, 0x0f, 0xac, kind], vec![0, 0x50, 0xf2, kind]]);
    }
    all
}

/// The keys of scenarios and of what stands in them, and the kinds of frames.
fn scenario_keys() -> Words {
    fn keys(value: &serde_json::Value, all: &mut Words) {
        match value {
            serde_json::Value::Object(fields) => {
                if let Some(serde_json::Value::Object(properties)) = fields.get("properties") {
                    all.extend(properties.keys().map(|key| format!("{key}: ").into_bytes()));
                }
                fields.values().for_each(|value| keys(value, all));
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, all)),
            _ => {}
        }
    }
    let mut all = Words::new();
    keys(&wpasim::scenario::schema::schema(), &mut all);
    assert!(all.contains(&b"devices: "[..]), "{all:?}");
    all.extend(FrameKind::names().map(|name| name.as_bytes().to_vec()));
    all
}
