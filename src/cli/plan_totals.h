/* What a plan comes to: all of it, and the trials of each value of each axis. */
#ifndef MLPSWEEP_CLI_PLAN_TOTALS_H
#define MLPSWEEP_CLI_PLAN_TOTALS_H

#include "base/sql_value.h"
#include "cli/workload.h"

/** Rows of axis, value, trials, done, seconds of one core for what is not done, and memory_bytes.
 * The first row is that of the whole plan: axis and value are NULL, and it alone has memory_bytes,
 * NULL where nothing is left to train. The axes follow in the order of the files, their values as
 * they first come in the plan; a trial without an argument that is an axis is not counted there.
 *
 * An axis with more than `most` values has one row, `N values`.
 * Shapes: work, seconds [count]. Owns: lives in the arena. */
struct table plan_totals(const struct workload *workloads, size_t workload_count,
                         const struct work *work, const double *seconds, size_t count,
                         double memory, size_t most, struct arena *arena);

/** Bytes that training what is not done takes at the peak with one worker on each core, the
 * process's own included; NaN where nothing is left. Shapes: work [count]. */
double plan_memory(const struct work *work, size_t count);

#endif
