//! One random session: devices, and commands with pauses.

use wpasim_engine::config::support::Standing;
use wpasim_engine::config::support::commands::{Form, INTERFACE};
use wpasim_engine::entropy::{Entropy, Stream};

use super::vocabulary::{
    ACCESS_POINT, ARGUMENTS, BEGINNINGS, MODE_2, NOT_DRAWN, OPEN, OTHER, PAUSES_MS, PEER, SECURITY, STATION,
    WPA2,
};

/// The subject of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Kind {
    /// A station and one to three access points, open or with WPA2, on one channel or two
    Station,
    /// An access point with WPS and two enrollees
    Wps,
    /// An access point in mode 2 and two stations
    Mode2,
    /// Two or three devices of Wi-Fi Direct
    P2p,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Station, Kind::Wps, Kind::Mode2, Kind::P2p];

    /// Its name, which is that of its directory.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Station => "station",
            Kind::Wps => "wps",
            Kind::Mode2 => "mode2",
            Kind::P2p => "p2p",
        }
    }

    /// The share of sessions, in per cent, that may differ between the engine and wpa_supplicant 2.10.
    pub fn bound(self) -> usize {
        if self == Kind::P2p { 3 } else { 1 }
    }
}

/// A device, with what it can be told.
struct Device {
    name: &'static str,
    configuration: String,
    commands: &'static [&'static str],
    /// Whether it is a wpa_supplicant, which knows the commands of the table.
    is_supplicant: bool,
    /// The frequency with which it is drawn, relative to the others.
    weight: u32,
}

/// Of 100 commands so many are changed into what may not be valid.
const SPOILT: u32 = 8;
/// Of 100 commands to a supplicant so many are drawn from the table of all commands.
const FROM_THE_TABLE: u32 = 10;

/// Returns a session's scenario.
pub fn session(kind: Kind, seed: u64) -> String {
    let mut draw = Entropy::new(seed, "explore").stream(kind.name());
    let devices = devices(kind, &mut draw);
    let mut steps: Vec<String> = match kind {
        // The times for which a search listens would be drawn as well.
        Kind::P2p => {
            let searches = devices.iter().map(|device| format!("{}: P2P_SET disc_int 2 2 -1", device.name));
            searches.chain(pick(&mut draw, BEGINNINGS).iter().map(|step| (*step).to_owned())).collect()
        }
        // Two stations that start at one instant do everything on the same ticks, where the lab's scheduler decides who is first.
        Kind::Mode2 => ["advance: 713ms", "start: sta2", "advance: 3017ms"].map(str::to_owned).to_vec(),
        _ => vec!["advance: 3017ms".to_owned()],
    };
    let total: u32 = devices.iter().map(|device| device.weight).sum();
    for _ in 0..6 + draw.below(11) {
        let mut at = draw.below(total);
        let chosen = devices.iter().position(|device| match at.checked_sub(device.weight) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        });
        let Some((index, device)) = chosen.and_then(|index| Some((index, devices.get(index)?))) else {
            continue;
        };
        let text = command(&devices, index, &mut draw).replace('\\', "\\\\").replace('"', "\\\"");
        steps.push(format!("{{{}: \"{text}\", reply: any}}", device.name));
        steps.push(format!("advance: {}ms", pick(&mut draw, PAUSES_MS)));
    }
    let mut lines = vec![
        format!("about: random session {seed} ({})", kind.name()),
        "why: wpasim explore".to_owned(),
        "hz: 100".to_owned(),
    ];
    if kind == Kind::P2p {
        lines.push("requires: [p2p]".to_owned());
    }
    lines.push("devices:".to_owned());
    lines.extend(devices.iter().map(|device| format!("  {}: {}", device.name, device.configuration)));
    lines.push("steps:".to_owned());
    lines.extend(steps.iter().map(|step| format!("  - {step}")));
    lines.push("  - advance: 7s".to_owned());
    lines.extend(devices.iter().map(|device| format!("  - {{{}: STATUS, reply: any}}", device.name)));
    lines.join("\n") + "\n"
}

fn devices(kind: Kind, draw: &mut Stream) -> Vec<Device> {
    let station = |name, network: &str| Device {
        name,
        configuration: format!("{{update_config: 1, networks: [{network}, {OTHER}]}}"),
        commands: STATION,
        is_supplicant: true,
        weight: 4,
    };
    let access_point = |name, configuration: String| Device {
        name,
        configuration: format!("{{hostapd: {{{configuration}}}}}"),
        commands: ACCESS_POINT,
        is_supplicant: false,
        weight: 2,
    };
    match kind {
        Kind::Station => {
            let is_open = draw.below(3) == 0;
            let (network, security) = if is_open { (OPEN, "") } else { (WPA2, SECURITY) };
            let count = 1 + draw.below(3) as usize;
            let mut devices = vec![station("sta", network)];
            for name in ["ap", "ap2", "ap3"].into_iter().take(count) {
                let channel = pick(draw, &[1, 6]);
                devices.push(access_point(name, format!("ssid: net, channel: {channel}{security}")));
            }
            devices
        }
        Kind::Wps => vec![
            station("sta", WPA2),
            Device {
                name: "sta2",
                configuration: "{update_config: 1}".to_owned(),
                commands: STATION,
                is_supplicant: true,
                weight: 2,
            },
            access_point("ap", format!("ssid: net, channel: 1, eap_server: 1, wps_state: 2{SECURITY}")),
        ],
        Kind::Mode2 => {
            let is_open = draw.below(3) == 0;
            let (network, security) = match is_open {
                true => (OPEN, "key_mgmt: NONE"),
                false => (
                    WPA2,
                    r#"proto: RSN, key_mgmt: WPA-PSK, pairwise: CCMP, group: CCMP, psk: '"secret passphrase"'"#,
                ),
            };
            let owner = format!(
                r#"{{update_config: 1, networks: [{{ssid: '"net"', mode: 2, frequency: 2412, {security}}}]}}"#
            );
            let mut second = station("sta2", network);
            second.configuration.insert_str(1, "start: no, ");
            vec![
                Device { name: "ap", configuration: owner, commands: MODE_2, is_supplicant: true, weight: 3 },
                station("sta", network),
                second,
            ]
        }
        Kind::P2p => {
            let count = 2 + draw.below(2) as usize;
            let names = [("a", 7), ("b", 6), ("c", 5)].into_iter().take(count);
            names
                .map(|(name, intent)| {
                    // Channels that would be drawn are given, and the intents are not equal, which would have the owner drawn:
                    // the draws of two implementations are not the same.
                    let listen = pick(draw, &[1, 6, 11]);
                    let configuration = format!(
                        "{{update_config: 1, device_name: Device {}, device_type: 1-0050F204-1, config_methods: display keypad \
                         push_button, p2p_no_group_iface: 1, p2p_listen_reg_class: 81, p2p_listen_channel: {listen}, \
                         p2p_oper_reg_class: 81, p2p_oper_channel: 1, p2p_go_intent: {intent}}}",
                        name.to_uppercase()
                    );
                    Device { name, configuration, commands: PEER, is_supplicant: true, weight: 3 }
                })
                .collect()
        }
    }
}

/// Returns a command to one of the devices, with names in braces for addresses.
fn command(devices: &[Device], index: usize, draw: &mut Stream) -> String {
    let Some(device) = devices.get(index) else { return String::new() };
    let mut text = match device.is_supplicant && draw.below(100) < FROM_THE_TABLE {
        true => from_the_table(draw),
        false => (*pick(draw, device.commands)).to_owned(),
    };
    if draw.below(100) < SPOILT {
        text = spoilt(&text, draw);
    }
    let another = |is_wanted: &dyn Fn(&Device) -> bool, draw: &mut Stream| {
        let others: Vec<&Device> = devices
            .iter()
            .enumerate()
            .filter(|(at, d)| *at != index && is_wanted(d))
            .map(|(_, d)| d)
            .collect();
        others
            .get(draw.below(others.len() as u32) as usize)
            .map_or("ff:ff:ff:ff:ff:ff".to_owned(), |d| format!("{{{}}}", d.name))
    };
    let is_station = |d: &Device| d.name.starts_with("sta");
    for (name, value) in [
        ("{ap}", another(&|d| !is_station(d), draw)),
        ("{sta}", another(&is_station, draw)),
        ("{peer}", another(&|_| true, draw)),
        ("{own}", format!("wlan{index}")),
    ] {
        text = text.replace(name, &value);
    }
    text
}

/// Returns a command of the table of all commands, with arguments that may mean something to it.
fn from_the_table(draw: &mut Stream) -> String {
    let carried_out: Vec<_> = INTERFACE
        .iter()
        .filter(|command| matches!(command.standing, Standing::Effect) && !NOT_DRAWN.contains(&command.name))
        .collect();
    let Some(command) = carried_out.get(draw.below(carried_out.len() as u32) as usize) else {
        return "PING".to_owned();
    };
    match command.form {
        Form::Alone => command.name.to_owned(),
        Form::Arguments | Form::Either | Form::Beginning => {
            format!("{}{}", command.name, pick(draw, ARGUMENTS))
        }
    }
}

/// Returns the command with its last word gone, with a word more, or with another number.
fn spoilt(text: &str, draw: &mut Stream) -> String {
    match draw.below(3) {
        0 => text.rsplit_once(' ').map_or_else(|| text.to_owned(), |(head, _)| head.to_owned()),
        1 => format!("{text} x"),
        _ => text.replace(|c: char| c.is_ascii_digit(), "9"),
    }
}

fn pick<'a, T>(draw: &mut Stream, of: &'a [T]) -> &'a T {
    // No list is empty, and a number below its length is a place in it.
    &of[draw.below(of.len() as u32) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[rstest::rstest]
    #[case(Kind::Station)]
    #[case(Kind::Wps)]
    #[case(Kind::Mode2)]
    #[case(Kind::P2p)]
    fn sessions_can_be_read_and_repeat_themselves(#[case] kind: Kind) {
        for seed in 0..300 {
            let text = session(kind, seed);
            assert_eq!(text, session(kind, seed));
            let read = scenario::read_all("session.yaml", &text, &|_| Err("no file".to_owned()));
            assert!(read.is_ok(), "{kind:?} {seed}: {}\n{text}", read.unwrap_err());
        }
    }

    #[test]
    fn every_command_of_a_list_is_drawn() {
        let all: String = (0..3000).map(|seed| session(Kind::Station, seed)).collect();
        for command in ["REATTACH", "DUP_NETWORK 0 1 ssid", "WPS_PIN any 12345670"] {
            assert!(all.contains(command), "{command}");
        }
    }
}
