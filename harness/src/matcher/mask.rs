//! The differences from run to run that have a reason: a table of typed masks. Each row names the random
//! draw or the clock behind a value and says which values are possible.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use regex_lite::Regex;
use wpasim_engine::TemporaryRest;

use crate::transcript::Mark;

/// The kind of value that a row masks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// Drawn or stamped once and then repeated: equal in the reference means equal in the run, and different in the
    /// reference means different in the run, as far as [`Space`] allows.
    Identity(Space),
    /// A counter or an elapsed time, or drawn from so few values that two draws may be equal: only its
    /// range is checked.
    Amount,
}

/// From how many values a draw is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Space {
    /// Few enough that two draws are equal in some run of a sweep over seeds. Once in a comparison two values that
    /// differ in the reference may be equal in the run; a second time is no accident.
    Small,
    /// So many, or a clock's, that two equal ones are a fault.
    Large,
}

/// A row of the table.
pub struct Row {
    /// The name in diffs: `{tsf.1}`.
    pub name: &'static str,
    /// The kind of value that the row masks.
    pub nature: Nature,
    /// In which entries.
    pub marks: &'static [Mark],
    /// Whether an import notes the value as a pin.
    pub pin: bool,
    /// The random draw or clock behind it.
    pub behind: &'static str,
    /// Whether the pattern may match; spares most lines the pattern.
    may_match: fn(&str) -> bool,
    pattern: &'static str,
    possible: fn(&str, &str) -> bool,
}

/// Whether a text has small and capital letters, or letters and digits, as random ones have.
fn mixes_cases(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    let kinds = [u8::is_ascii_lowercase as fn(&u8) -> bool, u8::is_ascii_uppercase, u8::is_ascii_digit];
    kinds.into_iter().filter(|kind| has(*kind)).count() >= 2
}

use Mark::{Command, Event, Reply};
use Nature::{Amount, Identity};
use Space::{Large, Small};

fn number(value: &str, range: std::ops::RangeInclusive<u64>) -> bool {
    value.parse().is_ok_and(|v| range.contains(&v))
}

/// The name of the row about ids of service discovery queries.
const QUERY: &str = "query";

/// The rest after so many failures, with a random share if the network has an 802.1X suite, as it has by default; the
/// line does not tell.
fn temporary_disabling(value: &str, line: &str) -> bool {
    let failures = line.split_once("auth_failures=").and_then(|(_, rest)| rest.split(' ').next());
    let (Some(failures), Ok(duration)) = (failures.and_then(|f| f.parse::<u32>().ok()), value.parse::<u32>())
    else {
        return false;
    };
    let TemporaryRest { seconds, random_share } = TemporaryRest::after(failures);
    failures > 0 && (seconds..seconds.saturating_add(random_share.max(1))).contains(&duration)
}

/// A field of zeros is one that its message does not use, as message 1's MIC; that is part of the message.
fn is_used(value: &str, _: &str) -> bool {
    value.bytes().any(|digit| digit != b'0')
}

/// The last digit of a WPS PIN is a checksum over the others (WSC 2.0.5 §7.4.1).
fn wps_pin(value: &str, _: &str) -> bool {
    let sum: u32 =
        value.bytes().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 3 } else { 1 }).sum();
    sum.is_multiple_of(10)
}

/// A line of PMKSA: an index, then an address.
fn begins_as_pmksa(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(':')
}

fn has_eight_digits(line: &str) -> bool {
    line.as_bytes().windows(8).any(|eight| eight.iter().all(u8::is_ascii_digit))
}

fn is_eapol(line: &str) -> bool {
    line.contains("EAPOL-TX") || line.starts_with("EAPOL_RX")
}

/// The table, in the order in which rows apply.
pub const ROWS: &[Row] = &[
    Row {
        name: "tsf",
        nature: Identity(Large),
        marks: &[Reply],
        pin: false,
        behind: "the access point's TSF timer when its last beacon or probe response left",
        may_match: |l| l.starts_with("tsf="),
        pattern: r"^tsf=(\d+)$",
        possible: |v, _| number(v, 0..=u64::MAX),
    },
    Row {
        name: "age",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "seconds since the BSS was heard",
        may_match: |l| l.starts_with("age="),
        pattern: r"^age=(\d+)$",
        possible: |v, _| number(v, 0..=3600),
    },
    Row {
        name: "count",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "the kernel's frame counters, which other traffic moves",
        may_match: |l| ["rx_", "tx_", "TXGOOD=", "RXGOOD="].iter().any(|name| l.starts_with(name)),
        pattern: r"^(?:(?:rx|tx)_(?:packets|bytes)|TXGOOD|RXGOOD)=(\d+)$",
        possible: |v, _| number(v, 0..=u64::from(u32::MAX)),
    },
    Row {
        name: "data_rate",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "the rate that the kernel's minstrel samples for a data frame, above those of management and EAPOL frames",
        may_match: |l| l.contains("_rate_info="),
        pattern: r"^[rt]x_rate_info=(20|55|90|110|120|180|240|360|480|540)$",
        possible: |_, _| true,
    },
    Row {
        name: "inactive",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "milliseconds since the station's last frame",
        may_match: |l| l.starts_with("inactive_msec="),
        pattern: r"^inactive_msec=(\d+)$",
        possible: |v, _| number(v, 0..=3_600_000),
    },
    Row {
        name: "connected",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "seconds since the association",
        may_match: |l| l.starts_with("connected_time="),
        pattern: r"^connected_time=(\d+)$",
        possible: |v, _| number(v, 0..=86_400),
    },
    Row {
        name: "duration",
        nature: Amount,
        marks: &[Event],
        pin: true,
        behind: "the back-off of temporary disabling, random from the second failure on",
        may_match: |l| l.contains("TEMP-DISABLED"),
        pattern: r"CTRL-EVENT-SSID-TEMP-DISABLED .* duration=(\d+)",
        possible: temporary_disabling,
    },
    Row {
        name: "since",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "microseconds since a radio work was asked for or began",
        may_match: |l| l.contains('@'),
        pattern: r"^\S*@\S+:\d+:[01]:(\d+\.\d{6})$",
        possible: |_, _| true,
    },
    Row {
        name: "expiration",
        nature: Amount,
        marks: &[Reply],
        pin: false,
        behind: "seconds left of a PMKSA",
        may_match: begins_as_pmksa,
        pattern: r"^\d+ [0-9a-f:]{17} [0-9a-f]{32} (\d+) [01]$",
        possible: |v, _| number(v, 0..=43_200),
    },
    Row {
        name: "pmkid",
        nature: Identity(Large),
        marks: &[Reply],
        pin: false,
        behind: "a PMK from an EAP exchange with random numbers",
        may_match: begins_as_pmksa,
        pattern: r"^\d+ [0-9a-f:]{17} ([0-9a-f]{32}) ",
        possible: |_, _| true,
    },
    Row {
        name: "pin",
        nature: Identity(Small),
        marks: &[Command, Reply, Event],
        pin: true,
        behind: "a random WPS PIN, one of ten million",
        may_match: has_eight_digits,
        pattern: r"^(?:P2P_CONNECT \S+ |WPS_PIN \S+ |WPS_REG \S+ |WPS_AP_PIN set |(?:<\d>)?P2P-PROV-DISC-SHOW-PIN \S+ )?(\d{8})(?: |$)",
        possible: wps_pin,
    },
    Row {
        name: "ssid",
        nature: Identity(Small),
        marks: &[Command, Reply, Event],
        pin: true,
        behind: "the random suffix of a P2P group's SSID, one of 3844",
        may_match: |l| l.contains("DIRECT-"),
        pattern: r"DIRECT-([A-Za-z0-9]{2})",
        possible: |_, _| true,
    },
    Row {
        name: "passphrase",
        nature: Identity(Large),
        marks: &[Reply, Event],
        pin: true,
        behind: "the random passphrase of a P2P group",
        may_match: |l| l.len() == 8 || l.contains("passphrase=\""),
        pattern: "(?:P2P-GROUP-STARTED .* passphrase=\"|^)([A-Za-z0-9]{8})(?:\"|$)",
        // A reply of one word may be another word of eight letters.
        possible: |v, line| line != v || mixes_cases(v),
    },
    Row {
        name: "psk",
        nature: Identity(Large),
        marks: &[Reply, Event],
        pin: false,
        behind: "derived from a random passphrase, or random itself",
        may_match: |l| l.contains("psk="),
        pattern: r"\bpsk=([0-9a-f]{64})",
        possible: |_, _| true,
    },
    Row {
        name: "freq",
        nature: Amount,
        marks: &[Reply, Event],
        pin: true,
        behind: "the operating channel, random among 1, 6 and 11",
        may_match: |l| l.contains("freq=24"),
        pattern: r"(?:P2P-(?:GROUP-STARTED|GO-NEG-SUCCESS|INVITATION-ACCEPTED|INVITATION-RECEIVED) .*\b|\(SSID='DIRECT-.*|^|^oper_)freq=(2412|2437|2462)\b",
        possible: |_, _| true,
    },
    Row {
        name: "listen_freq",
        nature: Amount,
        marks: &[Command, Reply, Event],
        pin: true,
        behind: "the listen channel, random among 1, 6 and 11",
        may_match: |l| {
            ["listen_freq=24", "P2P-SERV-DISC-REQ 24", "P2P_SERV_DISC_RESP 24"]
                .iter()
                .any(|begin| l.contains(begin))
        },
        pattern: r"(?:^listen_freq=|P2P-SERV-DISC-REQ |^P2P_SERV_DISC_RESP )(2412|2437|2462)\b",
        possible: |_, _| true,
    },
    Row {
        name: "nonce",
        nature: Identity(Large),
        marks: &[Command, Event],
        pin: false,
        behind: "the random nonce of an EAPOL-Key message",
        may_match: is_eapol,
        pattern: r"^(?:<\d>EAPOL-TX|EAPOL_RX) \S+ [0-9a-f]{2}03[0-9a-f]{4}(?:02|fe)[0-9a-f]{24}([0-9a-f]{64})",
        possible: is_used,
    },
    Row {
        name: "key_iv",
        nature: Identity(Large),
        marks: &[Command, Event],
        pin: false,
        behind: "the random EAPOL-Key IV with which RC4 encrypts the key data",
        may_match: is_eapol,
        pattern: r"^(?:<\d>EAPOL-TX|EAPOL_RX) \S+ [0-9a-f]{2}03[0-9a-f]{4}(?:02|fe)[0-9a-f]{88}([0-9a-f]{32})",
        possible: is_used,
    },
    Row {
        name: "mic",
        nature: Identity(Large),
        marks: &[Command, Event],
        pin: false,
        behind: "the MIC of an EAPOL-Key message, under a key derived from the nonces",
        may_match: is_eapol,
        pattern: r"^(?:<\d>EAPOL-TX|EAPOL_RX) \S+ [0-9a-f]{2}03[0-9a-f]{4}(?:02|fe)[0-9a-f]{152}([0-9a-f]{32})",
        possible: is_used,
    },
    Row {
        name: "key_data",
        nature: Identity(Large),
        marks: &[Command, Event],
        pin: false,
        behind: "encrypted key data: a random group key, under a key derived from the nonces",
        may_match: is_eapol,
        pattern: r"^(?:<\d>EAPOL-TX|EAPOL_RX) \S+ [0-9a-f]{2}03[0-9a-f]{4}(?:02[13579bdf][0-9a-f]{3}|fe[0-9a-f]{3}[0-7])[0-9a-f]{184}([0-9a-f]+)",
        possible: is_used,
    },
    Row {
        name: QUERY,
        nature: Amount,
        marks: &[Command, Reply],
        pin: false,
        behind: "a service discovery query's id, the address of its memory, which the next may have again",
        may_match: |l| l.len() <= 16 || l.starts_with("P2P_SERV_DISC_CANCEL_REQ "),
        pattern: r"^(?:P2P_SERV_DISC_CANCEL_REQ ([0-9a-f]{1,16})|([0-9a-f]{9,16}))$",
        possible: |_, _| true,
    },
];

static PATTERNS: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| ROWS.iter().map(|row| Regex::new(row.pattern).ok()).collect());

/// A value that was masked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Masked {
    /// The index in [`ROWS`].
    pub row: usize,
    /// The value in the text.
    pub value: String,
}

/// A line with its masked values taken out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MaskedLine {
    /// The line with `{name}` for each value; lines that match have equal keys.
    pub key: String,
    /// The values in order.
    pub values: Vec<Masked>,
}

/// Masks a line of an entry whose only line it is. A value that is not possible stays as it is.
pub fn mask(mark: Mark, line: &str) -> MaskedLine {
    mask_within(mark, line, &[])
}

/// Masks the reply to a command. A query's id is told by what was asked: as short as an address may be, nothing in it
/// tells it from a PIN or a passphrase.
pub fn mask_reply(asked: &str, line: &str, entry: &[String]) -> MaskedLine {
    let is_address = (1..=16).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_hexdigit());
    match ROWS.iter().position(|row| row.name == QUERY) {
        Some(row) if is_address && asked.starts_with("P2P_SERV_DISC_REQ ") => {
            MaskedLine { key: format!("{{{QUERY}}}"), values: vec![Masked { row, value: line.to_owned() }] }
        }
        _ => mask_within(Reply, line, entry),
    }
}

/// Masks a line of an entry. What is random in a P2P group only, the channel, is masked where the entry names
/// such a group.
pub fn mask_within(mark: Mark, line: &str, entry: &[String]) -> MaskedLine {
    thread_local! {
        /// Repeated runs say mostly what the reference and the runs before said.
        static MASKED: RefCell<HashMap<(Mark, bool), HashMap<String, MaskedLine>>> = RefCell::default();
    }
    let of_group = line.starts_with("freq=") && entry.iter().any(|l| l.starts_with("ssid=DIRECT-"));
    MASKED.with_borrow_mut(|masked| {
        let known = masked.entry((mark, of_group)).or_default();
        if let Some(found) = known.get(line) {
            return found.clone();
        }
        if known.len() >= MASKED_AT_MOST {
            known.clear();
        }
        let made = masked_anew(mark, line, of_group);
        known.insert(line.to_owned(), made.clone());
        made
    })
}

/// Lines of a kind whose masks are remembered.
const MASKED_AT_MOST: usize = 8192;

fn masked_anew(mark: Mark, line: &str, of_group: bool) -> MaskedLine {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    if !line.contains(['=', ':'])
        && !line.contains("DIRECT-")
        && !line.bytes().any(|b| b.is_ascii_digit())
        && !mixes_cases(line)
    {
        return MaskedLine { key: line.to_owned(), values: Vec::new() };
    }
    for (index, row) in ROWS.iter().enumerate() {
        if !row.marks.contains(&mark) || !(row.may_match)(line) {
            continue;
        }
        let Some(Some(pattern)) = PATTERNS.get(index) else { continue };
        for captures in pattern.captures_iter(line) {
            let Some(value) = captures.get(1).or_else(|| captures.get(2)) else { continue };
            if line.starts_with("freq=") && !of_group {
                continue;
            }
            let free = found.iter().all(|(from, to, _)| value.end() <= *from || value.start() >= *to);
            if free && (row.possible)(value.as_str(), line) {
                found.push((value.start(), value.end(), index));
            }
        }
    }
    found.sort_unstable();
    let mut key = String::with_capacity(line.len());
    let mut values = Vec::with_capacity(found.len());
    let mut at = 0;
    for (from, to, row) in found {
        key.push_str(&line[at..from]);
        key.push_str(&format!("{{{}}}", ROWS[row].name));
        values.push(Masked { row, value: line[from..to].to_owned() });
        at = to;
    }
    key.push_str(&line[at..]);
    MaskedLine { key, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every seventh committed transcript, as lines of text with their marks.
    fn committed() -> Vec<(Mark, String)> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
        let mut files: Vec<_> = std::fs::read_dir(root)
            .unwrap()
            .filter_map(|area| std::fs::read_dir(area.unwrap().path()).ok())
            .flat_map(|area| area.map(|file| file.unwrap().path()))
            .filter(|path| path.extension().is_some_and(|e| e == "transcript"))
            .collect();
        files.sort();
        let of_file = |path: &std::path::PathBuf| {
            let text = std::fs::read_to_string(path).unwrap();
            let entries = crate::transcript::parse(&text).unwrap().entries;
            let lines = |entry: crate::transcript::Entry| {
                entry.lines.into_iter().map(move |line| (entry.mark, line)).collect::<Vec<_>>()
            };
            entries.into_iter().flat_map(lines).collect::<Vec<_>>()
        };
        files.iter().step_by(7).flat_map(of_file).collect()
    }

    #[test]
    fn no_line_that_matches_is_spared() {
        let mut lines = committed();
        assert!(lines.len() > 2000, "{}", lines.len());
        lines.extend(
            [
                "tsf=1",
                "age=1",
                "rx_bytes=1",
                "rx_rate_info=120",
                "tx_packets=1",
                "TXGOOD=1",
                "RXGOOD=1",
                "ext:a@wlan0:0:1:0.000001",
                "inactive_msec=1",
                "connected_time=1",
                "1 02:00:00:00:01:00 00112233445566778899aabbccddeeff 43200 0",
                "12345670",
                "WPS_AP_PIN set 12345670",
                "552ae556d0",
                "P2P_SERV_DISC_CANCEL_REQ 552ae556d0",
                "listen_freq=2412",
                "P2P_SERV_DISC_RESP 2437 x",
                "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"x\" auth_failures=1 duration=10 reason=WRONG_KEY",
                "<3>P2P-GROUP-STARTED wlan0 GO ssid=\"DIRECT-ab\" freq=2412 passphrase=\"abcdEfgh\"",
                &format!("psk={}", "ab".repeat(32)),
                &format!("EAPOL_RX 02:00:00:00:01:00 02030083021d{}", "0d".repeat(140)),
            ]
            .map(|line| (Reply, line.to_string())),
        );
        let mut matched = std::collections::BTreeSet::new();
        for (row, pattern) in ROWS.iter().zip(PATTERNS.iter()) {
            let pattern = pattern.as_ref().unwrap();
            for (_, line) in lines.iter().filter(|(_, line)| pattern.is_match(line)) {
                assert!((row.may_match)(line), "{}: {line}", row.name);
                matched.insert(row.name);
            }
        }
        let never: Vec<&str> =
            ROWS.iter().map(|row| row.name).filter(|name| !matched.contains(name)).collect();
        assert_eq!(never, Vec::<&str>::new());
    }

    #[test]
    fn what_is_random_in_an_eapol_key_message_is_masked() {
        let [nonce, mic, data] = ["ab".repeat(32), "cd".repeat(16), "ef".repeat(56)];
        let zeros = |octets: usize| "00".repeat(octets);
        let message = |info: &str, nonce: &str, mic: &str, rest: &str| {
            format!("0203005f02{info}00100000000000000003{nonce}{}{mic}{rest}", zeros(32))
        };
        let key = |message: String| mask(Event, &format!("<3>EAPOL-TX 02:00:00:00:01:00 {message}")).key;
        let shown = |message: String| format!("<3>EAPOL-TX 02:00:00:00:01:00 {message}");
        let none = zeros(16);
        assert_eq!(
            key(message("008a", &nonce, &none, "0000")),
            shown(message("008a", "{nonce}", &none, "0000"))
        );
        assert_eq!(
            key(message("010a", &nonce, &mic, "00020102")),
            shown(message("010a", "{nonce}", "{mic}", "00020102"))
        );
        assert_eq!(
            key(message("13ca", &nonce, &mic, &format!("0038{data}"))),
            shown(message("13ca", "{nonce}", "{mic}", "0038{key_data}"))
        );
        assert_eq!(
            key(message("030a", &zeros(32), &mic, "0000")),
            shown(message("030a", &zeros(32), "{mic}", "0000"))
        );
        let short = "<3>EAPOL-TX 02:00:00:00:01:00 02010000";
        assert_eq!(mask(Event, short).key, short);
    }

    #[test]
    fn every_pattern_compiles_and_captures() {
        for (row, pattern) in ROWS.iter().zip(PATTERNS.iter()) {
            let pattern = pattern.as_ref().unwrap_or_else(|| panic!("{}", row.name));
            assert!(pattern.captures_len() >= 2, "{}", row.name);
            assert!(!row.behind.is_empty());
        }
    }

    #[test]
    fn the_id_of_a_query_is_told_by_what_was_asked() {
        let asked = "P2P_SERV_DISC_REQ 02:00:00:00:01:00 02000001";
        for id in ["4105f860", "41060330", "12345670", "552ae556d0"] {
            assert_eq!(mask_reply(asked, id, &[]).key, "{query}");
            assert_eq!(
                mask(Command, &format!("P2P_SERV_DISC_CANCEL_REQ {id}")).key,
                "P2P_SERV_DISC_CANCEL_REQ {query}"
            );
        }
        assert_eq!(mask_reply("P2P_GET_PASSPHRASE", "4105f860", &[]).key, "{passphrase}");
        assert_eq!(mask_reply("WPS_PIN get", "12345670", &[]).key, "{pin}");
        assert_eq!(mask_reply(asked, "FAIL", &[]).key, "FAIL");
    }

    #[test]
    fn values_are_masked_if_possible() {
        assert_eq!(mask(Reply, "tsf=1795364767129795").key, "tsf={tsf}");
        assert_eq!(mask(Reply, "connected_time=7").key, "connected_time={connected}");
        assert_eq!(mask(Reply, "connected_time=-7").key, "connected_time=-7");
        let line = |failures, duration| {
            format!(
                "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"x\" auth_failures={failures} duration={duration} reason=WRONG_KEY"
            )
        };
        let possible = [
            (1, 10),
            (2, 20),
            (2, 39),
            (5, 60),
            (6, 90),
            (6, 149),
            (10, 90),
            (10, 189),
            (11, 120),
            (50, 619),
            (51, 300),
        ];
        for (failures, duration) in possible {
            assert!(
                mask(Event, &line(failures, duration)).key.contains("{duration}"),
                "{failures} {duration}"
            );
        }
        for (failures, duration) in
            [(0, 10), (1, 11), (2, 19), (2, 40), (6, 89), (6, 150), (10, 190), (11, 119), (51, 299)]
        {
            assert!(
                !mask(Event, &line(failures, duration)).key.contains("{duration}"),
                "{failures} {duration}"
            );
        }
        assert_eq!(mask(Reply, "12345670").key, "{pin}");
        assert_eq!(mask(Reply, "12345671").key, "12345671");
        assert_eq!(mask(Command, "P2P_CONNECT 02:00:00:00:01:00 12345670 display").values.len(), 1);
        assert_eq!(
            mask(Event, "<3>P2P-GROUP-STARTED wlan0 GO ssid=\"DIRECT-ab\" freq=2412 passphrase=\"abcdEfgh\"")
                .key,
            "<3>P2P-GROUP-STARTED wlan0 GO ssid=\"DIRECT-{ssid}\" freq={freq} passphrase=\"{passphrase}\""
        );
    }
}
