#!/usr/bin/env bash
# Runs every fuzz target in turn for its share of MINUTES, from the corpora and with the dictionaries, and stops at the first
# find. What the fuzzers keep goes into fuzz/found, from where the next run continues; a find goes into fuzz/artifacts.
# usage: ci/fuzz.sh MINUTES [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    echo "usage: ci/fuzz.sh MINUTES [TARGET…]" >&2
    exit 2
}
minutes=${1:-}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || usage
shift
cargo fuzz --version >/dev/null 2>&1 || {
    echo "fuzz: cargo-fuzz is missing: cargo install --locked cargo-fuzz" >&2
    exit 2
}

mapfile -t all < <(cargo fuzz list)
[ "${#all[@]}" -gt 0 ]
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
    case " ${all[*]} " in
    *" $target "*) ;;
    *)
        echo "fuzz: no target $target; there are: ${all[*]}" >&2
        exit 2
        ;;
    esac
done

# How much more of the time a target gets than the others.
weight() {
    case $1 in
    world) echo 8 ;;
    soft_mac) echo 6 ;;
    p2p_device | hostapd_session | handshake | wps_* | control_*) echo 2 ;;
    *) echo 1 ;;
    esac
}

# The words that a target's inputs are made of, of the files in fuzz/dictionaries.
dictionaries() {
    case $1 in
    control_* | recorded_session) echo commands arguments supplicant_variables ;;
    world | hostapd_session) echo commands arguments scenario_keys supplicant_variables hostapd_variables ;;
    wpa_supplicant_conf) echo supplicant_variables ;;
    hostapd_conf) echo hostapd_variables ;;
    scenario_file | transcript_file | serve_topology) echo scenario_keys commands arguments ;;
    wsc_attributes | wps_* | p2p_* | gas | eap_* | extra_cred | ap_settings) echo attributes arguments ;;
    *_frame | *_element | element_list | key_data | handshake | soft_mac | hwsim_message) echo elements attributes ;;
    esac
}

echo "fuzz: building ${#all[@]} targets"
cargo fuzz build -s none
host=$(rustc --print host-tuple)
programs=${CARGO_TARGET_DIR:-fuzz/target}/$host/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sum=0
for target in "${targets[@]}"; do
    sum=$((sum + $(weight "$target")))
done
for target in "${targets[@]}"; do
    seconds=$((minutes * 60 * $(weight "$target") / sum))
    [ "$seconds" -gt 0 ] || seconds=1
    found=fuzz/found/$target
    finds=fuzz/artifacts/$target
    mkdir -p "$found" "$finds"
    : >"$work/words.dict"
    for dictionary in $(dictionaries "$target"); do
        cat "fuzz/dictionaries/$dictionary.dict" >>"$work/words.dict"
    done
    words=()
    [ ! -s "$work/words.dict" ] || words=("-dict=$work/words.dict")
    touch "$work/started"
    if ! "$programs/$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        "${words[@]}" -artifact_prefix="$finds/" "$found" "fuzz/corpus/$target" >"$work/log" 2>&1; then
        grep -v '^#' "$work/log" | tail -n 40 >&2
        find=$(find "$finds" -type f -newer "$work/started" -print -quit)
        echo "fuzz: $target failed" >&2
        if [ -n "$find" ]; then
            echo "fuzz: the input is $find" >&2
            echo "fuzz: replay it with: cargo fuzz run -s none $target $find" >&2
            echo "fuzz: once it is mended it belongs into fuzz/corpus/$target, from where cargo test replays it" >&2
        fi
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$work/log")
    memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$work/log")
    [ "${runs:-0}" -gt 0 ] || {
        tail -n 40 "$work/log" >&2
        echo "fuzz: $target ran nothing" >&2
        exit 1
    }
    printf 'fuzz: %-22s %4d s %10d runs %8d/s %6d MB\n' "$target" "$seconds" "$runs" "$rate" "$memory"
done
echo "fuzz: nothing found in ${#targets[@]} targets"
