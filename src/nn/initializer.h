/* Initializers: the first weights of a kernel, as a pure function of (seed, layer, fan_in,
 * fan_out).
 *
 * Unit draws are keyed by these four alone, and the initializers of a family rescale them, so that
 * two of them differ in scale and in nothing else. */
#ifndef MLPSWEEP_NN_INITIALIZER_H
#define MLPSWEEP_NN_INITIALIZER_H

#include "base/arena.h"
#include "base/registry.h"

#include <stdint.h>

/** Which kernel is drawn. */
struct kernel_shape {
    uint64_t seed;
    uint32_t layer; /* from 0, the first hidden layer */
    uint32_t fan_in, fan_out;
};

/** A row of `initializers`. */
struct initializer {
    struct entry entry;
    /** Writes the kernel.
     *
     * Shapes: kernel [fan_in x fan_out].
     * Source: numerics.md, which follows Keras. */
    void (*draw)(const double *arguments, const struct kernel_shape *shape, struct arena *scratch,
                 float *kernel);
    bool square_only; /* needs fan_in == fan_out */
};

/** All initializers by name. */
extern const struct registry initializers;

/** The row behind a choice of `initializers`. */
const struct initializer *initializer_of(const struct choice *choice);

#endif
