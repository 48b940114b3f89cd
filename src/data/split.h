/* Which rows train, which validate, and which of the training rows are looked at again as the
 * probe.
 *
 * Validation rows are chosen first, from the whole file, the same for every train_rows; train_rows
 * takes the first n of one seeded permutation of the rest, so that smaller training sets nest. */
#ifndef MLPSWEEP_DATA_SPLIT_H
#define MLPSWEEP_DATA_SPLIT_H

#include "data/dataset.h"

/** Some rows of one part, ascending. */
struct row_set {
    const struct data_part *part;
    const uint32_t *rows;
    size_t count;
};

struct split {
    struct row_set train;
    struct row_set validation; /* count 0: none */
    struct row_set probe;      /* min(validation, training) fixed random training rows */
    struct row_set test;       /* all rows of the test part; count 0: none */
};

/** The largest integer n with n <= rows * (1 - fraction), in exact decimal arithmetic: 1000 rows
 * and 0.9 give 100, not 99. */
size_t split_training_rows(size_t rows, double fraction);

/** Splits the data set. A validation file of its own takes the place of validation_split.
 *
 * train_rows 0 means all. Without validation the probe has min(training, 10,000) rows.
 * Owns:  rows live in the arena.
 * Fails: ERROR_INVALID when no row is left for training, or fewer than train_rows. */
MUST_CHECK bool split_make(const struct dataset *dataset, double validation_split,
                           size_t train_rows, uint64_t split_seed, struct arena *arena,
                           struct split *split, struct error *err);

#endif
