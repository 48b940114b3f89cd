/* Which rows train, which validate, which of the training rows are looked at again as the probe,
 * and which labels are wrong on purpose.
 *
 * Validation rows are chosen first, from the whole file, the same for every train_rows; train_rows
 * takes the first n of one seeded permutation of the rest, so that smaller training sets nest. A
 * label is noisy where its row's own draw is below label_noise, so that noisy rows nest too. */
#ifndef MLPSWEEP_DATA_SPLIT_H
#define MLPSWEEP_DATA_SPLIT_H

#include "data/dataset.h"

/** Some rows of one part, ascending. */
struct row_set {
    const struct data_part *part;
    const uint32_t *rows;
    size_t count;
};

/** How validation rows are chosen from the training file: last, random, stratified. */
extern const struct registry validation_sources;

/** What a split is made of. */
struct split_options {
    double validation_split; /* fraction in [0, 1) of the training file; ignored where there is a
                                validation file */
    const struct entry *validation_from; /* a row of validation_sources */
    size_t train_rows;                   /* 0: all */
    double label_noise;                  /* fraction in [0, 1] of the training labels */
    uint64_t seed;
};

/** The rows of a data set by what they are for. Training and probe rows have noisy labels,
 * validation and test rows their own. */
struct split {
    struct row_set train;
    struct row_set validation;   /* count 0: none */
    struct row_set probe;        /* min(validation, training) fixed random training rows */
    struct row_set test;         /* all rows of the test part; count 0: none */
    const uint16_t *true_labels; /* [rows of the training file]; NULL: no label is noisy */
};

/** The largest integer n with n <= rows * (1 - fraction), in exact decimal arithmetic: 1000 rows
 * and 0.9 give 100, not 99. */
size_t split_training_rows(size_t rows, double fraction);

/** Splits the data set. A validation file of its own takes the place of validation_split.
 *
 * Without validation the probe has min(training, 10,000) rows.
 * Owns:  rows and noisy labels live in the arena.
 * Fails: ERROR_INVALID when no row is left for training, or fewer than train_rows. */
MUST_CHECK bool split_make(const struct dataset *dataset, const struct split_options *options,
                           struct arena *arena, struct split *split, struct error *err);

#endif
