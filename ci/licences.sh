#!/usr/bin/env bash
# Licences of everything that is linked, against the list in deny.toml; then, where cargo-deny is installed
# and the advisory database can be reached, its advisories and sources too.
set -euo pipefail

cargo metadata --format-version 1 --locked >"${TMPDIR:-/tmp}/wpasim-metadata.$$.json"
trap 'rm -f "${TMPDIR:-/tmp}/wpasim-metadata.$$.json"' EXIT
python3 - "${TMPDIR:-/tmp}/wpasim-metadata.$$.json" deny.toml <<'PY'
import json, re, sys, tomllib

allowed = set(tomllib.load(open(sys.argv[2], "rb"))["licenses"]["allow"])
metadata = json.load(open(sys.argv[1]))

def satisfied(expression):
    # SPDX with AND, OR and parentheses; "A/B" is the old spelling of "A OR B".
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    def parse_or():
        value = parse_and()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            right = parse_and()
            value = value or right
        return value
    def parse_and():
        value = atom()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            right = atom()
            value = value and right
        return value
    def atom():
        token = tokens.pop(0)
        if token == "(":
            value = parse_or()
            tokens.pop(0)
            return value
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            token += " WITH " + tokens.pop(0)
        return token in allowed
    return parse_or()

bad = [f'{p["name"]} {p["version"]}: {p["license"]}' for p in metadata["packages"]
       if not p["license"] or not satisfied(p["license"])]
for line in bad:
    print("licences: not allowed:", line, file=sys.stderr)
print(f'licences: {len(metadata["packages"])} packages checked')
sys.exit(1 if bad else 0)
PY

if cargo deny --version >/dev/null 2>&1; then
    cargo deny check advisories bans sources || {
        echo "licences: cargo deny failed; if only its database could not be reached, run it where it can" >&2
        exit 1
    }
else
    echo "licences: cargo-deny is not installed, advisories were not checked here"
fi
