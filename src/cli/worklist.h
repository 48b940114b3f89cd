/* The trials of several experiments as one list, each once, as a run trains them. */
#ifndef MLPSWEEP_CLI_WORKLIST_H
#define MLPSWEEP_CLI_WORKLIST_H

#include "cli/workload.h"
#include "store/store.h"

struct worklist {
    struct store_trial *trials; /* [count] */
    const char **labels;        /* [count] */
    size_t count;
    size_t **index; /* [workloads][trials of its plan] where each stands in the list */
};

/** Owns: lives in the arena; points into the workloads. */
struct worklist worklist_join(const struct workload *workloads, size_t count, struct arena *arena);

#endif
