/* Settings of one trial that contradict each other. */
#ifndef MLPSWEEP_TRIAL_CONTRADICTION_H
#define MLPSWEEP_TRIAL_CONTRADICTION_H

#include "trial/trial.h"

/** A setting that is wrong, and why. */
struct contradiction {
    const char *knob;  /* NULL: the trial keeps the rule */
    const char *other; /* the knob that it does not go with, or NULL */
    const char *what;
};

/** Rule number i. False: there are no more rules. */
bool contradiction_at(size_t i, const struct trial *trial, struct contradiction *contradiction);

#endif
