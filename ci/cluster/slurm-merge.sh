#!/usr/bin/env bash
# Joins the reports of an array's shards. Submitted by slurm.sh, after all of them.
#SBATCH --job-name=wpasim-merge
#SBATCH --cpus-per-task=1
set -euo pipefail
reports=$WPASIM_REPORTS/$1
shopt -s nullglob
parts=("$reports"/shards/*.json)
if [ ${#parts[@]} = 0 ]; then
    echo "no shard of job $1 has written a report; see $WPASIM_REPORTS/$1_*.log"
    exit 2
fi
exec "$WPASIM" merge "${parts[@]}" --junit "$reports/wpasim.xml" --json "$reports/wpasim.json" --color never
