/* An experiment multiplied out: the cartesian product of its axes and its seeds. */
#ifndef MLPSWEEP_PLAN_SWEEP_H
#define MLPSWEEP_PLAN_SWEEP_H

#include "plan/experiment.h"
#include "plan/plan.h"

/** Fills in axes, trials and counts of the plan.
 *
 * Fails: when the product is too large, or settings contradict each other. */
MUST_CHECK bool sweep_expand(const struct experiment *experiment, struct arena *arena,
                             struct plan *plan, struct error *err);

#endif
