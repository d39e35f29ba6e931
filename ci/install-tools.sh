#!/usr/bin/env bash
# Installs what the checks need beyond a Rust toolchain, on Debian or Ubuntu: tshark and aircrack-ng look at
# captures, xmllint at JUnit reports, cargo-nextest lists and shards tests. With `slurm` it installs a Slurm instead, for
# ci/cluster/test-slurm.sh. What is there already is left alone.
# usage: ci/install-tools.sh [slurm]
set -euo pipefail

missing=()
needs() { # program, package
    PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || missing+=("$2")
}
case ${1:-} in
    slurm)
        needs slurmctld slurm-wlm
        needs munged munge
        ;;
    *)
        needs tshark tshark
        needs aircrack-ng aircrack-ng
        needs xmllint libxml2-utils
        ;;
esac
if [ ${#missing[@]} -gt 0 ]; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
if [ "${1:-}" != slurm ] && ! cargo nextest --version >/dev/null 2>&1; then
    echo "cargo-nextest is not installed; plain 'cargo test' runs the same tests" >&2
fi
