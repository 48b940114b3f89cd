/* Experiment files with their data: what commands work on that take a FILE. Joins plan/, data/ and
 * trial/: each trial gets its data set and its id. */
#ifndef MLPSWEEP_CLI_WORKLOAD_H
#define MLPSWEEP_CLI_WORKLOAD_H

#include "cli/cli.h"
#include "plan/plan.h"
#include "trial/work.h"

/** The trials of one experiment file, in the order of its plan. */
struct workload {
    struct plan plan;
    struct work *work; /* [plan.count] */
};

/** Reads the files named on the command line with the values of --set, and all data sets that they
 * need, each once. stop is that of dataset_load; NULL where signals end the program at once.
 *
 * Owns:  everything lives in the command's arena.
 * Fails: ERROR_INVALID with all errors of all files; data that cannot be split as asked is one.
 *        ERROR_INTERRUPTED. */
MUST_CHECK bool workload_load(const struct invocation *in, const atomic_int *stop,
                              struct workload **workloads, size_t *count, struct error *err);

/** One file and its data, read to know its trials by their ids, those that --where leaves (perhaps
 * none): whether they can be trained is not asked, and nothing is warned of. Otherwise as
 * workload_load. */
MUST_CHECK bool workload_identify(const struct invocation *in, const char *path,
                                  struct workload *workload, struct error *err);

#endif
