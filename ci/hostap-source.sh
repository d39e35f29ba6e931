#!/usr/bin/env bash
# Unpacks Debian 12's source of wpa_supplicant and hostapd 2.10, without Debian's patches, into a directory, with Debian's
# options as both programs' .config, as a fork of it would keep them; but without smart cards, whose library nothing else
# needs, and a test program that does not compile with today's warnings.
# usage: ci/hostap-source.sh DIRECTORY
set -euo pipefail
directory=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A list of our own, since few machines have source packages among theirs.
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$directory"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# The mirror that this machine has Debian 12 from.
# shellcheck disable=SC2016 # apt's own variables
mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' | awk '$1 == "bookworm" { print $2; exit }')
[ -n "$mirror" ] || { echo "hostap-source: Debian 12 is not among the sources of apt" >&2; exit 1; }
echo "deb-src [signed-by=$keyring] $mirror bookworm main" >"$work/sources.list"
source_apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State="$work/state" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}
source_apt update
(cd "$work" && source_apt source --download-only wpa)
tar -xJf "$work"/wpa_2.10*.orig.tar.xz -C "$directory" --strip-components 1
tar -xJf "$work"/wpa_2.10*.debian.tar.xz -C "$work"
grep -vE "CONFIG_(PCSC|EAPOL_TEST)" "$work/debian/config/wpasupplicant/linux" >"$directory/wpa_supplicant/.config"
cp "$work/debian/config/hostapd/linux" "$directory/hostapd/.config"
