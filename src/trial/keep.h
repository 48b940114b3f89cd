/* keep_weights: which weights of a trial stay in the database. */
#ifndef MLPSWEEP_TRIAL_KEEP_H
#define MLPSWEEP_TRIAL_KEEP_H

#include "base/registry.h"

struct keep {
    struct entry entry;
    bool best, last;
};

extern const struct registry keeps;

/** The row behind a choice of `keeps`. */
const struct keep *keep_of(const struct choice *choice);

#endif
