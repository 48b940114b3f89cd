/* Trains some nets in lock-step epoch by epoch, and tells the observers how they come on. */
#ifndef MLPSWEEP_RUN_TRAINING_LOOP_H
#define MLPSWEEP_RUN_TRAINING_LOOP_H

#include "base/team.h"
#include "run/observers.h"

#include <stdatomic.h>

/** When training writes checkpoints, when it stops, and which observers are told. */
struct training_options {
    double checkpoint_seconds; /* between two checkpoints of one net */
    const atomic_int *stop;    /* not 0: write checkpoints and end at the next minibatch */
    struct observers observers;
};

/** Trains work[indices[i]] from where checkpoints[i] stands to the end, or until it is stopped, and
 * tells the observers. This thread leads the team, which shares the work, or is NULL.
 *
 * Needs: trials of one cohort (cohort_same) at one position; cpu_flush_denormals and
 *        matrix_use_one_thread called in this thread.
 * Fails: ERROR_INVALID when the data cannot be split. */
MUST_CHECK bool training_loop_run(const struct work *work, const size_t *indices,
                                  const struct checkpoint *checkpoints, size_t count,
                                  const struct training_options *options, struct team *team,
                                  struct error *err);

#endif
