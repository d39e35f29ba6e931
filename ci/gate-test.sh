#!/usr/bin/env bash
# The gate as a whole: wpa_supplicant 2.10 is built from Debian's source, then with one event's text changed, then with one
# retransmission timer changed. `wpasim gate --base` names exactly these; --write-expect and --expect know them from then on.
# usage: ci/gate-test.sh [path to wpasim]
set -euo pipefail
cd "$(dirname "$0")/.."
wpasim=$(realpath "${1:-target/release/wpasim}")
ci/install-tools.sh templates
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cores=$(nproc)

build() { # tree
    make -C "$work/$1/wpa_supplicant" -j"$cores" wpa_supplicant >"$work/$1.log" 2>&1 || {
        tail -n 30 "$work/$1.log" >&2
        exit 1
    }
}
change() { # tree, file, sed script: something has to change
    sed -i.before "$3" "$work/$1/$2"
    if cmp -s "$work/$1/$2" "$work/$1/$2.before"; then
        echo "gate-test: $3 changes nothing in $2" >&2
        exit 1
    fi
    build "$1"
}

began=$SECONDS
ci/hostap-source.sh "$work/base"
build base
cp -a "$work/base" "$work/text"
cp -a "$work/base" "$work/timer"
change text wpa_supplicant/sme.c 's/"Trying to associate with " MACSTR/"Trying to associate to " MACSTR/'
# The user's provision discovery is sent again 300 ms after a request that was not acknowledged: 1200 ms now.
change timer src/p2p/p2p.c '/^void p2p_retry_pd\|^static void p2p_prov_disc_cb/,/^}/ s/p2p_set_timeout(p2p, 0, 300000);/p2p_set_timeout(p2p, 1, 200000);/'
printf 'gate-test: three builds took %d s\n' "$((SECONDS - began))"

cd "$work"
program() { echo "$1/wpa_supplicant/wpa_supplicant"; }
scenarios=('sta/connect_*' 'p2p/prov_disc*' 'ctrl/monitors')
gate() { # expected exit code, then arguments
    local expected=$1 code=0
    shift
    "$wpasim" gate "$@" "${scenarios[@]}" --color never >log 2>&1 || code=$?
    if [ "$code" != "$expected" ]; then
        cat log >&2
        echo "gate-test: wpasim gate $* ended with $code, not $expected" >&2
        exit 1
    fi
}
failed() { # report: the scenarios that failed, and the lines that differ
    python3 - "$1" <<'PY'
import json, sys
for run in json.load(open(sys.argv[1]))["runs"]:
    if run["verdict"] == "fail":
        lines = [line for line in run["diff"] if line[:2] in ("- ", "+ ") or line.startswith(("time:", "order:"))]
        print(run["scenario"], " | ".join(sorted(set(lines))))
PY
}

# The unchanged build passes against the references of its release, and against itself.
gate 0 --supplicant "$(program base)"
grep -q "held to 2.10" log
gate 0 --supplicant "$(program base)" --base "$(program base)"

# One event's text.
gate 1 --supplicant "$(program text)" --base "$(program base)" --json text.json
failed text.json >text.failed
cat text.failed
[ "$(cut -d' ' -f1 text.failed | tr '\n' ' ')" = "sta/connect_open sta/connect_wpa2_psk " ]
if grep -vE "[+] sta ! <3>Trying to associate to .* [|] - sta ! <3>Trying to associate with " text.failed; then
    echo "gate-test: more than the changed text differs" >&2
    exit 1
fi
grep -A3 "differences by cause" log | grep -q "2 scenarios"

# One timer.
gate 1 --supplicant "$(program timer)" --base "$(program base)" --json timer.json
failed timer.json >timer.failed
cat timer.failed
[ "$(wc -l <timer.failed)" = 1 ]
grep -qE "^p2p/prov_disc_lost@.* time: 900 ms later: " timer.failed
! grep -qE "[-+] [ab] " timer.failed

# What is known to fail.
gate 0 --supplicant "$(program text)" --write-expect known.toml
gate 0 --supplicant "$(program text)" --expect known.toml
grep -q "expected to fail" log
gate 1 --supplicant "$(program base)" --expect known.toml
grep -q "it passes, and known.toml" log
printf '\n[[expect]]\nscenario = "sta/gone"\nreason = "it is gone"\n' >>known.toml
gate 2 --supplicant "$(program text)" --expect known.toml
grep -q "a stale expectation" log
printf 'gate-test: %d s in all\n' "$((SECONDS - began))"
