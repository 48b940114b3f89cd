/* What the trials of one experiment's plan came to: leaderboards of variants of trials. */
#ifndef MLPSWEEP_REPORT_RESULTS_H
#define MLPSWEEP_REPORT_RESULTS_H

#include "base/statistics.h"
#include "plan/figure_decl.h"
#include "report/variation.h"
#include "store/query.h"

#include <stdbool.h>

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
    struct moments moments[RESULT_NUMBERS]; /* over units that are done; range over trials */
};

/** Variants that may be compared: of one data set, task and choice of validation rows (of
 * regressions, one loss). */
struct leaderboard {
    const char *dataset;
    const char
        *title; /* the data set, and where another leaderboard is of it what sets them apart */
    const char *rows;     /* the settings that choose validation rows: `0.1 (last)` */
    const char *loss;     /* NULL: the variants have several */
    struct group *groups; /* [count], the best first: by mean validation accuracy at the best epoch,
                             then validation loss (regressions: by loss); what has none comes after,
                             variants with divergence last. Never by test. */
    size_t count;
    bool has_classes;
    bool is_validated;
    int64_t validation_rows, test_rows; /* 0: none, or not known */
};

/** What an experiment came to. */
struct results {
    const char *experiment, *dataset; /* the first leaderboard's */
    const char *question;             /* NULL: the experiment asks none */
    struct figure_decls figures;      /* that it declares */
    const char *baseline;             /* the variant that it compares with; NULL: the leader */
    struct variation variation;
    struct leaderboard *boards; /* [board_count] */
    size_t board_count;
    struct group *groups; /* [count] of all leaderboards, one after another */
    size_t count, trials, done;
    bool has_classes;           /* in some leaderboard */
    int64_t classes, test_rows; /* 0: none */
};

/** Reads the plan of one experiment. Owns: everything lives in the arena. Fails: see query_table.
 */
MUST_CHECK bool results_load(struct query_database *database, const char *experiment,
                             struct arena *arena, struct results *results, struct error *err);

/** Reads other trials: `name` stands for the experiment. Without trials results->trials is 0. */
MUST_CHECK bool results_load_scope(struct query_database *database, const char *name,
                                   const struct trial_scope *scope, struct arena *arena,
                                   struct results *results, struct error *err);

/** What is made of the numbers of a group's results: units and moments. Needs: results, count. */
void group_summarize(struct group *group);

/** One number of the trials that are done, a mean a unit, NaN left out. Shapes: values [count].
 * Returns how many there are. */
size_t group_values(const struct group *group, enum result_number number, double *values);

/** Whether its state is done rather than diverged. */
bool result_is_done(const struct result *result);

/** The names of all experiments in the database, in the order of the alphabet. */
MUST_CHECK bool results_experiments(struct query_database *database, struct arena *arena,
                                    const char ***names, size_t *count, struct error *err);

#endif
