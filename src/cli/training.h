/* Training a list of trials: what is left of them, round by round until nothing is, with the
 * database and the display as observers, and what a user is told before and after. */
#ifndef MLPSWEEP_CLI_TRAINING_H
#define MLPSWEEP_CLI_TRAINING_H

#include "cli/progress.h"
#include "run/runner.h"
#include "store/store.h"

/** How a list of trials is trained. */
struct training_settings {
    size_t workers;
    bool asks_make; /* workers beyond the first need a token of make's */
    enum fuse fuse;
    enum store_claims claims;
    enum progress_choice progress;
    bool waits;           /* for trials that train in other processes */
    const char *database; /* its path, as it was named */
    atomic_int *stop;     /* 1: a signal asks to end */
};

/** Trains what may be trained of the list, and waits for what other processes train; what one of
 * them leaves behind is trained here. States in the list are brought up to date.
 *
 * Shapes: list [count]. Needs: store_trials with each.
 * Fails: ERROR_FAILED when trials have failed, now or before; ERROR_INVALID when there is not the
 *        memory; ERROR_INTERRUPTED. */
MUST_CHECK bool training_run(const struct training_settings *settings, struct work *list,
                             size_t count, struct store *store, struct error *err);

#endif
