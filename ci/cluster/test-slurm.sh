#!/usr/bin/env bash
# Runs ci/cluster/slurm.sh for real: a Slurm of one node with two processors on this machine, in a temporary directory,
# which ends with the test. Sessions on the simulated air: one that passes, one with a failure, one with a shard that is
# lost. Debian's slurm-wlm and munge are installed where they are missing.
# usage: ci/cluster/test-slurm.sh [path to wpasim]
set -euo pipefail
cd "$(dirname "$0")/../.."
wpasim=$(realpath "${1:-target/release/wpasim}")
ci/install-tools.sh slurm
PATH=$PATH:/usr/sbin

work=$(mktemp -d)
pids=()
end() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT
chmod 755 "$work"
mkdir -m 700 "$work/munge" "$work/state" "$work/spool"

# Who may speak to whom: a key of our own, and a socket that only this test knows.
dd if=/dev/urandom of="$work/munge/key" bs=1 count=1024 status=none
chmod 400 "$work/munge/key"
mkdir -m 755 "$work/socket"
munged --foreground --force --key-file "$work/munge/key" --socket "$work/socket/munge" --pid-file "$work/munge/pid" \
    --log-file "$work/munge/log" --seed-file "$work/munge/seed" >"$work/munged.log" 2>&1 &
pids+=($!)

port() { # a TCP port that is free now
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
node=$(hostname -s)
user=$(id -un)
cat >"$work/slurm.conf" <<CONF
ClusterName=wpasim
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$(port)
SlurmdPort=$(port)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$work/socket/munge
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
ReturnToService=2
MpiDefault=none
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=$node Default=YES MaxTime=10 State=UP
CONF
echo CgroupAutomount=no >"$work/cgroup.conf"
export SLURM_CONF=$work/slurm.conf

until_true() { # what for, then a command: tried for half a minute
    local what=$1
    shift
    for _ in $(seq 150); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    echo "test-slurm: $what: not within 30 s" >&2
    tail -n 20 "$work"/*.log "$work/munge/log" >&2
    return 1
}
until_true "munge answers" test -S "$work/socket/munge"
slurmctld -D -c >"$work/slurmctld.out" 2>&1 &
pids+=($!)
until_true "slurmctld answers" scontrol ping
slurmd -D -c >"$work/slurmd.out" 2>&1 &
pids+=($!)
is_idle() { sinfo --noheader --format=%t | grep -q '^idle'; }
until_true "the node is there" is_idle

session() { # name, the code that is expected, what its output has to contain, then what is run in how many shards
    local name=$1 expected=$2 part=$3 shards=$4 code=0
    shift 4
    WPASIM=${program:-$wpasim} timeout 300 ci/cluster/slurm.sh "$shards" "$work/$name" "$@" >"$work/$name.log" 2>&1 || code=$?
    if [ "$code" != "$expected" ] || ! grep -qF -- "$part" "$work/$name.log"; then
        echo "test-slurm: $name: exit code $code, not $expected, or no \"$part\" in:" >&2
        cat "$work/$name.log" "$work/$name"/*.log >&2
        exit 1
    fi
    echo "test-slurm: $name: $(grep -F -- "$part" "$work/$name.log")"
}

# A failure, and enough besides.
mkdir -p "$work/scenarios/a"
for n in 1 2 3 4; do
    printf 'devices: {sta: {}}\nsteps:\n  - {sta: PING, reply: PONG}\n' >"$work/scenarios/a/good$n.yaml"
done
printf 'devices: {sta: {}}\nsteps:\n  - sta: PING\n' >"$work/scenarios/a/bad.yaml"

# A program that loses one shard, as a node that goes away does.
cat >"$work/losing" <<LOSING
#!/bin/sh
[ "\$1" = merge ] || [ "\$SLURM_ARRAY_TASK_ID" != 2 ] || exit 137
exec "$wpasim" "\$@"
LOSING
chmod +x "$work/losing"

all=$("$wpasim" list scenarios/sta | wc -l)
session passes 0 "$all passed, 0 failed: wpasim engine" 3 run scenarios/sta
test -s "$work"/passes/*/wpasim.xml
session fails 1 "rerun      wpasim run $work/scenarios/a/bad.yaml" 2 run "$work/scenarios"
session more-shards-than-runs 0 "1 passed, 0 failed" 2 run "$work/scenarios/a/good1.yaml"
program=$work/losing session lost 2 "shard 2 of 3 is missing" 3 run scenarios/sta
