/* How much memory training takes. */
#ifndef MLPSWEEP_RUN_MEMORY_H
#define MLPSWEEP_RUN_MEMORY_H

#include "run/runner.h"

/** Bytes at the peak of runner_run, beyond what the process holds before (data sets, plan). An
 * upper limit that comes near where trainings last long enough for checkpoints. */
double memory_of_training(const struct work *work, size_t count,
                          const struct runner_options *options);

#endif
