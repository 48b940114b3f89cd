/* An experiment multiplied out: its products or draws, and their seeds. */
#ifndef MLPSWEEP_PLAN_SWEEP_H
#define MLPSWEEP_PLAN_SWEEP_H

#include "plan/experiment.h"
#include "plan/plan.h"

/** Fills in axes, trials and counts of the plan.
 *
 * Owns:  the plan points into the experiment, which must stay.
 * Fails: when there are too many trials or none, or settings contradict each other. */
MUST_CHECK bool sweep_expand(const struct experiment *experiment, struct arena *arena,
                             struct plan *plan, struct error *warnings, struct error *err);

#endif
