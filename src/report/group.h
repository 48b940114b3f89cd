/* The trials of one variant, and what is made of their numbers over seeds. */
#ifndef MLPSWEEP_REPORT_GROUP_H
#define MLPSWEEP_REPORT_GROUP_H

#include "base/statistics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The numbers of a trial that are summarized over seeds. */
enum result_number {
    RESULT_VAL_ACCURACY, /* at the best epoch, as the next five */
    RESULT_VAL_LOSS,
    RESULT_TEST_ACCURACY,
    RESULT_TEST_LOSS,
    RESULT_TEST_MAE,
    RESULT_GAP_AT_BEST, /* val_loss - probe_loss */
    RESULT_BEST_EPOCH,
    RESULT_EPOCHS,
    RESULT_WASTED_EPOCHS, /* after the best, helpful or not */
    RESULT_WASTED_FRACTION,
    RESULT_GAP, /* at the end, as the next five */
    RESULT_FINAL_VAL_LOSS,
    RESULT_FINAL_VAL_ACCURACY,
    RESULT_FINAL_TEST_ACCURACY,
    RESULT_FINAL_TEST_LOSS,
    RESULT_FINAL_TEST_MAE,
    RESULT_TRAIN_SECONDS,
    RESULT_LEARNED,         /* 1 or 0, see has_learned */
    RESULT_VALIDATION_ROWS, /* how many there are */
    RESULT_TEST_ROWS,
    RESULT_NAIVE_VAL, /* see naive_score */
    RESULT_NAIVE_TEST,
    RESULT_NUMBERS,
};

/** What one trial came to. */
struct result {
    const char *trial, *state;
    int64_t id; /* of its row */
    int64_t seed, order_seed, split_seed, init_seed;
    size_t unit; /* trials of a group that share a seed are of one unit (group.units) */
    double number[RESULT_NUMBERS]; /* NaN where there is none */
};

/** The trials of one variant. Those that diverged are counted and in no mean. */
struct group {
    const char *variant;
    const char *label;      /* what tells it from the others; the settings where none are */
    struct result *results; /* [count] that are done or diverged, in the order of the plan */
    size_t count, diverged, planned;
    /** Independent repetitions among those that are done: with crossed seeds (every init_seed with
     * every order_seed) not all trials, but as many as the seed with the fewest values has. Means
     * of units are what intervals are made of. */
    size_t units;
    int64_t parameters;
    const char *monitor;                    /* the knob: what decides which epoch is best */
    struct moments moments[RESULT_NUMBERS]; /* over units that are done; range over trials */
};

/** What is made of the numbers of a group's results: units and moments. Needs: results, count. */
void group_summarize(struct group *group);

/** One number of the trials that are done, a mean a unit, NaN left out. Shapes: values [count].
 * Returns how many there are. */
size_t group_values(const struct group *group, enum result_number number, double *values);

/** Whether its state is done rather than diverged. */
bool result_is_done(const struct result *result);

#endif
