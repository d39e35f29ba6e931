//! A whole world driven by a program: commands, frames, faults of the air, processes that die, and time.

use wpasim_engine::CtrlSocket;
use wpasim_engine::wire::driver::IfId;
use wpasim_engine::wire::time::Duration;
use wpasim_sim::{Action, FrameKind, FrameMatch, Link, Rule, RuleId};

use super::program::{Fault, Socket, Step, parse, write};
use super::stage::{Device, Kind, Stage};

/// Devices 0 and 1 have Wi-Fi Direct, 2 is a station with a network, 3 its access point, 4 a host of access points.
const DEVICES: [Device; 5] = [
    Device { kind: Kind::Supplicant, name: "a", config: P2P },
    Device { kind: Kind::Supplicant, name: "b", config: P2P },
    Device { kind: Kind::Supplicant, name: "sta", config: STATION },
    Device { kind: Kind::AccessPoint, name: "ap", config: ACCESS_POINT },
    Device { kind: Kind::Host, name: "aps", config: "" },
];

const P2P: &str = "update_config=1\ndevice_name=Device\ndevice_type=1-0050F204-1\npersistent_reconnect=1\n\
    config_methods=display keypad push_button virtual_push_button\n";
pub const STATION: &str =
    "update_config=1\nnetwork={\nssid=\"net\"\npsk=\"secret passphrase\"\nscan_freq=2412\n}\n";
pub const ACCESS_POINT: &str = "interface=wlan3\nhw_mode=g\nssid=net\nchannel=1\nwpa=3\n\
    wpa_passphrase=secret passphrase\nwpa_pairwise=TKIP\nrsn_pairwise=CCMP\nwmm_enabled=1\nwps_state=2\n\
    eap_server=1\nap_pin=12345670\nwpa_group_rekey=2\nap_max_inactivity=10\nconfig_methods=label push_button\n";

/// Steps of one program, and the virtual time that they may take in all.
const STEPS: usize = 100;
const TIME: Duration = Duration::from_secs(240);
/// One wait is at most so long.
const LONGEST_WAIT: u16 = 20_000;
/// The end, in which everything comes to rest.
const REST: Duration = Duration::from_secs(5);
/// One program in so many runs twice, and must do the same.
const TWICE: usize = 16;

/// The kinds of frames that rules can name.
pub fn kinds() -> Vec<&'static str> {
    FrameKind::names().collect()
}

/// A program is carried out; every command has its reply, every process still answers at the end, and the same program does
/// the same again.
pub fn world(data: &[u8]) {
    let kinds = kinds();
    let steps: Vec<Step> = parse(data, &kinds).take(STEPS).collect();
    for step in &steps {
        let line = write(step, &kinds);
        assert_eq!(parse(&line, &kinds).next().as_ref(), Some(step), "{}", String::from_utf8_lossy(&line));
    }
    if steps.is_empty() {
        return;
    }
    let first = run(&steps, &kinds);
    if data.len().is_multiple_of(TWICE) {
        assert_eq!(run(&steps, &kinds), first, "the same program does the same");
    }
}

/// Carries the steps out. The hash over all that happened.
fn run(steps: &[Step], kinds: &[&str]) -> [u8; 32] {
    let mut stage = Stage::new(&DEVICES);
    stage.world.watch_frames();
    let mut rules: Vec<RuleId> = Vec::new();
    let end = stage.world.now() + TIME;
    for step in steps {
        if stage.world.now() > end {
            break;
        }
        carry_out(&mut stage, step, kinds, &mut rules);
    }
    calm(&mut stage, &mut rules);
    stage.wait(REST);
    stage.all_answer();
    // Where discovery has intervals of nothing, 2.10 goes round at one instant as well.
    let has_no_interval =
        |step: &Step| matches!(step, Step::Command { text, .. } if contains(&text.0, b"disc_int"));
    assert!(!stage.runaway || steps.iter().any(has_no_interval), "a device does not come to an end");
    stage.world.trace_hash()
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|w| w == word)
}

fn calm(stage: &mut Stage, rules: &mut Vec<RuleId>) {
    for rule in rules.drain(..) {
        stage.world.medium().remove_rule(rule);
    }
    for a in 0..stage.count() {
        for b in 0..a {
            let (a, b) = (stage.node(a), stage.node(b));
            stage.world.medium().set_link(a, b, Link::default());
        }
    }
}

fn carry_out(stage: &mut Stage, step: &Step, kinds: &[&str], rules: &mut Vec<RuleId>) {
    match step {
        Step::Command { device, socket, text } => {
            let socket = match socket {
                Socket::Global => CtrlSocket::Global,
                Socket::Interface(interface) => CtrlSocket::Interface(IfId(u32::from(*interface))),
            };
            stage.command(*device, u32::from(*device) % 3, socket, &text.0);
        }
        Step::Wait(time) => stage.wait(Duration::from_millis(i64::from((*time).min(LONGEST_WAIT)))),
        Step::Frame { freq, octets } => stage.world.medium().inject(u32::from(*freq), octets.clone(), -30),
        Step::Again { back, offset, change } => again(stage, *back, *offset, &[*change]),
        Step::Rule { fault, kind, from, to, permille } => {
            let (from, to) = (stage.node(*from), stage.node(*to));
            let kind = kinds[usize::from(*kind) % kinds.len()].parse().ok();
            let matcher =
                FrameMatch { kind, from: Some(from.into()), to: Some(to.into()), ..FrameMatch::default() };
            let action = match fault {
                Fault::Drop => Action::Drop,
                Fault::DropAck => Action::DropAck,
                Fault::Delay => Action::Delay(Duration::from_millis(30)),
                Fault::Corrupt => Action::Corrupt { octets: 4, offset: None },
                Fault::Duplicate => Action::Duplicate { after: Duration::from_millis(2) },
            };
            let probability_ppm = u32::from((*permille).min(1000)) * 1000;
            rules.push(stage.world.medium().add_rule(Rule { probability_ppm, ..Rule::new(matcher, action) }));
        }
        Step::Loss { a, b, permille } => {
            let (a, b) = (stage.node(*a), stage.node(*b));
            let link = Link { loss_ppm: u32::from((*permille).min(1000)) * 1000, ..Link::default() };
            stage.world.medium().set_link(a, b, link);
        }
        Step::Calm => calm(stage, rules),
        Step::Kill(device) => stage.kill(*device),
        Step::Start(device) => stage.start(*device),
        Step::Off(device) => {
            let node = stage.node(*device);
            stage.world.set_radio(node, false);
        }
        Step::On(device) => {
            let node = stage.node(*device);
            stage.world.set_radio(node, true);
        }
        Step::Close(device) => {
            let node = stage.node(*device);
            stage.world.close(node, wpasim_engine::ConnId(u32::from(*device) % 3));
        }
    }
}

/// Puts a frame that was on the air there again, changed from an offset on.
pub fn again(stage: &mut Stage, back: u8, offset: u16, change: &[u8]) {
    let frames = stage.world.frames_seen(0);
    let Some(frame) = frames.iter().rev().nth(usize::from(back)) else { return };
    let (freq, mut octets) = (frame.freq, frame.bytes.to_vec());
    for (octet, change) in octets.iter_mut().skip(usize::from(offset)).zip(change) {
        *octet ^= change;
    }
    stage.world.medium().inject(freq, octets, -30);
}
