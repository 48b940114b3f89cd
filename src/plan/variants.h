/* From trials to variants: which trials are equal, which differ in their seeds alone, which knobs
 * vary, and what a variant is called. */
#ifndef MLPSWEEP_PLAN_VARIANTS_H
#define MLPSWEEP_PLAN_VARIANTS_H

#include "plan/experiment.h"
#include "plan/plan.h"

/** Variants that were seen before. */
struct variant_set;
/** An empty set. Owns: lives in the arena. */
struct variant_set *variant_set_create(struct arena *arena);

/** False: the resolved trial's variant is in the set already. */
bool variant_set_add(struct variant_set *set, const struct trial *trial);

/** Drops trials that are planned twice, of which the first stays, with a warning where two values
 * of an axis come to the same; numbers the variants; names the axes; makes the labels. Warns where
 * several variants match the baseline.
 *
 * Fails: where no variant is the baseline. */
MUST_CHECK bool variants_finish(const struct experiment *experiment, struct arena *arena,
                                struct plan *plan, struct error *warnings, struct error *err);

/** Numbers the variants from 0 in their order. Needs: trials of a variant are neighbours. */
void variants_number(struct plan *plan);

#endif
