/* Labels become classes, targets floats. */
#ifndef MLPSWEEP_DATA_LABELS_H
#define MLPSWEEP_DATA_LABELS_H

#include "data/format.h"

/** A class, by which it is found. */
struct class_key {
    double value;         /* where labels are numbers */
    struct raw_text text; /* where they are not */
    uint16_t index;
};

/** The classes of a data set: the labels of its training file. */
struct classes {
    size_t count;
    const struct class_key *sorted; /* [count] */
    const double *values;           /* [count] as in struct dataset */
    const char *const *names;       /* [count] as in struct dataset */
};

/** Finds the classes. Whole numbers become classes in ascending order; where a label is no number,
 * all are texts, in the order of their first rows.
 *
 * Owns:  arrays live in the arena, texts in the file.
 * Fails: with the place of a number that is not whole; without two classes, or with more than
 *        65,535. */
MUST_CHECK bool classes_find(const struct raw_part *train, struct classes *classes,
                             struct arena *arena, struct error *err);

/** The classes of all rows. Shapes: [rows], in the arena.
 *
 * Fails: NULL, with the place of a label that the training file lacks. */
const uint16_t *labels_find(const struct raw_part *raw, const struct classes *classes,
                            struct arena *arena, struct error *err);

/** The targets of all rows. Shapes: [rows], in the arena.
 *
 * Fails: NULL, with the place of a target that is no number or beyond data_value_max. */
const float *targets_read(const struct raw_part *raw, struct arena *arena, struct error *err);

#endif
