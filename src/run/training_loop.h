/* Trains some nets in lock-step on one stream of minibatches: each minibatch is gathered once, one
 * product serves all first layers, everything after that is net by net.
 *
 * A net's numbers do not depend on the company: nets that are finished leave, the others go on. */
#ifndef MLPSWEEP_RUN_TRAINING_LOOP_H
#define MLPSWEEP_RUN_TRAINING_LOOP_H

#include "nn/stack.h"
#include "run/training_state.h"
#include "trial/observer.h"

#include <stdatomic.h>

struct training_options {
    double checkpoint_seconds; /* between two checkpoints of one net */
    const atomic_int *stop;    /* not 0: write checkpoints and end at the next minibatch */
    const struct observer *observers;
    size_t observer_count;
};

/** Trains jobs[indices[i]] from where checkpoints[i] stands to the end, or until it is stopped, and
 * tells the observers.
 *
 * Needs: jobs of one cohort (cohort_same) at one position; cpu_flush_denormals and
 *        matrix_use_one_thread called in this thread.
 * Fails: ERROR_INVALID when the data cannot be split. */
MUST_CHECK bool training_loop_run(const struct work *jobs, const size_t *indices,
                                  const struct checkpoint *checkpoints, size_t count,
                                  const struct training_options *options, struct error *err);

#endif
