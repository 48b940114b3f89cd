/* What a session row says of this run: machine, command, experiments. */
#ifndef MLPSWEEP_CLI_SESSION_H
#define MLPSWEEP_CLI_SESSION_H

#include "cli/workload.h"
#include "store/store.h"

/** Owns: texts live in the command's arena. */
struct session_info session_describe(const struct invocation *in, const struct workload *workloads,
                                     size_t count, size_t threads);

#endif
