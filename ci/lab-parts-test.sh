#!/usr/bin/env bash
# Releases in the lab that are made of what the user has: Debian packages in a directory (`lab build --packages`) and a tree
# of hostap's source (`lab build --hostap`). Both are built in a cache of their own, beside the kernel of the usual one.
# usage: ci/lab-parts-test.sh [path to wpasim]
set -euo pipefail
cd "$(dirname "$0")/.."
wpasim=$(realpath "${1:-target/release/wpasim}")
usual=$("$wpasim" lab status | sed -n 's,^ok *kernel *\(.*\)/kernel-.*,\1,p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WPASIM_CACHE=$work/cache
mkdir "$WPASIM_CACHE"
cp -a "$usual"/kernel-* "$usual"/preload-* "$WPASIM_CACHE"

lab() { # expected exit code, what the output has to say, arguments
    local expected=$1 said=$2 code=0
    shift 2
    "$wpasim" lab "$@" >"$work/log" 2>&1 || code=$?
    if [ "$code" != "$expected" ] || ! grep -qE "$said" "$work/log"; then
        cat "$work/log" >&2
        echo "lab-parts-test: wpasim lab $* ended with $code, not $expected, or does not say: $said" >&2
        exit 1
    fi
}
scenarios=(scenarios/sta/connect_wpa2_psk.yaml scenarios/p2p/go_intents.yaml scenarios/ap/two_stations.yaml)
for scenario in "${scenarios[@]}"; do [ -f "$scenario" ]; done

# Packages that the user downloaded, of this machine's Debian.
mkdir "$work/debs"
packages=(
    wpasupplicant hostapd libssl3 libreadline8 libcap2 liblzma5 libzstd1 liblz4-1 libgcrypt20 libgpg-error0 libc6 libgcc-s1
    libnl-3-200 libnl-genl-3-200 libnl-route-3-200 libdbus-1-3 libpcsclite1 libtinfo6 libsystemd0
)
(cd "$work/debs" && apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}")
lab 0 "the lab is built" build --release 2.10 --packages "$work/debs"
lab 0 "wpa_supplicant v2.10 \(lab\), hostapd v2.10 \(lab\), held to 2.10" run -- run "${scenarios[@]}" --target hwsim --out "$work/out"
lab 0 "wpasupplicant +2:2.10" status

# A library is missing among them: the release that is there stays.
mkdir "$work/fewer"
cp "$work"/debs/*.deb "$work/fewer"
rm "$work"/fewer/libnl-route-3-200_*
lab 3 "finds libnl-route-3.so.200 only among this system" build --release 2.10 --packages "$work/fewer"
lab 0 "passed" run -- run "${scenarios[0]}" --target hwsim --out "$work/out"
# No package at all, and packages of another release.
mkdir "$work/none"
lab 3 "no Debian package|has no .*deb" build --release 2.10 --packages "$work/none"
lab 3 "should say that it is 2.9" build --release 2.9 --packages "$work/debs"

# hostap's source.
ci/install-tools.sh templates
ci/hostap-source.sh "$work/hostap"
lab 0 "the lab is built" build --release 2.10 --hostap "$work/hostap"
lab 0 "from source|source " status
lab 0 "wpa_supplicant v2.10 \(lab\), hostapd v2.10 \(lab\), held to 2.10" run -- run "${scenarios[@]}" --target hwsim --out "$work/out"
echo "lab-parts-test: releases of packages and of source are built and pass, in $SECONDS s"
