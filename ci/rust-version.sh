#!/usr/bin/env bash
# `rust-version` in Cargo.toml is a promise that CI keeps: the lowest compiler that builds the workspace here. With the
# declared compiler at hand the workspace is checked with it; without it, the declaration must be this compiler's.
set -euo pipefail
cd "$(dirname "$0")/.."

declared=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
here=$(rustc --version | sed 's/^rustc \([0-9]*\.[0-9]*\).*/\1/')
if [ "$declared" = "$here" ]; then
    echo "rust-version: $declared, the compiler of this run"
elif command -v rustup >/dev/null && rustup run "$declared" rustc --version >/dev/null 2>&1; then
    echo "rust-version: $declared, built here beside $here"
    cargo "+$declared" check --workspace --locked
else
    echo "rust-version: Cargo.toml promises $declared, but only $here builds it here: install $declared or declare $here" >&2
    exit 1
fi
