/* Settings of one trial that contradict each other. */
#ifndef MLPSWEEP_TRIAL_CONTRADICTION_H
#define MLPSWEEP_TRIAL_CONTRADICTION_H

#include "trial/trial.h"

/** Rule number i. False: there are no more rules. *knob is the setting that is wrong and *what says
 * why, both NULL where the trial keeps the rule. */
bool contradiction_at(size_t i, const struct trial *trial, const char **knob, const char **what);

#endif
