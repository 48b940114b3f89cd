/* What the trials of one experiment's plan came to, variant by variant. */
#ifndef MLPSWEEP_REPORT_RESULTS_H
#define MLPSWEEP_REPORT_RESULTS_H

#include "base/statistics.h"
#include "store/query.h"

#include <stdbool.h>

/** The numbers of a trial that are summarized over seeds. */
enum result_number {
    RESULT_VAL_ACCURACY, /* at the best epoch, as the next three */
    RESULT_VAL_LOSS,
    RESULT_TEST_ACCURACY,
    RESULT_TEST_LOSS,
    RESULT_BEST_EPOCH,
    RESULT_EPOCHS,
    RESULT_WASTED_EPOCHS,
    RESULT_WASTED_FRACTION,
    RESULT_GAP, /* at the end: val_loss - probe_loss */
    RESULT_FINAL_VAL_LOSS,
    RESULT_FINAL_VAL_ACCURACY,
    RESULT_FINAL_TEST_ACCURACY,
    RESULT_TRAIN_SECONDS,
    RESULT_NUMBERS,
};

struct result {
    const char *trial, *state;
    int64_t seed, order_seed, split_seed, init_seed;
    double number[RESULT_NUMBERS]; /* NaN where there is none */
};

/** The trials of one variant. Those that diverged are counted and in no mean. */
struct group {
    const char *variant, *label;
    const struct result *results; /* [count] that are done or diverged, by seed */
    size_t count, diverged, planned;
    int64_t parameters;
    struct moments moments[RESULT_NUMBERS]; /* over those that are done */
};

struct results {
    const char *experiment, *dataset;
    struct group *groups; /* [count], the best first: by mean validation accuracy at the best epoch,
                             for values by validation loss; variants with divergence last */
    size_t count, trials, done;
    bool has_classes;
    int64_t classes, test_rows; /* 0: none */
};

/** Reads the plan of one experiment. Owns: everything lives in the arena. Fails: see query_table.
 */
MUST_CHECK bool results_load(struct query_database *database, const char *experiment,
                             struct arena *arena, struct results *results, struct error *err);

/** The names of all experiments in the database, in the order of the alphabet. */
MUST_CHECK bool results_experiments(struct query_database *database, struct arena *arena,
                                    const char ***names, size_t *count, struct error *err);

#endif
