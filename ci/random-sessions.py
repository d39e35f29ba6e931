#!/usr/bin/env python3
"""Looks for differences between the engine and the real wpa_supplicant and hostapd: random sessions, recorded in the lab
and then run on sim. What differs is shown as `wpasim run` shows it; a session worth keeping becomes a scenario.

usage: ci/random-sessions.py [--count N] [--seed S] [--wpasim PATH] DIRECTORY
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


def session(seed: int) -> str:
    """A scenario without expectations: its transcript is what is compared."""
    draw = random.Random(seed)
    kind = draw.choice(["open", "wpa2", "wpa2", "wps", "wps"])
    network = OPEN if kind == "open" else WPA2
    access_point = "ssid: net, channel: 1" + ("" if kind == "open" else SECURITY)
    if kind == "wps":
        access_point += ", eap_server: 1, wps_state: 2"
    lines = [
        f"about: random session {seed}",
        "why: ci/random-sessions.py",
        "hz: 100",
        "devices:",
        f"  sta: {{update_config: 1, networks: [{network}, {OTHER}]}}",
        f"  ap: {{hostapd: {{{access_point}}}}}",
        "steps:",
        "  - advance: 3017ms",
    ]
    for _ in range(draw.randint(6, 16)):
        device, pool = ("sta", STATION) if draw.random() < 0.68 else ("ap", ACCESS_POINT)
        lines.append(f'  - {{{device}: "{draw.choice(commands(pool))}", reply: any}}')
        lines.append(f"  - advance: {draw.choice(PAUSES_MS)}ms")
    lines += ["  - advance: 7s", "  - {sta: STATUS, reply: any}", "  - {ap: STATUS, reply: any}"]
    return "\n".join(lines) + "\n"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory", type=pathlib.Path, help="where the sessions go; it must not exist")
    arguments.add_argument("--count", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=0, help="of the first session")
    arguments.add_argument("--wpasim", default="target/release/wpasim")
    given = arguments.parse_args()
    given.directory.mkdir(parents=True)
    for seed in range(given.seed, given.seed + given.count):
        (given.directory / f"session_{seed}.yaml").write_text(session(seed))
    record = [given.wpasim, "lab", "run", "--", "record", str(given.directory)]
    if subprocess.run(record, stdout=subprocess.DEVNULL).returncode not in (0, 1):
        return 2
    return subprocess.run([given.wpasim, "run", str(given.directory)]).returncode


if __name__ == "__main__":
    sys.exit(main())
