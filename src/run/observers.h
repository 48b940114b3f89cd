/* Tells all observers of a training. */
#ifndef MLPSWEEP_RUN_OBSERVERS_H
#define MLPSWEEP_RUN_OBSERVERS_H

#include "trial/observer.h"

/** All that are told of a training. */
struct observers {
    const struct observer *observer; /* [count] */
    size_t count;
};

/** Each calls the function of this name of every observer that has it. observers_claim grants all
 * trials that no observer refuses. */
void observers_claim(const struct observers *observers, const size_t *trials, size_t count,
                     bool *granted, struct checkpoint *checkpoints, struct arena *arena);
void observers_epoch(const struct observers *observers, size_t trial,
                     const struct epoch_record *record);
void observers_layers(const struct observers *observers, size_t trial,
                      const struct layer_record *records, size_t count);
void observers_checkpoint(const struct observers *observers, size_t trial, const void *bytes,
                          size_t size);
void observers_finish(const struct observers *observers, size_t trial,
                      const struct outcome *outcome, const struct overfitting *overfitting);

#endif
