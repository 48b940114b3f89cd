/* The end of a training: the test set, the confusion matrix, and what the observers are told of it.
 */
#ifndef MLPSWEEP_RUN_FINISH_H
#define MLPSWEEP_RUN_FINISH_H

#include "run/lockstep.h"
#include "run/observers.h"

/** Tests the trainings that have nothing left to train with their last and their best weights,
 * tells the observers, and goes on without them. */
void finish_trainings(struct lockstep *lockstep, const struct observers *observers);

/** Tells the observers that all trainings were interrupted. */
void finish_interrupted(const struct lockstep *lockstep, const struct observers *observers);

#endif
