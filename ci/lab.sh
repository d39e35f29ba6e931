#!/usr/bin/env bash
# The lab lane: builds the lab, or finds it in the cache, and runs what needs it. Where the lab cannot be built this
# fails and says why; it never skips.
# Usage: ci/lab.sh [WPASIM]
set -euo pipefail
cd "$(dirname "$0")/.."
wpasim=${1:-target/release/wpasim}

if ! "$wpasim" lab build; then
    echo >&2
    echo "THE LAB CANNOT BE BUILT HERE (see above): nothing was run against the real wpa_supplicant and hostapd" >&2
    exit 1
fi
"$wpasim" lab status

echo "== tests of the lab"
WPASIM_LAB_REQUIRED=1 cargo test --locked -p wpasim --test lab

echo "== hwsim against the lab's kernel"
kernel_tests=$(cargo test --locked -p wpasim-hwsim --test kernel --no-run 2>&1 | sed -n 's/.*Executable.*(\(.*\)).*/\1/p')
"$wpasim" lab run -- "$kernel_tests" --test-threads 1
