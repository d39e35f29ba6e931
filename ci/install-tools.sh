#!/usr/bin/env bash
# Installs what the checks need beyond a Rust toolchain, on Debian or Ubuntu: tshark and aircrack-ng look at
# captures, xmllint at JUnit reports, cargo-nextest lists and shards tests. With `slurm` it installs a Slurm instead, for
# ci/cluster/test-slurm.sh; with `templates`, what ci/templates-check.sh lints with and what hostap is built with. What is
# there already is left alone.
# usage: ci/install-tools.sh [slurm|templates]
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
    templates)
        needs npm npm
        needs node nodejs
        needs pkg-config pkg-config
        python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
        for library in libnl-3.0 libnl-genl-3.0 libnl-route-3.0 openssl dbus-1; do
            pkg-config --exists "$library" 2>/dev/null && continue
            missing+=(libnl-3-dev libnl-genl-3-dev libnl-route-3-dev libssl-dev libdbus-1-dev libreadline-dev)
            break
        done
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
if [ -z "${1:-}" ] && ! cargo nextest --version >/dev/null 2>&1; then
    echo "cargo-nextest is not installed; plain 'cargo test' runs the same tests" >&2
fi
