#!/usr/bin/env bash
# The lab lane: builds the lab, or finds it in the cache, and runs what needs it: every scenario against the real
# wpa_supplicant and hostapd, the engine and the reference on one air, and the tests of the lab itself. Where the lab
# cannot be built this fails and says why; it never skips.
# The releases 2.9 and 2.11 are held to references of their own, and each change between releases has a cause.
# usage: ci/lab.sh [path to wpasim]
set -euo pipefail
cd "$(dirname "$0")/.."
wpasim=$(realpath "${1:-target/release/wpasim}")
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
failed=()

step() { # name, then the command; one that fails does not keep the others from being run
    local name=$1 begun=$SECONDS
    shift
    printf '\n== lab: %s\n' "$name"
    "$@" || failed+=("$name")
    printf '== lab: %s took %d s\n' "$name" "$((SECONDS - begun))"
}

printf '== lab: build\n'
if ! "$wpasim" lab build --release 2.9 --release 2.10 --release 2.11; then
    echo >&2
    echo "THE LAB CANNOT BE BUILT HERE (see above): nothing was run against the real wpa_supplicant and hostapd" >&2
    exit 1
fi
printf '== lab: build took %d s\n' "$SECONDS"
"$wpasim" lab status

kept_in() { # the directory; the arguments that keep all that a run leaves behind
    echo --transcripts "$kept/$1" --pcap "$kept/$1" --logs "$kept/$1"
}

suite() {
    # shellcheck disable=SC2046
    "$wpasim" lab run -- run scenarios/ --target hwsim --json "$kept/real.json" --color never $(kept_in first)
}

mixed() { # report, the option that brings the engine in
    "$wpasim" lab run -- run scenarios/ --target hwsim "$2" engine --json "$kept/$1.json" --color never
}

foreign() { # release: its own programs, held to its own references
    "$wpasim" lab run --release "$1" -- run scenarios/ --target hwsim --json "$kept/$1.json" --color never
}

changes() {
    "$wpasim" releases scenarios/ -o docs/releases.md --check
}

# Transcripts, captures and debug logs do not depend on what ran before or beside.
shuffled() {
    local scenarios
    mapfile -t scenarios < <(find scenarios -name '*.yaml' | sort -R)
    # shellcheck disable=SC2046
    "$wpasim" lab run -- run "${scenarios[@]}" --target hwsim --color never $(kept_in shuffled) >"$kept/log" 2>&1 || {
        cat "$kept/log"
        return 1
    }
    diff -rq "$kept/first" "$kept/shuffled" && echo "lab: $(ls "$kept/first" | wc -l) files, equal in another order"
}

# Told, not judged: how fast the machine is says nothing about the code.
median() {
    python3 - "$kept/real.json" <<'PY'
import json, statistics, sys
walls = [run["wall_us"] / 1e6 for run in json.load(open(sys.argv[1]))["runs"] if run["verdict"] in ("pass", "fail")]
print(f"lab: {len(walls)} runs, each with its boot: median {statistics.median(walls):.2f} s, longest {max(walls):.2f} s")
PY
}

runs() {
    WPASIM_LAB_REQUIRED=1 cargo test --locked -p wpasim --test lab --test lab_runs
}

kernel() {
    local tests
    tests=$(cargo test --locked -p wpasim-hwsim --test kernel --no-run 2>&1 | sed -n 's/.*Executable.*(\(.*\)).*/\1/p')
    [ -x "$tests" ] || { echo "lab: the kernel tests are not built" >&2; return 1; }
    "$wpasim" lab run -- "$tests" --test-threads 1
}

step "scenarios against the real wpa_supplicant and hostapd" suite
step "how long a run takes" median
step "the same in another order, to the byte" shuffled
step "release 2.9 against its references" foreign 2.9
step "release 2.11 against its references" foreign 2.11
step "what changed from release to release has causes" changes
step "the engine's stations with the real hostapd" mixed station --supplicant
step "the real wpa_supplicant with the engine's access points" mixed ap --ap
step "the conformance page" ci/conformance.sh --check --reports "$kept" "$wpasim"
step "the lab, repeated, mixed, broken and troubled runs" runs
step "releases of packages and of a source tree" ci/lab-parts-test.sh "$wpasim"
step "the gate: a build against its base, and what is known to fail" ci/gate-test.sh "$wpasim"
step "the medium and data on mixed air, in the lab's kernel" kernel

printf '\n== lab: %d s in all\n' "$SECONDS"
if [ ${#failed[@]} -gt 0 ]; then
    printf 'THE LAB LANE FAILED: %s\n' "${failed[@]}" >&2
    exit 1
fi
