#!/usr/bin/env python3
"""Looks for differences between the engine and the real wpa_supplicant and hostapd: random sessions, recorded in the lab
and then run on sim. What differs is shown as `wpasim run` shows it; a session worth keeping becomes a scenario.

usage: ci/random-sessions.py [--p2p] [--count N] [--seed S] [--wpasim PATH] DIRECTORY
"""

import argparse
import pathlib
import random
import subprocess
import sys

STATION = """
SCAN | SCAN freq=2412 | SCAN freq=2412,2437 passive=1 | SCAN ssid 6e6574 freq=2412 | SCAN freq=2412 only_new=1
SCAN TYPE=ONLY freq=2412 | SCAN_RESULTS | ABORT_SCAN | DISCONNECT | RECONNECT | REASSOCIATE | REATTACH | SELECT_NETWORK 0
SELECT_NETWORK 1 | SELECT_NETWORK 0 freq=2412 | ENABLE_NETWORK 0 | ENABLE_NETWORK 1 no-connect | ENABLE_NETWORK all
DISABLE_NETWORK 0 | DISABLE_NETWORK all | REMOVE_NETWORK 1 | ADD_NETWORK | LIST_NETWORKS | STATUS | BSS RANGE=ALL MASK=0x3
BSS_FLUSH | BSS_FLUSH 0 | ROAM {ap} | BSSID 0 {ap} | BSSID 0 any | AP_SCAN 2 | AP_SCAN 1 | AP_SCAN 0 | BSSID_IGNORE {ap}
BSSID_IGNORE clear | BSSID_IGNORE | SET_NETWORK 0 disabled 1 | SET_NETWORK 0 disabled 0 | SET_NETWORK 0 priority 5
SET_NETWORK 0 bssid {ap} | WPS_PBC | WPS_CANCEL | WPS_PIN any 12345670 | WPS_PIN {ap} 12345670 | STA_AUTOCONNECT 0
STA_AUTOCONNECT 1 | PMKSA_FLUSH | SAVE_CONFIG | RECONFIGURE | LOGOFF | LOGON | SET disallow_aps bssid {ap} | SET disallow_aps 
SCAN_INTERVAL 3 | FLUSH | DUP_NETWORK 0 1 ssid | SET autoscan periodic:3 | AUTOSCAN  | RADIO_WORK show | SIGNAL_POLL
"""
ACCESS_POINT = """
DEAUTHENTICATE {sta} | DISASSOCIATE {sta} | DEAUTHENTICATE ff:ff:ff:ff:ff:ff | DISABLE | ENABLE | RELOAD | STATUS | STA {sta}
STA-FIRST | WPS_PBC | WPS_CANCEL | WPS_PIN any 12345670 | WPS_PIN any 12345670 20 | REKEY_GTK | SET wpa_group_rekey 5
UPDATE_BEACON | DENY_ACL ADD_MAC {sta} | DENY_ACL CLEAR | SET ssid other | SET ssid net | CHAN_SWITCH 5 2437 | WPS_GET_STATUS
STOP_AP | GET_CONFIG | POLL_STA {sta} | SET macaddr_acl 1 | SET macaddr_acl 0
"""
# {peer} is the other device.
PEER = """
P2P_FIND 5 type=social | P2P_FIND 3 type=social | P2P_FIND 2 freq=2412 | P2P_STOP_FIND | P2P_LISTEN 3 | P2P_LISTEN 20 | P2P_LISTEN
P2P_CONNECT {peer} pbc | P2P_CONNECT {peer} pbc join freq=2412 | P2P_CONNECT {peer} pbc auth | P2P_CONNECT {peer} pbc go_intent=15
P2P_CONNECT {peer} 12345670 display | P2P_CONNECT {peer} 12345670 keypad | P2P_CONNECT {peer} 12345670 join freq=2412
P2P_CONNECT {peer} pbc persistent | P2P_CONNECT {peer} pbc persistent join freq=2412 | P2P_PROV_DISC {peer} display
P2P_PROV_DISC {peer} keypad | P2P_PROV_DISC {peer} pbc | P2P_PROV_DISC {peer} pbc join | P2P_REJECT {peer} | P2P_CANCEL | P2P_FLUSH
P2P_PEER {peer} | P2P_PEER FIRST | P2P_GROUP_ADD freq=2412 | P2P_GROUP_ADD persistent freq=2412 | P2P_GROUP_ADD freq=2437
P2P_GROUP_ADD persistent=1 freq=2412 | P2P_GROUP_REMOVE {own} | P2P_GROUP_REMOVE * | P2P_INVITE group={own} peer={peer}
P2P_INVITE persistent=1 peer={peer} | P2P_INVITE persistent=0 peer={peer} | P2P_SERV_DISC_REQ {peer} 02000001
P2P_SERV_DISC_REQ 00:00:00:00:00:00 02000201 | P2P_SERV_DISC_REQ {peer} upnp 10 ssdp:all
P2P_SERVICE_ADD upnp 10 uuid:5566d33e-9774-09ab-4822-333456785632::upnp:rootdevice | P2P_SERVICE_FLUSH | P2P_SERVICE_UPDATE
P2P_SERVICE_ADD bonjour 045f697070c00c000c01 094d795072696e746572c027 | P2P_SET discoverability 0 | P2P_SET discoverability 1
P2P_SET managed 1 | P2P_SET managed 0 | P2P_SET listen_channel 1 | P2P_SET ssid_postfix xy | P2P_SET per_sta_psk 1
P2P_SET disallow_freq 2412 | P2P_SET disallow_freq 0 | P2P_SET disabled 1 | P2P_SET disabled 0 | P2P_EXT_LISTEN 100 1000
P2P_EXT_LISTEN | P2P_PRESENCE_REQ 30000 102400 | P2P_PRESENCE_REQ | P2P_UNAUTHORIZE {peer} | P2P_REMOVE_CLIENT {peer}
P2P_REMOVE_CLIENT iface={peer} | P2P_GROUP_MEMBER {peer} | P2P_GET_PASSPHRASE | STATUS | LIST_NETWORKS | DISCONNECT | RECONNECT
REASSOCIATE | SCAN freq=2412 | WPS_PBC | WPS_CANCEL | WPS_PIN any 12345670 | WPS_PIN {peer} 12345670 | STA-FIRST | ALL_STA
REMOVE_NETWORK all | REMOVE_NETWORK 0 | SELECT_NETWORK 0 | ENABLE_NETWORK all | DISABLE_NETWORK all | BSS_FLUSH 0
BSS RANGE=ALL MASK=0x20003 | SAVE_CONFIG | FLUSH | SET p2p_go_intent 15 | SET persistent_reconnect 1 | SET p2p_group_idle 3
SET config_methods display | SET device_name Other | DEAUTHENTICATE {peer} | DISASSOCIATE {peer} | SET ap_scan 0 | AP_SCAN 1
"""
# Channels that would be drawn are given: the draws of two implementations are not the same.
DEVICE = """{update_config: 1, device_name: Device %s, device_type: 1-0050F204-1, config_methods: display keypad push_button,
    p2p_no_group_iface: 1, p2p_listen_reg_class: 81, p2p_listen_channel: %d, p2p_oper_reg_class: 81, p2p_oper_channel: 1}"""
BEGINNINGS = {
    "strangers": [],
    "known": ["b: P2P_LISTEN 20", "a: P2P_FIND 2 type=social", "advance: 3017ms", "b: P2P_STOP_FIND"],
    "group": [
        "a: P2P_GROUP_ADD freq=2412", "advance: 1017ms", "a: WPS_PBC", "b: P2P_CONNECT {a} pbc join freq=2412", "advance: 4s",
    ],
    "persistent": [
        "a: P2P_GROUP_ADD persistent freq=2412", "advance: 1017ms", "a: WPS_PBC",
        "b: P2P_CONNECT {a} pbc persistent join freq=2412", "advance: 4s", "a: P2P_GROUP_REMOVE wlan0", "advance: 1013ms",
    ],
}
OPEN = """{ssid: '"net"', key_mgmt: NONE, scan_freq: 2412}"""
WPA2 = """{ssid: '"net"', psk: '"secret passphrase"', scan_freq: 2412}"""
OTHER = """{ssid: '"other"', key_mgmt: NONE, scan_freq: 2412, disabled: 1}"""
SECURITY = ", wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: secret passphrase"
# Long enough that two kernels that are a tick apart say the same.
PAUSES_MS = [230, 413, 1337, 2611, 6007]


def commands(text: str) -> list[str]:
    """A blank at the end of a command counts."""
    lines = text.strip("\n").split("\n")
    return [command for line in lines for command in line.split(" | ")]


def scenario(about: str, devices: dict[str, str], steps: list[str], more: list[str]) -> str:
    """A scenario without expectations: its transcript is what is compared."""
    lines = [f"about: {about}", "why: ci/random-sessions.py", "hz: 100", *more, "devices:"]
    lines += [f"  {name}: {device}" for name, device in devices.items()]
    lines += ["steps:", *(f"  - {step}" for step in steps), "  - advance: 7s"]
    lines += [f"  - {{{name}: STATUS, reply: any}}" for name in devices]
    return "\n".join(lines) + "\n"


def command(draw: random.Random, device: str, text: str) -> list[str]:
    """Two steps: a command, and a pause after it."""
    return [f'{{{device}: "{text}", reply: any}}', f"advance: {draw.choice(PAUSES_MS)}ms"]


def p2p_session(seed: int) -> str:
    """Two devices of Wi-Fi Direct."""
    draw = random.Random(seed)
    devices = {name.lower(): DEVICE % (name, draw.choice([1, 6, 11])) for name in "AB"}
    steps = list(draw.choice(list(BEGINNINGS.values())))
    for _ in range(draw.randint(5, 14)):
        device, peer, own = draw.choice([("a", "{b}", "wlan0"), ("b", "{a}", "wlan1")])
        text = draw.choice(commands(PEER)).replace("{peer}", peer).replace("{own}", own)
        steps += command(draw, device, text)
    return scenario(f"random session {seed} of Wi-Fi Direct", devices, steps, ["requires: [p2p]"])


def session(seed: int) -> str:
    """A station and its access point."""
    draw = random.Random(seed)
    kind = draw.choice(["open", "wpa2", "wpa2", "wps", "wps"])
    network = OPEN if kind == "open" else WPA2
    access_point = "ssid: net, channel: 1" + ("" if kind == "open" else SECURITY)
    if kind == "wps":
        access_point += ", eap_server: 1, wps_state: 2"
    devices = {
        "sta": f"{{update_config: 1, networks: [{network}, {OTHER}]}}",
        "ap": f"{{hostapd: {{{access_point}}}}}",
    }
    steps = ["advance: 3017ms"]
    for _ in range(draw.randint(6, 16)):
        device, pool = ("sta", STATION) if draw.random() < 0.68 else ("ap", ACCESS_POINT)
        steps += command(draw, device, draw.choice(commands(pool)))
    return scenario(f"random session {seed}", devices, steps, [])


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory", type=pathlib.Path, help="where the sessions go; it must not exist")
    arguments.add_argument("--count", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=0, help="of the first session")
    arguments.add_argument("--p2p", action="store_true", help="two devices of Wi-Fi Direct, not a station and its AP")
    arguments.add_argument("--wpasim", default="target/release/wpasim")
    given = arguments.parse_args()
    given.directory.mkdir(parents=True)
    for seed in range(given.seed, given.seed + given.count):
        (given.directory / f"session_{seed}.yaml").write_text((p2p_session if given.p2p else session)(seed))
    record = [given.wpasim, "lab", "run", "--", "record", str(given.directory)]
    if subprocess.run(record, stdout=subprocess.DEVNULL).returncode not in (0, 1):
        return 2
    return subprocess.run([given.wpasim, "run", str(given.directory)]).returncode


if __name__ == "__main__":
    sys.exit(main())
