/* What training tells others and asks them. run/ knows neither the database nor the terminal: both
 * are observers. */
#ifndef MLPSWEEP_TRIAL_OBSERVER_H
#define MLPSWEEP_TRIAL_OBSERVER_H

#include "base/arena.h"
#include "trial/metric.h"
#include "trial/outcome.h"
#include "trial/work.h"

/** Calls come from worker threads, several at once; for one trial, in order and one at a time. Any
 * function may be NULL. Trials are named by their index in the list of work. */
struct observer {
    void *context;
    /** Asked before trials are trained: granted[i] tells whether trials[i] may be trained here,
     * checkpoints[i] (empty on entry, to live in the arena) where it goes on.
     *
     * Shapes: trials, granted, checkpoints [count]. */
    void (*claim)(void *context, const size_t *trials, size_t count, bool *granted,
                  struct checkpoint *checkpoints, struct arena *arena);
    /** An epoch has ended. */
    void (*epoch)(void *context, size_t trial, const struct epoch_record *record);
    /** All layers after an epoch, which is 0 before training. Shapes: records [count]. */
    void (*layers)(void *context, size_t trial, const struct layer_record *records, size_t count);
    /** The state of training at a minibatch boundary. The bytes are valid during the call. */
    void (*checkpoint)(void *context, size_t trial, const void *bytes, size_t size);
    /** The last call for this trial. */
    void (*finish)(void *context, size_t trial, const struct outcome *outcome,
                   const struct overfitting *overfitting);
};

#endif
