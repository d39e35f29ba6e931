#!/usr/bin/env bash
# Installs what the checks need beyond a Rust toolchain, on Debian or Ubuntu: tshark and aircrack-ng look at
# captures, cargo-nextest lists and shards tests. What is there already is left alone.
set -euo pipefail

missing=()
command -v tshark >/dev/null || missing+=(tshark)
command -v aircrack-ng >/dev/null || missing+=(aircrack-ng)
if [ ${#missing[@]} -gt 0 ]; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "${missing[@]}"
fi
if ! cargo nextest --version >/dev/null 2>&1; then
    echo "cargo-nextest is not installed; plain 'cargo test' runs the same tests" >&2
fi
