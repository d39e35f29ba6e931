#!/usr/bin/env bash
# Captures are real: tshark finds no malformed frame in any scenario that neither injects nor mutates frames, nor says of
# a command that it sends "octets of its own",
# sees all four EAPOL messages where a handshake ran and M1 to M8 where WPS enrolled, and decrypts data with --keys; aircrack-ng finds the
# passphrase of a captured handshake in a word list.
# usage: ci/captures.sh [path to wpasim] [scenarios]
set -euo pipefail

wpasim=${1:-target/release/wpasim}
scenarios=${2:-scenarios}
for tool in tshark aircrack-ng; do
    command -v "$tool" >/dev/null || { echo "captures: $tool is missing, see ci/install-tools.sh" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/config" WIRESHARK_RUN_FROM_BUILD_DIRECTORY=
mkdir -p "$XDG_CONFIG_HOME/wireshark"

mapfile -t clean < <(grep -LrE '(inject|mutate|corrupt|octets of its own)' --include='*.yaml' "$scenarios" | sort)
"$wpasim" run "${clean[@]}" --seed 1 --pcap "$work/pcap" --keys "$work/80211_keys" --color never >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
cp "$work/80211_keys" "$XDG_CONFIG_HOME/wireshark/80211_keys"

bad=0
for capture in "$work"/pcap/*.pcapng; do
    name=$(basename "$capture" .pcapng)
    # The group key of WPA (descriptor 254) is encrypted without a bit that says so; where tshark has the keys it
    # reads those octets as elements, in captures of real radios too. Nor does it put fragments of WSC messages
    # together: each is read as if it were a message. And wpa_supplicant keeps an association by a frame of EtherType IPv4
    # with nothing after it, in which tshark misses an IP header.
    malformed=$(tshark -r "$capture" -o wlan.enable_decryption:TRUE \
        -Y '_ws.malformed && !(eapol.keydes.type == 254 && wlan_rsna_eapol.keydes.key_info.key_type == 0)
            && !(eap.wps.flags.more == 1) && !(eap.wps.code == 4 && !(wps.message_type))
            && !(llc.type == 0x0800 && !(ip.version))' 2>/dev/null | wc -l)
    if [ "$malformed" != 0 ]; then
        echo "captures: $name has $malformed malformed frames" >&2
        bad=1
    fi
done

handshake=$work/pcap/sta.connect_wpa2_psk.1.pcapng
for message in 1 2 3 4; do
    count=$(tshark -r "$handshake" -Y "wlan_rsna_eapol.keydes.msgnr == $message" 2>/dev/null | wc -l)
    [ "$count" -ge 1 ] || { echo "captures: message $message of 4 is not dissected" >&2; bad=1; }
done
enrolment=$work/pcap/wps.wps_pbc.1.pcapng
for message in 0x04 0x05 0x07 0x08 0x09 0x0a 0x0b 0x0c 0x0f; do
    count=$(tshark -r "$enrolment" -Y "eap && wps.message_type == $message" 2>/dev/null | wc -l)
    [ "$count" = 1 ] || { echo "captures: WSC message type $message is not dissected" >&2; bad=1; }
done
group=$(tshark -r "$handshake" -o wlan.enable_decryption:TRUE -Y 'wlan.fc.protected == 1 && eapol' 2>/dev/null | wc -l)
[ "$group" -ge 1 ] || { echo "captures: protected frames were not decrypted with --keys" >&2; bad=1; }

printf 'password\nletmein!\nsecret passphrase\nanother one\n' >"$work/words"
tshark -r "$handshake" -F pcap -w "$work/handshake.pcap" 2>/dev/null
aircrack-ng -q -a 2 -e 'jkm private' -w "$work/words" "$work/handshake.pcap" >"$work/aircrack" 2>&1 || true
grep -q 'KEY FOUND! \[ secret passphrase \]' "$work/aircrack" || {
    cat "$work/aircrack"
    echo "captures: aircrack-ng did not find the passphrase" >&2
    bad=1
}
[ "$bad" = 0 ] && echo "captures: $(ls "$work/pcap" | wc -l) captures dissected, decrypted, cracked"
exit "$bad"
