/* Activations: element-wise functions after a layer's bias. Loops run over the batch, unit by unit.
 */
#ifndef MLPSWEEP_NN_ACTIVATION_H
#define MLPSWEEP_NN_ACTIVATION_H

#include "base/registry.h"

#include <stdbool.h>

struct activation {
    struct entry entry;
    bool has_dead_units; /* a unit can be 0 for every input */
    /** a = f(a + bias), in place.
     *
     * Shapes: a [units x batch], bias [units]. */
    void (*forward)(const double *arguments, size_t units, size_t batch, const float *bias,
                    float *a);
    /** delta *= f'(z), told from the output a = f(z), and the bias's gradient is delta's row sums.
     *
     * Shapes: a, delta [units x batch] -> bias_gradient [units]. */
    void (*backward)(const double *arguments, size_t units, size_t batch, const float *a,
                     float *delta, float *bias_gradient);
};

extern const struct registry activations;

/** The row behind a choice of `activations`. */
const struct activation *activation_of(const struct choice *choice);

#endif
