#!/usr/bin/env bash
# One task of the array: a shard of a session. Submitted by slurm.sh.
#SBATCH --job-name=wpasim
#SBATCH --cpus-per-task=1
set -euo pipefail
reports=$WPASIM_REPORTS/$SLURM_ARRAY_JOB_ID
mkdir -p "$reports/shards"
exec "$WPASIM" "$@" --shard auto --json "$reports/shards/$SLURM_ARRAY_TASK_ID.json" \
    --out "$reports/failed" --color never
