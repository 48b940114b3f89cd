/* Losses: from the output layer's values before the softmax to numbers and gradients. */
#ifndef MLPSWEEP_NN_LOSS_H
#define MLPSWEEP_NN_LOSS_H

#include "base/registry.h"

#include <stdbool.h>
#include <stdint.h>

/** What the outputs of one minibatch should have been: labels for classes, targets for values. */
struct loss_target {
    size_t outputs, batch;
    const uint16_t *labels; /* [batch], or NULL */
    const float *targets;   /* [batch], or NULL */
    float smoothing;        /* of labels, 0..1: this share is spread over all classes */
    float *scratch;         /* [(LOSS_SCRATCH + outputs) x batch] */
};

/** Floats of scratch that a loss needs for each sample beside one for each output. */
enum { LOSS_SCRATCH = 3 };

/** Sums over samples; divide by their number for the mean. */
struct loss_sums {
    double loss;
    double correct;        /* classes: how many are right */
    double absolute_error; /* values */
};

/** A row of `losses`. */
struct loss {
    struct entry entry;
    bool for_classes, for_values;
    const char *unit; /* of its numbers, as figures name it; NULL: none */
    int target_power; /* of the target's unit in it: targets twice as large make it 2^this as large
                       */
    /** Adds the batch to the sums and, unless delta is NULL, writes the gradient of the batch's
     * mean loss with respect to z.
     *
     * Shapes: z, delta [outputs x batch], predicted [batch] (the largest output; 0 for values).
     * Source: classes go through a softmax; cross entropy from logits by log-sum-exp. */
    void (*measure)(const double *arguments, const struct loss_target *target, const float *z,
                    float *delta, int32_t *predicted, struct loss_sums *sums);
};

/** All losses by name. */
extern const struct registry losses;

/** The row behind a choice of `losses`. */
const struct loss *loss_of(const struct choice *choice);

/** The choice's row measures the batch with the choice's arguments. */
void loss_measure(const struct choice *choice, const struct loss_target *target, const float *z,
                  float *delta, int32_t *predicted, struct loss_sums *sums);

#endif
