#!/usr/bin/env bash
# Divides a session over a Slurm array, waits for it, and merges the shards' reports: the exit code is that of the whole
# session, as if it had run on one machine, and 2 if a shard's report is missing.
# usage: ci/cluster/slurm.sh SHARDS DIR COMMAND...
#   ci/cluster/slurm.sh 16 /shared/wpasim gate --supplicant ./wpa_supplicant/wpa_supplicant --ap ./hostapd/hostapd
#   ci/cluster/slurm.sh 16 /shared/wpasim run scenarios/ --repeat 100
# DIR is on a file system that all nodes see. It gets DIR/JOB/shards/N.json, DIR/JOB/wpasim.xml and DIR/JOB/wpasim.json.
# WPASIM names the program (default: wpasim from PATH); WPASIM_CACHE, where the lab is, should be the same for all nodes.
# What sbatch is to know besides (a partition, a time limit) goes into SBATCH_* variables.
set -euo pipefail
if [ $# -lt 3 ]; then
    sed -n 's/^# //; 2,10p' "$0" >&2
    exit 2
fi
shards=$1 dir=$2
shift 2
here=$(realpath "$(dirname "$0")")
mkdir -p "$dir"
dir=$(realpath "$dir")
export WPASIM=${WPASIM:-wpasim} WPASIM_REPORTS=$dir

array=$(sbatch --parsable --array="1-$shards" --output="$dir/%A_%a.log" --export=ALL "$here/slurm-shard.sh" "$@")
array=${array%%;*} # a cluster's name may follow
echo "array job $array: $shards shards, reports in $dir/$array"

# The merge judges, so it comes after shards that failed, too.
code=0
sbatch --wait --parsable --dependency="afterany:$array" --output="$dir/$array-merge.log" --export=ALL \
    "$here/slurm-merge.sh" "$array" >/dev/null || code=$?
cat "$dir/$array-merge.log"
exit "$code"
