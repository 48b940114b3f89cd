/* keep_weights: which weights of a trial stay in the database. */
#ifndef MLPSWEEP_TRIAL_KEPT_WEIGHTS_H
#define MLPSWEEP_TRIAL_KEPT_WEIGHTS_H

#include "base/registry.h"

/** A row of `kept_weights_choices`. */
struct kept_weights {
    struct entry entry;
    bool best, last;
};

/** The values of keep_weights by name. */
extern const struct registry kept_weights_choices;

/** The row behind a choice of `kept_weights_choices`. */
const struct kept_weights *kept_weights_of(const struct choice *choice);

#endif
