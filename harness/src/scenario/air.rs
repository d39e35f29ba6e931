//! The rules and injections of the air, and the frames they mean.

use serde_json::{Value, json};
use wpasim_sim::{Action, FrameKind, Mutation, Rule};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::frames::{Built, FrameFields, built_kinds, channel_frequency, kinds, meant};
use super::model::*;
use super::problem::{nearest, suggest};
use super::reader::{Entries, Reader};
use super::schema::{def, whole};
use super::yaml::{Kind, Node};

/// The action of a rule on frames: a row of the table.
pub struct ActionRow {
    pub word: &'static str,
    /// Whether changes of the frame stand beside the frames that are meant.
    pub edits: bool,
    /// Reads what stands beside them otherwise; the changes were read.
    read: fn(&mut Reader, &Node, &mut Entries<'_>, Vec<Mutation>) -> Option<Action>,
    /// The schema of that.
    pub schema: fn() -> Value,
    /// The keys of it that must be there.
    pub required: &'static [&'static str],
    pub documentation: &'static str,
}

/// Everything that a rule can do.
pub static ACTIONS: &[ActionRow] = &[
    ActionRow {
        word: "pass",
        edits: false,
        read: |_, _, _, _| Some(Action::Pass),
        schema: || json!({}),
        required: &[],
        documentation: "they pass: an exception before a wider rule",
    },
    ActionRow {
        word: "drop",
        edits: false,
        read: |_, _, _, _| Some(Action::Drop),
        schema: || json!({}),
        required: &[],
        documentation: "nobody receives them, nor their repetitions",
    },
    ActionRow {
        word: "drop ack",
        edits: false,
        read: |_, _, _, _| Some(Action::DropAck),
        schema: || json!({}),
        required: &[],
        documentation: "they are received, their acknowledgements are lost",
    },
    ActionRow {
        word: "delay",
        edits: false,
        read: |reader, value, entries, _| match entries.take("by") {
            Some(by) => reader.duration(by, "by").map(Action::Delay),
            None => {
                reader.report(value.problem("delay: needs `by: DURATION`"));
                None
            }
        },
        schema: || json!({"by": def("duration")}),
        required: &["by"],
        documentation: "they are received later, by `by:`",
    },
    ActionRow {
        word: "duplicate",
        edits: false,
        read: |_, _, _, _| Some(Action::Duplicate { after: Duration::from_millis(1) }),
        schema: || json!({}),
        required: &[],
        documentation: "they are received a second time, a millisecond later",
    },
    ActionRow {
        word: "corrupt",
        edits: true,
        read: |_, _, _, edits| {
            // One bit behind the header.
            let inverted = vec![Mutation::Xor { offset: 30, octets: vec![1] }];
            Some(Action::Mutate(if edits.is_empty() { inverted } else { edits }))
        },
        schema: || json!({}),
        required: &[],
        documentation: "they are changed, as the changes below say; without one, a bit behind the header is inverted",
    },
    ActionRow {
        word: "mutate",
        edits: true,
        read: |_, _, _, edits| Some(Action::Mutate(edits)),
        schema: || json!({}),
        required: &[],
        documentation: "they are changed, as the changes below say",
    },
];

/// A change of a frame: a row of the table.
pub struct EditRow {
    pub word: &'static str,
    read: fn(&mut Reader, &Node) -> Vec<Mutation>,
    pub schema: fn() -> Value,
    pub documentation: &'static str,
}

/// Every change, in the order in which those of one frame are made.
pub static EDITS: &[EditRow] = &[
    EditRow {
        word: "set",
        read: |reader, node| {
            at_offsets(reader, node, "set", |reader, offset, value| {
                Some(Mutation::Overwrite { offset, octets: reader.octets(value, "octets")? })
            })
        },
        schema: || offsets(def("octets")),
        documentation: "`{OFFSET: HEX}`: octets are replaced; an offset counts from the start of the header, a negative one from the end",
    },
    EditRow {
        word: "flip",
        read: |reader, node| {
            at_offsets(reader, node, "flip", |reader, offset, value| {
                Some(Mutation::Xor { offset, octets: vec![reader.number(value, "a mask", 1..=255)? as u8] })
            })
        },
        schema: || offsets(whole(1, 255)),
        documentation: "`{OFFSET: MASK}`: bits of an octet are inverted",
    },
    EditRow {
        word: "set element",
        read: |reader, node| {
            let Some(elements) = reader.entries(node, "set element") else { return Vec::new() };
            let read = |(_, key, value): (&str, &Node, &Node)| {
                let id = reader.number(key, "an element's id", 0..=255)? as u8;
                Some(Mutation::SetElement { id, body: reader.octets(value, "octets")? })
            };
            elements.rest().into_iter().filter_map(read).collect()
        },
        schema: || offsets(def("octets")),
        documentation: "`{ID: HEX}`: a management frame's element gets this body, or is added with it",
    },
    EditRow {
        word: "remove element",
        read: |reader, node| {
            let id = reader.number(node, "an element's id", 0..=255);
            id.map(|id| Mutation::RemoveElement { id: id as u8 }).into_iter().collect()
        },
        schema: || whole(0, 255),
        documentation: "`ID`: a management frame's element goes away",
    },
    EditRow {
        word: "truncate",
        read: |reader, node| {
            let length = reader.number(node, "truncate", 0..=4096);
            length.map(|length| Mutation::Truncate(length as usize)).into_iter().collect()
        },
        schema: || whole(0, 4096),
        documentation: "`LENGTH`: the frame ends there",
    },
    EditRow {
        word: "append",
        read: |reader, node| reader.octets(node, "append").map(Mutation::Append).into_iter().collect(),
        schema: || def("octets"),
        documentation: "`HEX`: octets are added",
    },
];

/// A mapping of numbers in the schema.
fn offsets(of: Value) -> Value {
    json!({"type": "object", "propertyNames": {"pattern": "^-?[0-9]+$|^0x[0-9A-Fa-f]+$"}, "additionalProperties": of})
}

/// Reads a mapping of places in a frame.
fn at_offsets(
    reader: &mut Reader,
    node: &Node,
    what: &str,
    read: fn(&mut Reader, i32, &Node) -> Option<Mutation>,
) -> Vec<Mutation> {
    let Some(places) = reader.entries(node, what) else { return Vec::new() };
    let mut all = Vec::new();
    for (_, key, value) in places.rest() {
        if let Some(at) = reader.number(key, "an offset", OFFSETS) {
            all.extend(read(reader, at as i32, value));
        }
    }
    all
}

/// Places in a frame; negative ones count from its end.
const OFFSETS: core::ops::RangeInclusive<i64> = -4096..=4096;

/// A device, an address or `broadcast`.
fn station(reader: &mut Reader, node: &Node, devices: &[Device]) -> Option<Station> {
    let text = reader.text(node, "a station")?;
    if devices.iter().any(|d| d.name == text) {
        return Some(Station::Device(text));
    }
    if text == "broadcast" {
        return Some(Station::Addr(MacAddr::BROADCAST));
    }
    if let Ok(addr) = text.parse() {
        return Some(Station::Addr(addr));
    }
    let near = nearest(&text, devices.iter().map(|d| d.name.as_str()));
    reader.report(node.problem(format!("unknown device \"{text}\"")).help(match near {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => "a device, an address such as 02:00:00:00:01:00, or broadcast".to_owned(),
    }));
    None
}

fn frequency(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<u32> {
    if let Some(node) = entries.take("freq") {
        return reader.number(node, "freq in MHz", 2000..=7200).map(|f| f as u32);
    }
    let node = entries.take("channel")?;
    let number = reader.number(node, "channel", 1..=200)?;
    let freq = channel_frequency(number as u32);
    if freq.is_none() {
        reader.report(node.problem(format!("there is no channel {number}")));
    }
    freq
}

/// `{from: a, to: b, frame: beacon, channel: 1, contains: HEX}`.
pub fn frame_pattern(reader: &mut Reader, node: &Node, devices: &[Device]) -> Option<FramePattern> {
    let mut entries = reader.entries(node, "which frames")?;
    let pattern = frame_pattern_of(reader, &mut entries, devices);
    entries.finish(reader, "which frames");
    pattern
}

/// The kind of a frame, and its name.
fn kind(reader: &mut Reader, node: &Node, valid: &[impl AsRef<str>]) -> Option<(FrameKind, String)> {
    let valid: Vec<&str> = valid.iter().map(AsRef::as_ref).collect();
    let text = reader.text(node, "frame")?;
    if valid.contains(&text.as_str())
        && let Ok(kind) = text.parse()
    {
        return Some((kind, text));
    }
    let help = match meant(&text).filter(|kind| valid.contains(kind)) {
        Some(kind) => format!("did you mean \"{kind}\"?"),
        None => suggest(&text, &valid),
    };
    reader.report(node.problem(format!("unknown frame \"{text}\"")).help(help));
    None
}

fn frame_pattern_of(
    reader: &mut Reader,
    entries: &mut Entries<'_>,
    devices: &[Device],
) -> Option<FramePattern> {
    let mut pattern = FramePattern::default();
    if let Some(node) = entries.take("from") {
        pattern.from = Some(station(reader, node, devices)?);
    }
    if let Some(node) = entries.take("to") {
        pattern.to = Some(station(reader, node, devices)?);
    }
    if let Some(node) = entries.take("frame") {
        pattern.kind = Some(kind(reader, node, &kinds())?.0);
    }
    if let Some(node) = entries.take("contains") {
        pattern.contains = Some(reader.octets(node, "contains")?);
    }
    pattern.freq = frequency(reader, entries);
    Some(pattern)
}

/// `{drop: {from: a, to: b, frame: beacon}, times: 1, probability: 10%, name: deaf}`. Options may
/// stand beside `air:` as well.
pub fn rule(
    reader: &mut Reader,
    node: &Node,
    outer: &mut Entries<'_>,
    devices: &[Device],
) -> Option<AirRule> {
    let mut entries = reader.entries(node, "air")?;
    let mut found = None;
    for row in ACTIONS {
        if let Some(value) = entries.take(row.word) {
            if found.is_some() {
                reader.report(value.problem("a rule does one thing; write a second step"));
            }
            found = Some((row, value));
        }
    }
    let mut option = |reader: &mut Reader, key: &'static str| {
        let inner = entries.take(key);
        let beside = outer.take(key);
        if let (Some(_), Some(second)) = (inner, beside) {
            reader.report(second.problem(format!("\"{key}\" is given twice")));
        }
        inner.or(beside)
    };
    let times = option(reader, "times").and_then(|v| reader.number(v, "times", 1..=1_000_000_000));
    let probability = option(reader, "probability").and_then(|v| reader.share(v, "probability"));
    let name = option(reader, "rule").and_then(|v| reader.text(v, "rule"));
    let Some((row, value)) = found else {
        let words: Vec<&str> = ACTIONS.iter().map(|row| row.word).collect();
        match entries.remaining().first() {
            Some((word, key, _)) => {
                reader.report(key.problem(format!("unknown rule \"{word}\"")).help(suggest(word, &words)))
            }
            None => reader.report(node.problem("a rule needs what it does").help(suggest("", &words))),
        }
        return None;
    };
    entries.finish(reader, "air");
    let what = format!("the frames to {}", row.word);
    let mut inner = reader.entries(value, &what)?;
    let edits = if row.edits { edits(reader, &mut inner) } else { Vec::new() };
    let action = (row.read)(reader, value, &mut inner, edits)?;
    let matcher = frame_pattern_of(reader, &mut inner, devices)?;
    inner.finish(reader, &what);
    let rule = Rule {
        times: times.map(|t| t as u32),
        probability_ppm: probability.unwrap_or(1_000_000),
        ..Rule::new(matcher, action)
    };
    Some(AirRule { name, rule })
}

/// Reads the changes of a frame.
fn edits(reader: &mut Reader, entries: &mut Entries<'_>) -> Vec<Mutation> {
    let mut edits = Vec::new();
    for row in EDITS {
        if let Some(node) = entries.take(row.word) {
            edits.extend((row.read)(reader, node));
        }
    }
    edits
}

/// `{frame: beacon, from: …, ssid: …, channel: 1}`, `{hex: …, channel: 1}` or
/// `{replay: {from: …, frame: …}, channel: 1}`, with `after:`, `every:`, `signal:` and edits.
pub fn injection(
    reader: &mut Reader,
    node: &Node,
    outer: &mut Entries<'_>,
    devices: &[Device],
) -> Option<Injection> {
    let mut entries = reader.entries(node, "inject")?;
    let name = outer.take("rule").or_else(|| entries.take("rule")).and_then(|v| reader.text(v, "rule"));
    let after = entries.take("after").and_then(|v| reader.duration(v, "after")).unwrap_or(Duration::ZERO);
    let every = entries.take("every").and_then(|v| reader.duration(v, "every"));
    if every.is_some_and(|d| d < Duration::from_millis(1)) {
        reader.report(node.problem("every: is at least 1ms"));
        return None;
    }
    if let (Some(_), None) = (every, &name) {
        reader.report(
            node.problem("a repeated injection needs a name")
                .help("add `rule: NAME`, and end it with `- stop: NAME`"),
        );
    }
    let signal = entries.take("signal").and_then(|v| reader.number(v, "signal", -120..=30)).unwrap_or(-30);
    let raw = entries.take("hex");
    let replay = entries.take("replay");
    let edits = edits(reader, &mut entries);
    let (frame, freq) = if let Some(raw) = raw {
        (Frame::Raw(reader.octets(raw, "hex")?), frequency(reader, &mut entries))
    } else if let Some(replay) = replay {
        let pattern = frame_pattern(reader, replay, devices)?;
        let freq = frequency(reader, &mut entries).or(pattern.freq).or(Some(0));
        (Frame::Replay(pattern), freq)
    } else {
        let freq = frequency(reader, &mut entries);
        (Frame::Built(fields(reader, node, &mut entries, freq, devices)?), freq)
    };
    entries.finish(reader, "inject");
    let Some(freq) = freq else {
        reader.report(node.problem("an injected frame needs `channel:` or `freq:`"));
        return None;
    };
    Some(Injection { name, frame, freq, signal_dbm: signal as i32, after, every, edits })
}

fn fields(
    reader: &mut Reader,
    node: &Node,
    entries: &mut Entries<'_>,
    freq: Option<u32>,
    devices: &[Device],
) -> Option<FrameFields> {
    let Some(kind) = entries.take("frame") else {
        reader.report(node.problem("inject: needs `frame: KIND`, `hex: OCTETS` or `replay: {…}`"));
        return None;
    };
    let built = Built::by_name(&self::kind(reader, kind, &built_kinds())?.1)?;
    let from = entries.take("from").and_then(|v| station(reader, v, devices));
    let Some(from) = from else {
        reader.report(node.problem("an injected frame needs `from:`"));
        return None;
    };
    let to = entries.take("to").and_then(|v| station(reader, v, devices));
    let bssid = entries.take("bssid").and_then(|v| station(reader, v, devices));
    let mut ssid = None;
    if let Some(value) = entries.take("ssid") {
        let text = reader.text(value, "ssid")?;
        if text.len() > 255 {
            reader.report(value.problem("an element holds at most 255 octets"));
        }
        ssid = Some(text.into_bytes());
    }
    let mut number = |key: &'static str, default: i64| {
        entries.take(key).and_then(|v| reader.number(v, key, 0..=0xffff)).unwrap_or(default) as u16
    };
    let (interval, capability) = (number("interval", 100), number("capability", 0x0401));
    let (reason, status) = (number("reason", 1), number("status", 0));
    let (algorithm, transaction) = (number("algorithm", 0), number("transaction", 1));
    let sequence = number("sequence", 0) & 0xfff;
    let elements = entries.take("elements").and_then(|v| octets_of(reader, v)).unwrap_or_default();
    let channel = freq.and_then(|freq| built.channel(freq));
    Some(FrameFields {
        built,
        from,
        to,
        bssid,
        ssid,
        channel,
        interval,
        capability,
        reason,
        status,
        algorithm,
        transaction,
        elements,
        sequence,
    })
}

/// Octets as hexadecimal text, or a list of elements `{id: 48, hex: …}`, whose length octet may be
/// made to lie with `length:`.
fn octets_of(reader: &mut Reader, node: &Node) -> Option<Vec<u8>> {
    let Kind::List(items) = &node.kind else { return reader.octets(node, "elements") };
    let mut out = Vec::new();
    for item in items {
        let mut entries = reader.entries(item, "an element")?;
        let id = entries.take("id").and_then(|v| reader.number(v, "id", 0..=255));
        let body = entries.take("hex").and_then(|v| reader.octets(v, "hex")).unwrap_or_default();
        let length = entries.take("length").and_then(|v| reader.number(v, "length", 0..=255));
        entries.finish(reader, "an element");
        let Some(id) = id else {
            reader.report(item.problem("an element needs `id:`"));
            return None;
        };
        out.extend_from_slice(&[id as u8, length.unwrap_or(body.len() as i64) as u8]);
        out.extend_from_slice(&body);
    }
    Some(out)
}
