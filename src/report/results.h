/* What the trials of one experiment's plan came to: leaderboards of variants of trials. */
#ifndef MLPSWEEP_REPORT_RESULTS_H
#define MLPSWEEP_REPORT_RESULTS_H

#include "plan/figure_decl.h"
#include "report/group.h"
#include "report/variation.h"
#include "store/query.h"

#include <stdbool.h>

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
    bool has_classes; /* in some leaderboard */
};

/** Reads the plan of one experiment. Owns: everything lives in the arena. Fails: see query_table.
 */
MUST_CHECK bool results_load(struct query_database *database, const char *experiment,
                             struct arena *arena, struct results *results, struct error *err);

/** Reads other trials: `name` stands for the experiment. Without trials results->trials is 0. */
MUST_CHECK bool results_load_scope(struct query_database *database, const char *name,
                                   const struct trial_scope *scope, struct arena *arena,
                                   struct results *results, struct error *err);

/** The group of a variant; NULL: none of its trials is among the results. */
const struct group *results_group(const struct results *results, const char *variant);

/** The names of all experiments in the database, in the order of the alphabet. */
MUST_CHECK bool results_experiments(struct query_database *database, struct arena *arena,
                                    const char ***names, size_t *count, struct error *err);

#endif
