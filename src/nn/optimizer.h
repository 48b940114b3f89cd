/* Optimizers: from (parameters, gradient, state) to the parameters of the next step. They see
 * arrays and whether these are kernels, and no layers. */
#ifndef MLPSWEEP_NN_OPTIMIZER_H
#define MLPSWEEP_NN_OPTIMIZER_H

#include "base/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One step, as a row's `prepare` sees it. */
struct optimizer_step {
    const double *arguments;
    double learning_rate;
    uint64_t t; /* from 1 */
    /** A number that a row carries from step to step; 0 before step 1. */
    double *carried;
};

/** At most so many numbers of a step, and floats of state of a parameter. */
enum { OPTIMIZER_COEFFICIENTS = 8, OPTIMIZER_STATES_MAX = 3 };

/** A row of `optimizers`. */
struct optimizer {
    struct entry entry;
    double learning_rate; /* what `auto` stands for */
    size_t states;        /* floats of state of each parameter, 0 to OPTIMIZER_STATES_MAX */
    /** What all parameters of this step have in common, rounded once: input of `update`.
     *
     * Shapes: c [OPTIMIZER_COEFFICIENTS]. Called once a step, in order of t. */
    void (*prepare)(const struct optimizer_step *step, float *c);
    /** Moves some parameters, kernels or others (biases), by one step.
     *
     * Shapes: parameters, gradient [n]; state s is state + s * stride [n], zeros before step 1.
     * Source: numerics.md. */
    void (*update)(const float *c, bool is_kernel, size_t n, float *parameters,
                   const float *gradient, float *state, size_t stride);
};

/** All optimizers by name. */
extern const struct registry optimizers;

/** The row behind a choice of `optimizers`. */
const struct optimizer *optimizer_of(const struct choice *choice);

#endif
