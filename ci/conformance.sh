#!/usr/bin/env bash
# The conformance page: every scenario against every implementation, in the lab. Writes docs/conformance.md, or with
# --check fails if that page is not what the implementations do now. Reports that are in DIR already are taken as they
# are: sim.json, real.json, 2.9.json, 2.11.json, station.json and ap.json.
# usage: ci/conformance.sh [--check] [--reports DIR] [path to wpasim]
set -euo pipefail
cd "$(dirname "$0")/.."
check=()
reports=
while [ $# -gt 0 ]; do
    case $1 in
        --check) check=(--check) ;;
        --reports) reports=$2 && shift ;;
        *) break ;;
    esac
    shift
done
wpasim=$(realpath "${1:-target/release/wpasim}")
if [ -z "$reports" ]; then
    reports=$(mktemp -d)
    trap 'rm -rf "$reports"' EXIT
fi

column() { # report, then the command; what fails is on the page
    local report=$1 code=0
    shift
    [ -e "$reports/$report.json" ] && return
    "$@" --json "$reports/$report.json" --color never || code=$?
    # 1: some scenario failed.
    [ "$code" -le 1 ]
}

column sim "$wpasim" run scenarios/
column real "$wpasim" lab run -- run scenarios/ --target hwsim
for release in 2.9 2.11; do
    column "$release" "$wpasim" lab run --release "$release" -- run scenarios/ --target hwsim
done
column station "$wpasim" lab run -- run scenarios/ --target hwsim --supplicant engine
column ap "$wpasim" lab run -- run scenarios/ --target hwsim --ap engine
"$wpasim" conformance "engine, simulated=$reports/sim.json" "wpa_supplicant and hostapd 2.9=$reports/2.9.json" \
    "wpa_supplicant and hostapd 2.10=$reports/real.json" "wpa_supplicant and hostapd 2.11=$reports/2.11.json" \
    "engine's stations, real hostapd=$reports/station.json" "real stations, engine's access points=$reports/ap.json" \
    -o docs/conformance.md "${check[@]}"
