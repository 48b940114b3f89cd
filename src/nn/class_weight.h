/* class_weight: how much the gradient of a sample counts, by its class. */
#ifndef MLPSWEEP_NN_CLASS_WEIGHT_H
#define MLPSWEEP_NN_CLASS_WEIGHT_H

#include "nn/loss.h"

/** A row of `class_weights`. */
struct class_weight {
    struct entry entry;
    /** The weight of a class that `count` of `rows` rows have, where `classes` classes occur at
     * all; NULL: all samples count alike. */
    double (*weight)(size_t rows, size_t classes, size_t count);
};

/** All class weights by name. */
extern const struct registry class_weights;

/** The row behind a choice of `class_weights`. */
const struct class_weight *class_weight_of(const struct choice *choice);

/** The weights of all classes for these labels. Of a row without a weight function: all 1.
 *
 * Shapes: labels [rows] -> weights [classes]; a class that does not occur has weight 0. */
void class_weight_fit(const struct class_weight *row, const uint16_t *labels, size_t rows,
                      size_t classes, float *weights);

/** Multiplies each sample's gradient by the weight of its class.
 *
 * Shapes: weights [classes], delta [outputs x batch]. */
void class_weight_apply(const float *weights, const struct loss_target *target, float *delta);

#endif
