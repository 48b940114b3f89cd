/* The trials of several experiments as one list, each once, as a run trains them. */
#ifndef MLPSWEEP_CLI_WORKLIST_H
#define MLPSWEEP_CLI_WORKLIST_H

#include "cli/workload.h"

/** All trials of the workloads in their order; one that several plans have stands where it comes
 * first. Returns their number.
 *
 * Owns: the list lives in the arena and points into the workloads. */
size_t worklist_join(const struct workload *workloads, size_t count, struct arena *arena,
                     struct work **list);

#endif
