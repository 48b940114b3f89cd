/* Activations: element-wise functions of a layer's sums. Loops run over the batch, unit by unit. */
#ifndef MLPSWEEP_NN_ACTIVATION_H
#define MLPSWEEP_NN_ACTIVATION_H

#include "base/registry.h"

#include <stdbool.h>

/** A row of `activations`: a function f and its derivative. */
struct activation {
    struct entry entry;
    bool has_dead_units; /* a unit can be 0 for every input */
    bool needs_z;        /* backward reads z; other rows tell f'(z) from a = f(z) alone */
    /** a = f(a + bias), in place; with needs_z, z = a + bias is kept too.
     *
     * Shapes: a [units x batch], bias [units] -> z [units x batch], not touched without needs_z. */
    void (*forward)(const double *arguments, size_t units, size_t batch, const float *bias,
                    float *z, float *a);
    /** delta *= f'(z), and the bias's gradient is delta's row sums.
     *
     * Shapes: z (NULL without needs_z), a, delta [units x batch] -> bias_gradient [units]. */
    void (*backward)(const double *arguments, size_t units, size_t batch, const float *z,
                     const float *a, float *delta, float *bias_gradient);
};

/** All activations by name. */
extern const struct registry activations;

/** The row behind a choice of `activations`. */
const struct activation *activation_of(const struct choice *choice);

#endif
