#!/usr/bin/env bash
# Same seed, same bytes: the suite is run in fresh processes, one job and eight, and shuffled; transcripts,
# captures and trace hashes must be equal. Prints the first line that differs.
# usage: ci/determinism.sh [path to wpasim] [scenarios]
set -euo pipefail

wpasim=${1:-target/release/wpasim}
scenarios=${2:-scenarios/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { # name, then arguments
    local name=$1
    shift
    mkdir -p "$work/$name"
    "$wpasim" run "$@" --seed 1 --transcripts "$work/$name/transcripts" --pcap "$work/$name/pcap" \
        --json "$work/$name/report.json" --out "$work/$name/out" --color never >"$work/$name/log" 2>&1 || {
        cat "$work/$name/log"
        echo "determinism: run '$name' failed" >&2
        exit 1
    }
}

hashes() { # the trace hashes of a report, by name
    python3 - "$1" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for run in sorted(report["runs"], key=lambda r: (r["scenario"], r["seed"])):
    print(run["scenario"], run["seed"], run["trace_hash"])
PY
}

run first --jobs 1 "$scenarios"
run again --jobs 1 "$scenarios"
run eight --jobs 8 "$scenarios"
mapfile -t shuffled < <(find "$scenarios" -name '*.yaml' | sort -R --random-source=<(yes))
run shuffled --jobs 4 "${shuffled[@]}"

hashes "$work/first/report.json" >"$work/first/hashes"
status=0
for other in again eight shuffled; do
    hashes "$work/$other/report.json" >"$work/$other/hashes"
    if ! diff -r "$work/first/transcripts" "$work/$other/transcripts" >"$work/diff"; then
        echo "determinism: transcripts of 'first' and '$other' differ:" >&2
        head -n 5 "$work/diff" >&2
        status=1
    fi
    if ! diff -rq "$work/first/pcap" "$work/$other/pcap" >"$work/diff"; then
        echo "determinism: captures of 'first' and '$other' differ:" >&2
        head -n 5 "$work/diff" >&2
        status=1
    fi
    if ! diff "$work/first/hashes" "$work/$other/hashes" >"$work/diff"; then
        echo "determinism: trace hashes of 'first' and '$other' differ:" >&2
        head -n 5 "$work/diff" >&2
        status=1
    fi
done
runs=$(wc -l <"$work/first/hashes")
[ "$runs" -gt 0 ] || { echo "determinism: nothing was run" >&2; exit 1; }
[ "$status" = 0 ] && echo "determinism: $runs runs, four times, equal"
exit "$status"
