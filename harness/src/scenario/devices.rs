//! The `devices:` mapping: supplicants with their configuration, access points, scripted stations.

use std::collections::BTreeSet;

use wpasim_wire::time::Duration;

use super::config::Rendered;
use super::keys;
use super::model::{Device, Link, Role};
use super::problem::{Problem, nearest};
use super::reader::{Entries, Reader};
use super::yaml::{Kind, Node, Style};
use crate::steps;

/// Words that stand for something else where a device's name may stand.
const OTHER_WORDS: [&str; 5] = ["all", "any", "none", "broadcast", "devices"];

/// Names that no device can have: those that steps use, and those that stand for something else.
pub fn reserved() -> BTreeSet<&'static str> {
    let mut words = steps::reserved();
    words.extend(OTHER_WORDS);
    words
}

/// Reads all devices, in order.
pub fn read(reader: &mut Reader, node: &Node) -> Vec<Device> {
    let Some(entries) = reader.entries(node, "devices") else { return Vec::new() };
    let entries = entries.rest();
    if entries.is_empty() {
        reader.report(node.problem("no devices").help("at least one device, such as `sta: {}`"));
    }
    let mut devices: Vec<Device> = Vec::new();
    let mut next_radio = 0;
    for (name, key, value) in entries {
        check_name(reader, name, key);
        let device = read_one(reader, name, key, value, &devices, &mut next_radio);
        devices.extend(device);
    }
    for device in &devices {
        for link in &device.links {
            if !devices.iter().any(|d| d.name == link.b) {
                let help = nearest(&link.b, devices.iter().map(|d| d.name.as_str()));
                let mut problem = Problem::new(
                    device.place,
                    format!("unknown device \"{}\" in a link of \"{}\"", link.b, device.name),
                );
                problem.help = help.map(|h| format!("did you mean \"{h}\"?"));
                reader.report(problem);
            }
        }
    }
    devices
}

/// Whether a name can be a device's: what it is made of is right, and it means nothing else.
pub fn is_name(name: &str) -> bool {
    is_word(name) && !reserved().contains(name)
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn check_name(reader: &mut Reader, name: &str, key: &Node) {
    if reserved().contains(name) {
        reader.report(
            key.problem(format!("\"{name}\" is a reserved word, no name for a device"))
                .help("steps use this word themselves; take another, such as sta or ap"),
        );
    } else if !is_word(name) {
        reader.report(
            key.problem(format!("\"{name}\" is no name for a device"))
                .help("a letter, then letters, digits, _ and -"),
        );
    } else if reader.parameters.contains_key(name) {
        reader.report(
            key.problem(format!("\"{name}\" is a parameter of the matrix, too"))
                .help(format!("{{{name}}} could be either; give one of them another name")),
        );
    }
}

fn read_one(
    reader: &mut Reader,
    name: &str,
    key: &Node,
    node: &Node,
    before: &[Device],
    next_radio: &mut u32,
) -> Option<Device> {
    let empty = matches!(&node.kind, Kind::Scalar(text, Style::Plain) if text.is_empty());
    let nothing = Node { kind: Kind::Map(Vec::new()), ..node.clone() };
    let node = if empty { &nothing } else { node };
    let mut entries = reader.entries(node, &format!("device \"{name}\""))?;
    let mut device = Device {
        name: name.to_owned(),
        place: key.place,
        radio: *next_radio,
        role: Role::Scripted,
        started: true,
        position_mm: None,
        links: Vec::new(),
        shows_start: false,
        used_before: false,
        testing: None,
        files: Vec::new(),
        origins: Vec::new(),
    };
    let mut shares_radio = false;
    if let Some(value) = entries.take("radio") {
        shares_radio = true;
        let other = reader.text(value, "radio").unwrap_or_default();
        match before.iter().find(|d| d.name == other) {
            Some(owner) => device.radio = owner.radio,
            None => {
                let near = nearest(&other, before.iter().map(|d| d.name.as_str()));
                reader.report(
                    value
                        .problem(format!("\"{other}\" is no device defined before this one"))
                        .help(match near {
                        Some(word) => format!("did you mean \"{word}\"?"),
                        None => {
                            "radio: names the earlier device whose radio and addresses this one takes over"
                                .into()
                        }
                    }),
                );
            }
        }
    }
    if !shares_radio {
        *next_radio += 1;
    }
    if let Some(value) = entries.take("start") {
        device.started = reader.truth(value, "start").unwrap_or(true);
    }
    if let Some(value) = entries.take("shows_start") {
        device.shows_start = reader.truth(value, "shows_start").unwrap_or(false);
    }
    if let Some(value) = entries.take("used_before") {
        device.used_before = reader.truth(value, "used_before").unwrap_or(false);
    }
    if let Some(value) = entries.take("testing") {
        device.testing = reader.truth(value, "testing");
    }
    if let Some(value) = entries.take("at") {
        device.position_mm = position(reader, value);
    }
    if let Some(value) = entries.take("link")
        && let Some(links) = reader.entries(value, "link")
    {
        for (other, _, value) in links.rest() {
            device.links.extend(link(reader, name, other, value));
        }
    }
    if let Some(value) = entries.take("files")
        && let Some(files) = reader.entries(value, "files")
    {
        for (path, _, value) in files.rest() {
            let content = reader.text(value, "the content of a file").unwrap_or_default();
            device.files.push((path.to_owned(), content));
        }
    }
    let scripted = entries.take("scripted").is_some_and(|v| reader.truth(v, "scripted").unwrap_or(false));
    device.role = if let Some(value) = entries.take("hostapd") {
        let Rendered { text, origins } = hostapd_conf(reader, value, &device);
        device.origins = origins;
        Role::Hostapd(text)
    } else if scripted {
        Role::Scripted
    } else {
        return supplicant(reader, entries, device);
    };
    entries.finish(reader, "a device that is no supplicant");
    Some(device)
}

fn supplicant(reader: &mut Reader, mut entries: Entries<'_>, mut device: Device) -> Option<Device> {
    let mut conf = Rendered::default();
    let networks = entries.take("networks");
    let raw = entries.take("config");
    const OWN: &str =
        "radio start shows_start used_before testing at link files scripted hostapd networks config";
    let text = raw.and_then(|value| Some((value, reader.text(value, "config")?)));
    let is_set = |line: &str| line.trim_start().starts_with("ctrl_interface=");
    let sets_socket = text.as_ref().is_some_and(|(_, text)| text.lines().any(is_set));
    // The text comes first, so that its lines have their own numbers; a block that is not closed must not take in more.
    let is_open = text.as_ref().is_some_and(|(_, text)| ends_within_block(text));
    if is_open && !sets_socket {
        conf.own(CTRL_INTERFACE);
    }
    if let Some((node, text)) = &text {
        conf.text(node, "config", text);
    }
    if !is_open && !sets_socket {
        conf.own(CTRL_INTERFACE);
    }
    for (name, key, value) in entries.rest() {
        if let Err(near) = keys::check(keys::SUPPLICANT, name) {
            let near = near.or_else(|| nearest(name, OWN.split_whitespace()));
            let help = match near {
                Some(word) => format!("did you mean \"{word}\"?"),
                None => format!("a device has globals of wpa_supplicant.conf, and: {OWN}"),
            };
            reader.report(key.problem(format!("unknown key \"{name}\" of a supplicant")).help(help));
            continue;
        }
        if let Some(text) = reader.text(value, name) {
            conf.of(key, "", &format!("{name}={text}"));
        }
    }
    if let Some(value) = networks {
        for network in reader.list(value, "networks") {
            let Some(variables) = reader.entries(network, "a network") else { continue };
            conf.own("");
            conf.of(network, "networks", "network={");
            for (name, key, value) in variables.rest() {
                if let Err(near) = keys::check(keys::NETWORK, name) {
                    let mut problem = key.problem(format!("unknown variable \"{name}\" of a network"));
                    problem.help = near.map(|word| format!("did you mean \"{word}\"?"));
                    reader.report(problem);
                } else if let Some(text) = reader.text(value, name) {
                    conf.of(key, "networks", &format!("\t{name}={text}"));
                }
            }
            conf.of(network, "networks", "}");
        }
    }
    device.role = Role::Supplicant(conf.text);
    device.origins = conf.origins;
    Some(device)
}

const CTRL_INTERFACE: &str = "ctrl_interface=/run/wpa_supplicant";

/// Whether the last block of a wpa_supplicant.conf is not closed.
fn ends_within_block(text: &str) -> bool {
    let mut lines = text.lines().rev().map(str::trim);
    lines.find(|line| *line == "}" || line.ends_with("={")).is_some_and(|line| line != "}")
}

fn hostapd_conf(reader: &mut Reader, node: &Node, device: &Device) -> Rendered {
    if matches!(node.kind, Kind::Scalar(..)) {
        return hostapd_text(reader, node, device);
    }
    let mut conf = Rendered::default();
    conf.own(&format!("interface={}", device.ifname()));
    conf.own("driver=nl80211");
    conf.own("ctrl_interface=/run/hostapd");
    let Some(entries) = reader.entries(node, "hostapd") else { return conf };
    let entries = entries.rest();
    if !entries.iter().any(|(name, ..)| *name == "hw_mode") {
        conf.own("hw_mode=g");
    }
    for (name, key, value) in entries {
        let family = ["tx_queue_", "wme_ac_", "wmm_ac_"].iter().any(|f| name.starts_with(f));
        if !family && let Err(near) = keys::check(keys::HOSTAPD, name) {
            let mut problem = key.problem(format!("unknown key \"{name}\" of hostapd"));
            problem.help = near.map(|word| format!("did you mean \"{word}\"?"));
            reader.report(problem);
        } else if let Some(text) = reader.text(value, name) {
            conf.of(key, "hostapd", &format!("{name}={text}"));
        }
    }
    conf
}

/// A hostapd.conf as it is. What belongs to the device comes after it, so that its lines have their own numbers; in a
/// file with several BSSs it is the last of them that would get it, so there it comes first.
fn hostapd_text(reader: &mut Reader, node: &Node, device: &Device) -> Rendered {
    let mut conf = Rendered::default();
    let Some(text) = reader.text(node, "hostapd") else { return conf };
    let sets =
        |name: &str| text.lines().any(|line| line.strip_prefix(name).is_some_and(|r| r.starts_with('=')));
    let several = sets("bss");
    if !several {
        conf.text(node, "hostapd", &text);
    }
    conf.own(&format!("interface={}", device.ifname()));
    conf.own("driver=nl80211");
    conf.own("ctrl_interface=/run/hostapd");
    if several {
        conf.text(node, "hostapd", &text);
    }
    conf
}

/// `[x, y]` in metres, as millimetres.
pub fn position(reader: &mut Reader, node: &Node) -> Option<(i64, i64)> {
    let items = reader.list(node, "a position");
    let [x, y] = items else {
        reader.report(node.problem("a position has two numbers: [x, y] in metres"));
        return None;
    };
    let x = reader.number(x, "x in metres", -100_000..=100_000)?;
    let y = reader.number(y, "y in metres", -100_000..=100_000)?;
    Some((x * 1000, y * 1000))
}

/// `{signal: -60, loss: 10%, delay: 1ms}` between `a` and `b`.
pub fn link(reader: &mut Reader, a: &str, b: &str, node: &Node) -> Option<Link> {
    let mut entries = reader.entries(node, "a link")?;
    let link = Link {
        a: a.to_owned(),
        b: b.to_owned(),
        signal_dbm: entries
            .take("signal")
            .and_then(|v| reader.number(v, "signal", -120..=30))
            .map(|v| v as i32),
        loss_ppm: entries.take("loss").and_then(|v| reader.share(v, "loss")),
        delay: entries
            .take("delay")
            .and_then(|v| reader.duration(v, "delay"))
            .filter(|d| *d >= Duration::ZERO),
    };
    entries.finish(reader, "a link");
    Some(link)
}
