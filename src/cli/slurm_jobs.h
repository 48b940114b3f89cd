/* The jobs of `mlpsweep slurm`: which they are, and how they stand. */
#ifndef MLPSWEEP_CLI_SLURM_JOBS_H
#define MLPSWEEP_CLI_SLURM_JOBS_H

#include "base/arena.h"
#include "base/error.h"
#include "cli/workload.h"

#include <stdio.h>

/** An array of tasks, one a shard, and the job that merges what they leave. */
struct slurm_jobs {
    unsigned long array, merge; /* job ids */
    size_t tasks;
};

/** Notes the jobs of some experiments beside their database; `name` is that of all of them. */
MUST_CHECK bool slurm_jobs_write(const char *database, const char *name,
                                 const struct slurm_jobs *jobs, const struct workload *workloads,
                                 size_t count, struct error *err);

/** Says how the jobs that were last submitted for an experiment, alone or with others, stand, as
 * squeue and sacct know it, and which tasks have failed. False: there are none. */
bool slurm_jobs_print(const char *database, const char *experiment, FILE *out);

#endif
