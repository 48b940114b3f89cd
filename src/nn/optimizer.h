/* Optimizers: one pass over (parameters, gradient, state). They see arrays and no layers. */
#ifndef MLPSWEEP_NN_OPTIMIZER_H
#define MLPSWEEP_NN_OPTIMIZER_H

#include "base/registry.h"

#include <stdint.h>

struct optimizer_step {
    const double *arguments;
    double learning_rate;
    uint64_t t; /* from 1 */
};

struct optimizer {
    struct entry entry;
    double learning_rate; /* what `auto` stands for */
    /** How many floats of state each parameter has. */
    size_t states;
    /** Moves the parameters by one step.
     *
     * Shapes: parameters, gradient [n]; state s is state + s * stride [n], zeros before step 1.
     * Source: numerics.md. */
    void (*update)(const struct optimizer_step *step, size_t n, float *parameters,
                   const float *gradient, float *state, size_t stride);
};

extern const struct registry optimizers;

/** The row behind a choice of `optimizers`. */
const struct optimizer *optimizer_of(const struct choice *choice);

#endif
