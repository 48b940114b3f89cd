/* Normalization of a layer's sums before its activation. A layer that is normalized has a scale for
 * each unit beside its bias, which is added after the normalization. */
#ifndef MLPSWEEP_NN_NORMALIZATION_H
#define MLPSWEEP_NN_NORMALIZATION_H

#include "base/registry.h"

#include <stdbool.h>
#include <stddef.h>

/** What one layer's normalization works on. */
struct normalized {
    size_t units, batch;
    size_t from, to;    /* the units that are meant; all of them where a row is not by unit */
    const float *scale; /* [units] */
    float *unit;        /* [units x batch] the normalized values, kept for backward */
    float *inverse;     /* [the larger of units and 3 * batch] 1 / standard deviation, kept too */
    float *statistics;  /* [2 x units] running means, then running variances */
    float *scale_gradient; /* [units] */
};

/** A row of `normalizations`; forward NULL: none. */
struct normalization {
    struct entry entry;
    bool has_statistics; /* inference uses running statistics */
    bool is_by_unit;     /* a unit's numbers do not depend on the others */
    /** x = scale * normalized x, in place; training also moves the statistics. Shapes: x [units x
     * batch]. */
    void (*forward)(const struct normalized *it, bool training, float *x);
    /** From the gradient by the result to that by x, in place, and to the scale's.
     *
     * Needs: forward of the same minibatch in training. Shapes: delta [units x batch]. */
    void (*backward)(const struct normalized *it, float *delta);
};

/** All normalizations by name. */
extern const struct registry normalizations;

/** The row behind a choice of `normalizations`. */
const struct normalization *normalization_of(const struct choice *choice);

#endif
