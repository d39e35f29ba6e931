//! What the air does: rules, injections, and which frames they mean.

use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::frames::{BUILT_KINDS, FrameFields, channel_frequency, ds_channel, kinds, meant};
use super::model::*;
use super::problem::{nearest, suggest};
use super::reader::{Entries, Reader};
use super::yaml::{Kind, Node};

const ACTIONS: &[&str] = &["pass", "drop", "drop ack", "delay", "duplicate", "corrupt", "mutate"];

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

/// The kind of a frame.
fn kind(reader: &mut Reader, node: &Node, valid: &[&str]) -> Option<String> {
    let text = reader.text(node, "frame")?;
    if valid.contains(&text.as_str()) {
        return Some(text);
    }
    let help = match meant(&text).filter(|kind| valid.contains(kind)) {
        Some(kind) => format!("did you mean \"{kind}\"?"),
        None => suggest(&text, valid),
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
        pattern.kind = Some(kind(reader, node, &kinds())?);
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
    for action in ACTIONS {
        if let Some(value) = entries.take(action) {
            if found.is_some() {
                reader.report(value.problem("a rule does one thing; write a second step"));
            }
            found = Some((*action, value));
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
    let Some((action, value)) = found else {
        match entries.remaining().first() {
            Some((word, key, _)) => {
                reader.report(key.problem(format!("unknown rule \"{word}\"")).help(suggest(word, ACTIONS)))
            }
            None => reader.report(node.problem("a rule needs what it does").help(suggest("", ACTIONS))),
        }
        return None;
    };
    entries.finish(reader, "air");
    let mut inner = reader.entries(value, &format!("the frames to {action}"))?;
    let air_action = match action {
        "pass" => AirAction::Pass,
        "drop" => AirAction::Drop,
        "drop ack" => AirAction::DropAck,
        "duplicate" => AirAction::Duplicate,
        "delay" => match inner.take("by") {
            Some(by) => AirAction::Delay(reader.duration(by, "by")?),
            None => {
                reader.report(value.problem("delay: needs `by: DURATION`"));
                return None;
            }
        },
        _ => AirAction::Edit(edits(reader, &mut inner, action == "corrupt")),
    };
    let frames = frame_pattern_of(reader, &mut inner, devices)?;
    inner.finish(reader, &format!("the frames to {action}"));
    Some(AirRule {
        name,
        frames,
        action: air_action,
        times: times.map(|t| t as u32),
        probability_ppm: probability.unwrap_or(1_000_000),
    })
}

/// `set: {OFFSET: HEX}`, `flip: {OFFSET: MASK}`, `set element: {ID: HEX}`, `remove element: ID`,
/// `truncate: N`, `append: HEX`. A corruption without
/// any of them inverts one bit behind the header.
fn edits(reader: &mut Reader, entries: &mut Entries<'_>, corrupt: bool) -> Vec<Edit> {
    let mut edits = Vec::new();
    if let Some(node) = entries.take("set")
        && let Some(places) = reader.entries(node, "set")
    {
        for (_, key, value) in places.rest() {
            if let (Some(at), Some(octets)) =
                (reader.number(key, "an offset", OFFSETS), reader.octets(value, "octets"))
            {
                edits.push(Edit::Set { at: at as i32, octets });
            }
        }
    }
    if let Some(node) = entries.take("flip")
        && let Some(places) = reader.entries(node, "flip")
    {
        for (_, key, value) in places.rest() {
            if let (Some(at), Some(mask)) =
                (reader.number(key, "an offset", OFFSETS), reader.number(value, "a mask", 1..=255))
            {
                edits.push(Edit::Flip { at: at as i32, mask: mask as u8 });
            }
        }
    }
    if let Some(node) = entries.take("set element")
        && let Some(elements) = reader.entries(node, "set element")
    {
        for (_, key, value) in elements.rest() {
            if let (Some(id), Some(body)) =
                (reader.number(key, "an element's id", 0..=255), reader.octets(value, "octets"))
            {
                edits.push(Edit::SetElement { id: id as u8, body });
            }
        }
    }
    if let Some(node) = entries.take("remove element") {
        edits.extend(
            reader.number(node, "an element's id", 0..=255).map(|id| Edit::RemoveElement { id: id as u8 }),
        );
    }
    if let Some(node) = entries.take("truncate") {
        edits.extend(reader.number(node, "truncate", 0..=4096).map(|n| Edit::Truncate(n as usize)));
    }
    if let Some(node) = entries.take("append") {
        edits.extend(reader.octets(node, "append").map(Edit::Append));
    }
    if corrupt && edits.is_empty() {
        edits.push(Edit::Flip { at: 30, mask: 1 });
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
    let edits = edits(reader, &mut entries, false);
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
    let kind = reader.word(kind, "frame", BUILT_KINDS)?;
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
    let beacon_like = matches!(kind.as_str(), "beacon" | "probe-response");
    let channel = freq.filter(|_| beacon_like).and_then(ds_channel);
    Some(FrameFields {
        kind,
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
