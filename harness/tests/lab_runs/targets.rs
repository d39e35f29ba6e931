//! Other implementations than the usual ones: the engine on mixed air, a broken supplicant, and one that was started
//! by hand.

use std::collections::BTreeMap;
use std::fs;

use libtest_mimic::Failed;
use pcap_file::pcapng::{Block, PcapNgReader};
use wpasim::lab::Lab;

use crate::RELAY;
use crate::guests::{Dir, Outcome, Test, expect};
use crate::wpasim_run::{Ran, on_kernel_radios, suite, wpasim};

pub const TESTS: &[(&str, Test)] = &[
    ("the_engine_as_station_at_the_real_access_point", engine_station),
    ("the_real_station_at_the_engines_access_point", engine_access_point),
    ("a_supplicant_that_swallows_an_event_fails_with_the_diff_that_shows_it", swallowed_event),
    ("processes_started_by_hand_are_driven_through_their_sockets", started_by_hand),
];

/// Group keys are renewed in data frames that are encrypted, one from the access point and its answer from the
/// station. Without the answer the station would be sent away, with reason 16.
const TWO_REKEYS: &str = "about: Mixed air
why: two group rekeys are encrypted data both ways
devices:
  sta: {networks: [{ssid: '\"mixed\"', psk: '\"secret passphrase\"', scan_freq: 2412}]}
  ap: {hostapd: {ssid: mixed, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: secret passphrase, wpa_group_rekey: 3}}
steps:
  - together:
      - sta sees: CTRL-EVENT-CONNECTED - Connection to {ap} completed
      - ap sees: EAPOL-4WAY-HS-COMPLETED {sta}
  - sta sees: \"WPA: Group rekeying completed with {ap} [GTK=CCMP]\"
  - sta sees: \"WPA: Group rekeying completed with {ap} [GTK=CCMP]\"
  - advance: 5s
  - {sta: STATUS, reply: {fields: {wpa_state: COMPLETED}}}
  - {ap: \"STA {sta}\", reply: {starts: \"{sta}\"}}
";

/// Where a scenario of a test's own is, in its directory.
fn scenario(dir: &Dir, text: &str) -> Result<String, Failed> {
    let path = dir.0.join("scenarios/mixed/two_rekeys.yaml");
    fs::create_dir_all(path.parent().ok_or("no directory")?)?;
    fs::write(&path, text)?;
    Ok(path.display().to_string())
}

/// How many encrypted data frames each address sent, of a capture with radiotap headers.
fn encrypted_frames(pcapng: &[u8]) -> Result<BTreeMap<[u8; 6], usize>, Failed> {
    let mut reader = PcapNgReader::new(pcapng)?;
    let mut counts = BTreeMap::new();
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block? else { continue };
        let radiotap = packet.data.get(2..4).map(|b| usize::from(b[0]) | usize::from(b[1]) << 8);
        let frame = radiotap.and_then(|length| packet.data.get(length..)).ok_or("no radiotap header")?;
        let is_encrypted_data =
            matches!(frame, [control, flags, ..] if control & 0x0c == 0x08 && flags & 0x40 != 0);
        if let (true, Some(from)) = (is_encrypted_data, frame.get(10..16)) {
            *counts.entry(from.try_into()?).or_default() += 1;
        }
    }
    Ok(counts)
}

fn mixed(device: &str) -> Outcome {
    let dir = Dir::new();
    let path = scenario(&dir, TWO_REKEYS)?;
    let arguments = ["--device", device, "--pcap", "pcap", "--transcripts", "said", "--logs", "logs"];
    let ran = on_kernel_radios(&dir, &path, &arguments)?;
    expect(ran.code == Some(0), &ran.text)?;
    let transcript = fs::read_to_string(dir.0.join("said/mixed.two_rekeys.1.transcript"))?;
    let header = transcript.lines().find(|line| line.starts_with("# made by:")).unwrap_or_default();
    expect(header.contains("wpasim-engine") && header.contains("v2.10"), header)?;
    let stayed =
        !transcript.contains("AP-STA-DISCONNECTED") && !transcript.contains("CTRL-EVENT-DISCONNECTED");
    expect(stayed, &transcript)?;
    let counts = encrypted_frames(&fs::read(dir.0.join("pcap/mixed.two_rekeys.1.pcapng"))?)?;
    for from in [[2, 0, 0, 0, 0, 0], [2, 0, 0, 0, 1, 0]] {
        let count = counts.get(&from).copied().unwrap_or_default();
        expect(count >= 2, format!("{from:x?} has sent {count} encrypted data frames: {counts:x?}"))?;
    }
    Ok(())
}

fn engine_station(_: &Lab) -> Outcome {
    mixed("sta=engine")
}

fn engine_access_point(_: &Lab) -> Outcome {
    mixed("ap=engine")
}

/// The real supplicant behind a relay that swallows an event.
fn behind_a_relay(swallows: &str) -> Result<Ran, Failed> {
    let dir = Dir::new();
    let this = std::env::current_exe()?.display().to_string();
    let command = format!("'{this}' {RELAY} '{swallows}' {{ifname}} {{config}} {{global}} {{log}}");
    on_kernel_radios(&dir, &suite("sta/connect_wpa2_psk"), &["--supplicant", &command])
}

fn swallowed_event(_: &Lab) -> Outcome {
    let whole = behind_a_relay("an event that nobody sends")?;
    expect(whole.code == Some(0), format!("the relay itself breaks something: {}", whole.text))?;
    let broken = behind_a_relay("CTRL-EVENT-SUBNET-STATUS-UPDATE")?;
    let shown = "- sta ! <3>CTRL-EVENT-SUBNET-STATUS-UPDATE status=0";
    let differs = "connect_wpa2_psk.transcript:";
    let tells = broken.text.lines().any(|line| line.trim() == shown) && broken.text.contains(differs);
    expect(broken.code == Some(1) && tells, format!("{:?} {}", broken.code, broken.text))
}

/// A supplicant and an access point as a person starts them, `$1` is the suite.
const BY_HAND: &str = r#"
    cat > /run/ap.conf <<-END
	interface=wlan1
	ctrl_interface=/run/hostapd
	ssid=jkm private
	channel=1
	wpa=2
	wpa_key_mgmt=WPA-PSK
	rsn_pairwise=CCMP
	wpa_passphrase=secret passphrase
	wpa_group_rekey=3
	END
    printf 'ctrl_interface=/run/wpa_supplicant\n' > /run/sta.conf
    hostapd /run/ap.conf > /run/ap.log &
    wpa_supplicant -i wlan0 -c /run/sta.conf > /run/sta.log &
    until test -S /run/wpa_supplicant/wlan0 && test -S /run/hostapd/wlan1; do sleep 0.1; done
    wpasim run "$1"/ctrl/network_config.yaml "$1"/bss/ageing.yaml "$1"/ctrl/save_config.yaml --target socket \
        --device sta=/run/wpa_supplicant/wlan0 --device ap=/run/hostapd/wlan1
    echo "ctrl $?"
    wpasim run mixed.yaml --target socket \
        --device sta=/run/wpa_supplicant/wlan0 --device ap=/run/hostapd/wlan1
    echo "connect $?"
"#;

fn started_by_hand(_: &Lab) -> Outcome {
    let dir = Dir::new();
    fs::write(dir.0.join("mixed.yaml"), TWO_REKEYS)?;
    let scenarios = format!("{}/../scenarios", env!("CARGO_MANIFEST_DIR"));
    let ran = wpasim(&dir, &["lab", "run", "--", "sh", "-c", BY_HAND, "sh", &scenarios])?;
    let all = ["ctrl 0", "connect 0", "pass ctrl/network_config", "skip "];
    expect(all.iter().all(|what| ran.text.contains(what)), &ran.text)
}
