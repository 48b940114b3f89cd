/* Whether the trials of a plan can be trained on their data: what only the data bring to light,
 * told before anything is trained. */
#ifndef MLPSWEEP_CLI_FEASIBLE_H
#define MLPSWEEP_CLI_FEASIBLE_H

#include "cli/workload.h"

/** Checks every trial that has a data set: the split leaves the rows that are asked for, the net is
 * not too large, its initializer fits. Warns on standard error of classes that one side lacks, of
 * large targets, and of minibatches larger than the rows.
 *
 * Needs: workload->work is filled in; a dataset of NULL is passed over.
 * Fails: ERROR_INVALID with one message for each value that cannot be had, at its place in the
 *        experiment file. */
MUST_CHECK bool feasible_check(const struct workload *workload, struct arena *arena,
                               struct error *err);

/** Warns on standard error of parts of the data set that are the same bytes. */
void feasible_warn_of_repeated_parts(const struct dataset *dataset, struct place place);

#endif
