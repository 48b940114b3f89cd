/* The jobs of `mlpsweep slurm`: which they are, and how they stand. */
#ifndef MLPSWEEP_CLI_SLURM_JOBS_H
#define MLPSWEEP_CLI_SLURM_JOBS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdio.h>

/** An array of tasks, one a shard, and the job that merges what they leave. */
struct slurm_jobs {
    unsigned long array, merge; /* job ids */
    size_t tasks;
};

/** Notes the jobs of an experiment beside its database. */
MUST_CHECK bool slurm_jobs_write(const char *database, const char *name,
                                 const struct slurm_jobs *jobs, struct error *err);

/** Says how the jobs that were last submitted for an experiment stand, as squeue knows it, or
 * sacct; and which tasks have failed. Nothing where there are none. */
void slurm_jobs_print(const char *database, const char *name, FILE *out);

#endif
