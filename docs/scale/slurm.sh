#!/bin/sh
# A search by 8 tasks of a Slurm job array: `sbatch slurm.sh SCENARIO FOLDER [OPTION...]`. The folder is on a file system that all
# nodes have. All 8 have to run at the same time. One that was lost is run again by `sbatch --array=5 slurm.sh ...`, with the same words;
# what all have found is said by `lockproof merge FOLDER`.
#SBATCH --array=1-8
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
scenario=$1
folder=$2
shift 2
exec lockproof check "$scenario" --shard "$SLURM_ARRAY_TASK_ID/${SHARDS:-8}" --shared "$folder" \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" "$@"
