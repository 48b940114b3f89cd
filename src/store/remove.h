/* Taking results out of a database, and giving an experiment another name. */
#ifndef MLPSWEEP_STORE_REMOVE_H
#define MLPSWEEP_STORE_REMOVE_H

#include "base/error.h"

#include <stdint.h>

/** What removing takes out. */
struct removal {
    int64_t experiments;
    int64_t trials, epochs; /* with all that is known of them */
    int64_t kept;           /* trials of the experiments that others have, too: they stay */
};

/** Counts what removing these experiments and trials (their ids, or beginnings of them that no
 * other id has) would take out. A trial goes with the last experiment that has it.
 *
 * Shapes: names [count].
 * Fails: ERROR_USAGE for a name that is neither, ERROR_FAILED for a trial that is being trained. */
MUST_CHECK bool remove_count(const char *path, const char *const *names, size_t count,
                             struct removal *removal, struct error *err);

/** Takes them out, in one transaction, and makes the file smaller.
 *
 * Fails: as remove_count, and changes nothing then. */
MUST_CHECK bool remove_all(const char *path, const char *const *names, size_t count,
                           struct removal *removal, struct error *err);

/** Gives an experiment another name; its trials and results stay.
 *
 * Fails: ERROR_USAGE where there is no such experiment, or one of that name already. */
MUST_CHECK bool rename_experiment(const char *path, const char *experiment, const char *name,
                                  struct error *err);

#endif
