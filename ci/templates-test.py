#!/usr/bin/env python3
"""Runs the shell lines of the CI templates, the action, the Dockerfile and the Kubernetes manifests as those who read them
would, without containers: in a checkout of hostap's source, as Debian has it.

usage: ci/templates-test.py WPASIM HOSTAP [github|gitlab|action|docker|kubernetes ...]

WPASIM is this checkout's program, HOSTAP a source tree with wpa_supplicant/ and hostapd/, in which is built. Packages are
not installed: `apt-get install` is simulated, so what it names has to exist. `cargo install` builds this commit. The lab is
taken from the cache, as the templates' caches would give it. What a template reads at /opt is read in a scratch directory.
"""

import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SCENARIOS = "builtin:sta/c* builtin:sta/w*"


class Failed(Exception):
    pass


class Place:
    """A scratch directory with what the lines find outside of the checkout."""

    def __init__(self, work, hostap):
        self.work = pathlib.Path(work)
        self.checkout = self.work / "src"
        subprocess.run(["cp", "-a", hostap, self.checkout], check=True)
        self.opt = self.work / "opt"
        self.opt.mkdir()
        lab = os.environ.get("WPASIM_CACHE") or os.path.join(
            os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "wpasim"
        )
        (self.opt / "wpasim-lab").symlink_to(lab)
        shims = self.work / "shims"
        shims.mkdir()
        self.put(shims / "apt-get", APT_GET)
        self.lab = lab
        self.env = {
            "PATH": f"{shims}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/root"),
            "LANG": "C.UTF-8",
            # Dependencies that are compiled already are not compiled again.
            "CARGO_TARGET_DIR": str(REPOSITORY / "target"),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup")),
        }
        self.lines = 0

    def put(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def here(self, text):
        """Places that only exist in a container, moved into the scratch directory."""
        return text.replace("/opt/wpasim", f"{self.opt}/wpasim")

    def sh(self, what, script, env, cwd=None, shell=("bash", "-eo", "pipefail", "-c")):
        self.lines += 1
        print(f"-- {what}", flush=True)
        done = subprocess.run(
            [*shell, self.here(script)],
            cwd=cwd or self.checkout,
            env={**self.env, **{name: self.here(value) for name, value in env.items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Failed(f"{what}: exit code {done.returncode}\n{script}\n{done.stdout[-4000:]}")
        return done.stdout


APT_GET = """#!/bin/sh
# Simulates, so that what is named has to exist.
case " $* " in
    *" update "*) exit 0 ;;
    *) exec /usr/bin/apt-get --simulate --quiet "$@" ;;
esac
"""


class GitHub:
    """What a runner does with a job's steps: expressions, files of the environment, caches and artifacts."""

    def __init__(self, place, env, known):
        self.place, self.env, self.known = place, env, known
        self.outputs, self.hits = {}, set()
        self.artifacts = place.work / "artifacts"

    def expand(self, text):
        def value(match):
            name = match.group(1)
            step = re.fullmatch(r"steps\.(\w+)\.outputs\.([\w-]+)", name)
            if step:
                return self.outputs.get(step.group(1), {}).get(step.group(2), "")
            if name not in self.known:
                raise Failed(f"unknown expression {name}")
            return self.known[name]

        return re.sub(r"\$\{\{\s*([^}]*?)\s*\}\}", value, str(text))

    def applies(self, condition):
        if condition in (None, "always()"):
            return True
        match = re.fullmatch(r"steps\.(\w+)\.outputs\.cache-hit != 'true'", condition)
        if not match:
            raise Failed(f"unknown condition {condition}")
        return self.outputs.get(match.group(1), {}).get("cache-hit") != "true"

    def steps(self, steps, name, cwd=None):
        for step in steps:
            if not self.applies(step.get("if")):
                continue
            env = {**self.env, **{k: self.expand(v) for k, v in step.get("env", {}).items()}}
            with_ = {k: self.expand(v) for k, v in step.get("with", {}).items()}
            if "run" in step:
                told = {key: self.place.work / key for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
                told["GITHUB_OUTPUT"].write_text("")
                env = {**env, **{key: str(path) for key, path in told.items()}, "GITHUB_ACTIONS": "true"}
                self.place.sh(f"{name}: {step.get('name', step['run'])}", self.expand(step["run"]), env, cwd)
                lines = told["GITHUB_OUTPUT"].read_text().splitlines()
                self.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in lines)
            else:
                self.action(step, with_, cwd or self.place.checkout)

    def action(self, step, with_, cwd):
        action = step["uses"].split("@")[0]
        if action in ("actions/checkout", "dtolnay/rust-toolchain"):
            return
        if action in ("actions/cache", "actions/cache/restore"):
            if with_["key"].endswith("-"):
                raise Failed(f"a cache without a key: {with_['key']}")
            hit = with_["key"] in self.hits
            if not hit and with_.get("fail-on-cache-miss") == "true":
                raise Failed(f"{with_['key']} is not in the cache")
            self.hits.add(with_["key"])
            self.outputs[step.get("id", "")] = {"cache-hit": "true" if hit else ""}
        elif action == "actions/upload-artifact":
            kept = self.artifacts / with_["name"]
            kept.mkdir(parents=True)
            paths = [cwd / line for line in with_["path"].split()]
            for path in paths:
                if path.is_dir():
                    shutil.copytree(path, kept, dirs_exist_ok=True)
                else:
                    shutil.copy(path, kept)
        elif action == "actions/download-artifact":
            for kept in glob.glob(str(self.artifacts / with_["pattern"])):
                shutil.copytree(kept, cwd / with_["path"] / os.path.basename(kept))
        else:
            raise Failed(f"unknown action {action}")


def head():
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout.strip()


def settings(variables):
    return {**variables, "WPASIM_REPOSITORY": f"file://{REPOSITORY}", "WPASIM_VERSION": "HEAD", "WPASIM_GATE": SCENARIOS}


def expect(place, text, parts):
    for part in parts:
        if part not in text:
            raise Failed(f"no {part!r} in\n{text[-4000:]}")


def github(place):
    workflow = yaml.safe_load((REPOSITORY / "ci/templates/github-actions.yml").read_text())
    runner = GitHub(place, settings(workflow["env"]), {"runner.arch": "X64"})
    gate, result = workflow["jobs"]["gate"], workflow["jobs"]["result"]
    shards = gate["strategy"]["matrix"]["shard"]
    runner.known["strategy.job-total"] = str(len(shards))
    for shard in shards:
        runner.known["matrix.shard"] = str(shard)
        shutil.rmtree(place.checkout / "wpasim-out", ignore_errors=True)
        runner.steps(gate["steps"], f"github gate {shard}")
    for name, value in gate["outputs"].items():
        runner.known[f"needs.gate.outputs.{name}"] = runner.expand(value)
    elsewhere = place.work / "result"
    elsewhere.mkdir()
    runner.steps(result["steps"], "github result", elsewhere)
    summary = (place.work / "GITHUB_STEP_SUMMARY").read_text()
    expect(place, summary, ["### ✅ wpasim: ", " passed, 0 failed", r"wpa\_supplicant v2.10"])
    if not (runner.artifacts / "wpasim/wpasim.xml").is_file():
        raise Failed("no merged JUnit report")


def gitlab(place):
    jobs = yaml.safe_load((REPOSITORY / "ci/templates/gitlab-ci.yml").read_text())
    base = jobs[".wpasim"]
    env = settings(jobs["variables"])
    env["CI_PROJECT_DIR"] = str(place.checkout)
    for name, value in base["variables"].items():
        env[name] = value.replace("$CI_PROJECT_DIR", env["CI_PROJECT_DIR"])
    # Its cache has a lab; a registry of crates is there already.
    (place.checkout / ".wpasim").mkdir(exist_ok=True)
    (place.checkout / ".wpasim/lab").symlink_to(place.lab)
    env["CARGO_HOME"] = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    shutil.rmtree(place.checkout / "wpasim-out", ignore_errors=True)

    def job(name, env):
        if jobs[name]["extends"] != ".wpasim":
            raise Failed(f"{name} does not extend .wpasim")
        # All lines are one script, as a runner has it.
        script = "\n".join(base["before_script"] + jobs[name]["script"])
        return place.sh(f"gitlab {name} {env.get('CI_NODE_INDEX', '')}", script, env, shell=("bash", "-eo", "pipefail", "-c"))

    total = jobs["wpasim"]["parallel"]
    for index in range(1, total + 1):
        job("wpasim", {**env, "CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": str(total)})
        for pattern in jobs["wpasim"]["artifacts"]["paths"] + [jobs["wpasim"]["artifacts"]["reports"]["junit"]]:
            if not glob.glob(str(place.checkout / pattern)):
                raise Failed(f"no artifact {pattern}")
    expect(place, job("wpasim-result", {**env, "CI_NODE_TOTAL": "1"}), [" passed, 0 failed: wpa_supplicant v2.10"])


def action(place):
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    known = {f"inputs.{name}": given["default"] for name, given in action["inputs"].items()}
    known |= {"inputs.arguments": SCENARIOS, "runner.arch": "X64", "github.job": "gate", "strategy.job-index": "0"}
    shutil.rmtree(place.checkout / "wpasim-out", ignore_errors=True)
    runner = GitHub(place, {"GITHUB_ACTION_PATH": str(REPOSITORY)}, known)
    runner.steps(action["runs"]["steps"], "action")
    summary = (place.work / "GITHUB_STEP_SUMMARY").read_text()
    expect(place, summary, ["### ✅ wpasim: ", r"wpa\_supplicant v2.10"])
    if not (runner.artifacts / "wpasim-gate-0/wpasim.json").is_file():
        raise Failed("no artifact")


def docker(place):
    lines = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    shims = place.work / "image"
    place.put(shims / "wpasim", f'#!/bin/sh\nexec "{place.program}" "$@"\n')
    env = {"PATH": f"{shims}:{place.env['PATH']}", "WPASIM_CACHE": "/opt/wpasim-lab"}
    for line in lines:
        if line.startswith("RUN "):
            # The lists of this machine are not the image's.
            script = line[4:].replace("rm -rf /var/lib/apt/lists/*", "true")
            cwd = REPOSITORY if "cargo" in script else None
            place.sh(f"docker: {' '.join(script.split())[:60]}", script, env, cwd)
    entry = next(line for line in lines if line.startswith("ENTRYPOINT "))
    if entry != 'ENTRYPOINT ["wpasim"]':
        raise Failed(entry)


def kubernetes(place):
    shims = place.work / "image"
    place.put(shims / "wpasim", f'#!/bin/sh\nexec "{place.program}" "$@"\n')

    def container(name):
        documents = yaml.safe_load_all((REPOSITORY / "ci/cluster" / name).read_text())
        job = next(document for document in documents if document["kind"] == "Job")
        return job["spec"], job["spec"]["template"]["spec"]["containers"][0]

    def pod(spec, env, what):
        variables = {one["name"]: one["value"] for one in spec["env"]}
        variables |= {"PATH": f"{shims}:{place.env['PATH']}", "REPORTS": str(place.work / "reports")}
        variables |= {"SUPPLICANT": "wpa_supplicant/wpa_supplicant", "AP": "hostapd/hostapd"}
        variables["WPASIM_CACHE"] = "/opt/wpasim-lab"
        command = [word.replace(" --shard", f" {SCENARIOS} --shard") for word in spec["command"]]
        return place.sh(what, command[-1], {**variables, **env}, shell=command[:-1])

    (place.work / "reports").mkdir()
    job, shard = container("kubernetes.yaml")
    total = next(one["value"] for one in shard["env"] if one["name"] == "WPASIM_SHARDS")
    if not (int(total) == job["completions"] and job["completionMode"] == "Indexed"):
        raise Failed("completions and WPASIM_SHARDS differ")
    _, merge = container("kubernetes-merge.yaml")
    for index in range(int(total)):
        pod(shard, {"JOB_COMPLETION_INDEX": str(index)}, f"kubernetes {index}")
    expect(place, pod(merge, {}, "kubernetes merge"), [" passed, 0 failed: wpa_supplicant v2.10"])
    (place.work / "reports/3.json").unlink()
    try:
        pod(merge, {}, "kubernetes merge without a shard")
    except Failed as failed:
        expect(place, str(failed), ["exit code 2", f"shard 4 of {total} is missing"])
    else:
        raise Failed("a merge without a shard is green")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, hostap, *names = sys.argv[1:]
    all_of_them = {"github": github, "gitlab": gitlab, "action": action, "docker": docker, "kubernetes": kubernetes}
    with tempfile.TemporaryDirectory() as work:
        place = Place(work, hostap)
        place.program = os.path.realpath(program)
        for name in names or all_of_them:
            before = place.lines
            try:
                all_of_them[name](place)
            except Failed as failed:
                sys.exit(f"templates-test: {name}: {failed}")
            print(f"templates-test: {name}: {place.lines - before} scripts ran", flush=True)


main()
