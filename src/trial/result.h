/* trial_results[]: one row for each number that is known of a trial beside its epochs. The columns
 * of the tables and views, what is written when a trial ends, `variants`, `pairs` and `columns` are
 * read from it. A new number is a field of its struct and a row here. */
#ifndef MLPSWEEP_TRIAL_RESULT_H
#define MLPSWEEP_TRIAL_RESULT_H

#include "base/sql_value.h"
#include "trial/outcome.h"
#include "trial/trial.h"

/** What is known of a trial before it is trained. */
struct trial_size {
    uint64_t hidden_layers, widest, parameters, multiply_adds;
};

/** The struct that has the number. */
enum result_source { RESULT_OF_SIZE, RESULT_OF_OUTCOME, RESULT_OF_OVERFITTING };

/** How the struct has the number, and what stands for none. */
enum result_type {
    RESULT_WHOLE,         /* uint64_t */
    RESULT_WHOLE_OR_NONE, /* uint64_t, 0 is none */
    RESULT_REAL,          /* double, NaN is none */
    RESULT_WHOLE_REAL,    /* double with a whole number, NaN is none */
    RESULT_TEXT,          /* const char *, NULL is none */
    RESULT_DIGEST,        /* char [], "" is none */
};

/** The views that have the column; `variants` has all that are known before training. */
enum result_views { RESULT_IN_TRIALS = 1, RESULT_IN_OVERFITTING = 2 };

/** A row of `trial_results`. */
struct trial_result {
    const char *name; /* of the column */
    const char *help;
    const char *unit; /* NULL: none */
    enum direction direction;
    enum result_source source;
    enum result_type type;
    size_t offset; /* in the struct */
    unsigned views;
    const char *summary; /* as `variants` calls it: NAME_mean, NAME_sd, ...; NULL: not there */
    const char *paired;  /* as `pairs` calls the difference of two trials; NULL: not there */
};

/** All numbers of a trial, in the order in which columns have them. */
extern const struct trial_result trial_results[];
extern const size_t trial_result_count;

/** The row of this name, or NULL. */
const struct trial_result *trial_result_find(const char *name);

/** What SQLite has for it. Needs: a pointer to the struct that its source names. */
struct sql_value trial_result_value(const struct trial_result *result, const void *source);

/** Needs: inputs and outputs of its data set. */
struct trial_size trial_size_of(const struct trial *trial, size_t inputs, size_t outputs);

/** Makes each number that can be none NaN. Needs: a pointer to the struct that the source names,
 * all of it 0. */
void trial_result_clear(enum result_source source, void *target);

#endif
