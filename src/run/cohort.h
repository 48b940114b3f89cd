/* Cohorts: which trials see the same minibatches, and how they are cut into chunks that one worker
 * trains in lock-step. */
#ifndef MLPSWEEP_RUN_COHORT_H
#define MLPSWEEP_RUN_COHORT_H

#include "trial/observer.h"

/** Whether two trials see the same minibatches: same data, split, scale, batch size and order. */
bool cohort_same(const struct work *a, const struct work *b);

/** The cohort of each trial: equal numbers, from 0, for trials that see the same minibatches.
 *
 * Shapes: cohorts [count]. Returns the number of cohorts. */
size_t cohort_number(const struct work *work, size_t count, size_t *cohorts);

/** A rough guess at the seconds that one core takes to train this trial alone. */
double cohort_estimate(const struct work *work);

/** Trials of one cohort that one worker trains in lock-step. */
struct chunk {
    size_t *trials; /* indices */
    size_t count;
    double seconds; /* estimated */
    size_t
        members; /* threads that its minibatches keep busy, at most as many as there are workers */
};

/** Cuts trials into chunks of one cohort each, small enough for the cache and so that `workers`
 * finish at about the same time; the longest chunk comes first. Where `together` is false, each
 * trial is a chunk.
 *
 * Owns: chunks live in the arena. Returns their number. */
size_t cohort_cut(const struct work *work, size_t count, size_t workers, bool together,
                  struct arena *arena, struct chunk **chunks);

/** Who has the least to do and gets the next chunk; the first of equal ones. Shapes: [count]. */
size_t cohort_least_busy(const double *seconds, size_t count);

#endif
