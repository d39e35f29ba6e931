//! The soft MAC driven by frames: whatever reaches a station and an access point that are connected, and two Wi-Fi Direct
//! devices that look for each other.

use wpasim_engine::CtrlSocket;
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::driver::IfId;
use wpasim_engine::wire::time::Duration;
use wpasim_sim::{Action, FrameMatch, Rule};

use super::handshakes::Choices;
use super::stage::{Device, Kind, Stage, addr};
use super::world::again;

/// Enough for every path, and an end to every input.
const STEPS: usize = 60;
/// Until then a station is connected.
const CONNECTED: Duration = Duration::from_secs(1);
/// What a frame needs at least to be for somebody.
const ADDRESSES: [usize; 3] = [4, 10, 16];

const OPEN: &str = "network={\nssid=\"net\"\nkey_mgmt=NONE\nscan_freq=2412\n}\n";
const WITH_KEY: &str = "network={\nssid=\"net\"\npsk=\"secret passphrase\"\nscan_freq=2412\n}\n";
const P2P: &str = "device_name=Device\ndevice_type=1-0050F204-1\nconfig_methods=push_button\n";

/// What the access point wants, and the station's configuration.
const MODES: [(&str, &str); 4] = [
    ("interface=wlan1\nhw_mode=g\nssid=net\nchannel=1\n", OPEN),
    (
        "interface=wlan1\nhw_mode=g\nssid=net\nchannel=1\nwpa=2\nrsn_pairwise=CCMP\nwpa_passphrase=secret passphrase\n\
         wpa_group_rekey=3\nieee80211n=1\nwmm_enabled=1\n",
        WITH_KEY,
    ),
    (
        "interface=wlan1\nhw_mode=g\nssid=net\nchannel=1\nwpa=1\nwpa_pairwise=TKIP\nwpa_passphrase=secret passphrase\n\
         wpa_group_rekey=3\n",
        WITH_KEY,
    ),
    (
        "interface=wlan1\nhw_mode=g\nssid=net\nchannel=1\nwpa=3\nwpa_pairwise=TKIP CCMP\n\
         wpa_passphrase=secret passphrase\nwps_state=2\neap_server=1\nwpa_ptk_rekey=2\n",
        WITH_KEY,
    ),
];

/// What a user does meanwhile.
const COMMANDS: [(u8, &str); 12] = [
    (0, "SCAN freq=2412"),
    (0, "DISCONNECT"),
    (0, "RECONNECT"),
    (0, "REASSOCIATE"),
    (0, "WPS_PBC"),
    (0, "SCAN_RESULTS"),
    (0, "BSS FIRST"),
    (1, "CHAN_SWITCH 5 2437"),
    (1, "WPS_PBC"),
    (1, "STA-FIRST"),
    (2, "P2P_FIND 10"),
    (2, "P2P_CONNECT 02:00:00:00:00:00 pbc"),
];

/// An octet that says which mode, then records: frames as they are, frames for a device, frames that were on the air with
/// some octets changed, time, commands, and a lost frame.
pub fn soft_mac(data: &[u8]) {
    let mut choices = Choices(data);
    let mode = choices.octet().unwrap_or(1);
    let (access_point, station) = MODES[usize::from(mode) % MODES.len()];
    let mut stage = Stage::new(&[
        Device { kind: Kind::Supplicant, name: "sta", config: station },
        Device { kind: Kind::AccessPoint, name: "ap", config: access_point },
        Device { kind: Kind::Supplicant, name: "p2p", config: P2P },
    ]);
    stage.world.watch_frames();
    stage.wait(CONNECTED);
    for _ in 0..STEPS {
        if step(&mut stage, &mut choices).is_none() {
            break;
        }
    }
    stage.wait(CONNECTED);
    stage.all_answer();
    assert!(!stage.runaway, "a device does not come to an end");
}

fn step(stage: &mut Stage, choices: &mut Choices<'_>) -> Option<()> {
    match choices.octet()? % 7 {
        0 => stage.world.medium().inject(2412, choices.octets(), -30),
        1 => {
            let whose = choices.octet()?;
            let mut octets = choices.octets();
            for (n, at) in ADDRESSES.into_iter().enumerate() {
                let addr = who(whose >> (2 * n));
                if let Some(place) = octets.get_mut(at..at + 6) {
                    place.copy_from_slice(&addr.0);
                }
            }
            stage.world.medium().inject(2412, octets, -30);
        }
        2 | 3 => {
            let (back, offset) = (choices.octet()?, choices.octet()?);
            let change = choices.octets();
            again(stage, back, u16::from(offset) * 2, &change);
        }
        4 => stage.wait(Duration::from_millis(i64::from(choices.octet()?) * 4)),
        5 => {
            let (device, text) = COMMANDS[usize::from(choices.octet()?) % COMMANDS.len()];
            stage.command(device, 0, CtrlSocket::Interface(IfId(0)), text.as_bytes());
        }
        _ => {
            let to = stage.node(choices.octet()?);
            let matcher = FrameMatch { to: Some(to.into()), ..FrameMatch::default() };
            stage.world.medium().add_rule(Rule::new(matcher, Action::Drop).times(1));
        }
    }
    Some(())
}

/// A device's address by two bits, or everyone's.
fn who(bits: u8) -> MacAddr {
    match bits & 3 {
        3 => MacAddr::BROADCAST,
        device => addr(device),
    }
}
