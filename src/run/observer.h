/* What the outside hears of training, and what it is asked. run/ knows neither the database nor the
 * terminal: both are observers. */
#ifndef MLPSWEEP_RUN_OBSERVER_H
#define MLPSWEEP_RUN_OBSERVER_H

#include "base/arena.h"
#include "trial/metric.h"
#include "trial/outcome.h"
#include "trial/trial.h"

/** One trial to train and the data that it is trained on. */
struct job {
    const struct trial *trial;
    const struct dataset *dataset;
};

/** Where an interrupted trial stood: the epochs that it has finished, and what training_state_save
 * wrote.
 */
struct checkpoint {
    const void *bytes; /* NULL: from the start */
    size_t size;
    const struct epoch_record *epochs;
    size_t epoch_count;
};

/** Calls come from worker threads, several at once; for one job, in order and one at a time. Any
 * function may be NULL. Jobs are named by their index. */
struct observer {
    void *context;
    /** Asked before jobs are trained: granted[i] tells whether job i is ours, checkpoints[i] (empty
     * on entry, to live in the arena) where it goes on. */
    void (*claim)(void *context, const size_t *jobs, size_t count, bool *granted,
                  struct checkpoint *checkpoints, struct arena *arena);
    void (*epoch)(void *context, size_t job, const struct epoch_record *record);
    /** All layers after an epoch, which is 0 before training. */
    void (*layers)(void *context, size_t job, const struct layer_record *records, size_t count);
    /** The bytes are valid during the call. */
    void (*checkpoint)(void *context, size_t job, const void *bytes, size_t size);
    /** The last call for this job. */
    void (*finish)(void *context, size_t job, const struct outcome *outcome,
                   const struct overfitting *overfitting);
};

#endif
