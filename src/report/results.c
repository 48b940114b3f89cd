#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns before the numbers, which follow in the order of enum result_number. */
enum {
    COLUMN_VARIANT,
    COLUMN_LABEL,
    COLUMN_TRIAL,
    COLUMN_STATE,
    COLUMN_SEED,
    COLUMN_ORDER_SEED,
    COLUMN_SPLIT_SEED,
    COLUMN_INIT_SEED,
    COLUMN_PARAMETERS,
    COLUMN_DATASET,
    COLUMN_NUMBERS,
};

static const char results_sql[] =
    "SELECT variant, label, trial, state, seed, order_seed, split_seed, init_seed, parameters, "
    "dataset, "
    "val_accuracy_at_best, best_val_loss, test_accuracy_at_best, test_loss_at_best, best_epoch, "
    "epochs_done, wasted_epochs, wasted_fraction, gap_at_end, final_val_loss, final_val_accuracy, "
    "final_test_accuracy, train_seconds "
    "FROM member_rows JOIN trial_rows ON id = trial_id WHERE experiment = ?1 AND in_plan "
    "ORDER BY min(position) OVER (PARTITION BY variant), position";

static const char confusion_sql[] =
    "SELECT sum(count), count(DISTINCT actual) FROM confusion_rows WHERE trial_id = (SELECT "
    "trial_id FROM member_rows JOIN trial_rows ON id = trial_id WHERE experiment = ?1 AND in_plan "
    "AND state = 'done' AND EXISTS (SELECT 1 FROM confusion_rows c WHERE c.trial_id = id) LIMIT 1)";

static struct result read_result(const struct sql_value *row) {
    struct result result = {.trial = row[COLUMN_TRIAL].text,
                            .state = row[COLUMN_STATE].text,
                            .seed = row[COLUMN_SEED].integer,
                            .order_seed = row[COLUMN_ORDER_SEED].integer,
                            .split_seed = row[COLUMN_SPLIT_SEED].integer,
                            .init_seed = row[COLUMN_INIT_SEED].integer};
    for (size_t i = 0; i < RESULT_NUMBERS; i++)
        result.number[i] = sql_number(&row[COLUMN_NUMBERS + i]);
    return result;
}

/* Means are over the trials that are done: a diverged one has no best epoch worth a mean. */
static void summarize(struct group *group, struct arena *arena) {
    double *values = arena_alloc(arena, group->count, sizeof *values);
    for (size_t n = 0; n < RESULT_NUMBERS; n++) {
        for (size_t i = 0; i < group->count; i++)
            values[i] = strcmp(group->results[i].state, "done") == 0 ? group->results[i].number[n]
                                                                     : (double)NAN;
        group->moments[n] = moments_of(values, group->count, 1);
    }
}

static int compare_numbers(double a, double b) {
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int best_first(const void *left, const void *right) {
    const struct group *a = left, *b = right;
    int order = (a->diverged > 0) - (b->diverged > 0);
    if (!order)
        order = compare_numbers(-a->moments[RESULT_VAL_ACCURACY].mean,
                                -b->moments[RESULT_VAL_ACCURACY].mean);
    if (!order)
        order = compare_numbers(a->moments[RESULT_VAL_LOSS].mean, b->moments[RESULT_VAL_LOSS].mean);
    return order ? order : (a->results > b->results) - (a->results < b->results);
}

static void group_rows(const struct table *table, struct arena *arena, struct results *results) {
    struct result *all = arena_alloc(arena, table->rows, sizeof *all);
    results->groups = arena_alloc(arena, table->rows, sizeof *results->groups);
    struct group *group = NULL;
    for (size_t i = 0; i < table->rows; i++) {
        const struct sql_value *row = &table->cells[i * table->columns];
        if (!group || strcmp(group->variant, row[COLUMN_VARIANT].text) != 0) {
            group = &results->groups[results->count++];
            *group = (struct group){.variant = row[COLUMN_VARIANT].text,
                                    .label = row[COLUMN_LABEL].text,
                                    .results = &all[results->done],
                                    .parameters = row[COLUMN_PARAMETERS].integer};
            results->dataset = row[COLUMN_DATASET].text;
        }
        group->planned++;
        struct result result = read_result(row);
        bool diverged = strcmp(result.state, "diverged") == 0;
        if (!diverged && strcmp(result.state, "done") != 0)
            continue;
        all[results->done++] = result;
        group->count++;
        group->diverged += diverged;
        results->has_classes |= !isnan(result.number[RESULT_FINAL_TEST_ACCURACY]) ||
                                !isnan(result.number[RESULT_VAL_ACCURACY]);
    }
    results->trials = table->rows;
    for (size_t g = 0; g < results->count; g++)
        summarize(&results->groups[g], arena);
    qsort(results->groups, results->count, sizeof *results->groups, best_first);
}

bool results_load(struct query_database *database, const char *experiment, struct arena *arena,
                  struct results *results, struct error *err) {
    struct table table, sizes;
    struct sql_value name = sql_text(experiment);
    *results = (struct results){.experiment = experiment};
    if (!query_table(database, results_sql, &name, 1, arena, &table, err) ||
        !query_table(database, confusion_sql, &name, 1, arena, &sizes, err))
        return false;
    if (!table.rows)
        return error_set(err, ERROR_FAILED,
                         "the database has no experiment '%s' (mlpsweep run trains it)",
                         experiment);
    group_rows(&table, arena, results);
    if (sizes.rows) {
        results->test_rows = sizes.cells[0].integer;
        results->classes = sizes.cells[1].integer;
    }
    return true;
}

bool results_experiments(struct query_database *database, struct arena *arena, const char ***names,
                         size_t *count, struct error *err) {
    struct table table;
    if (!query_table(database,
                     "SELECT DISTINCT experiment FROM member_rows WHERE in_plan ORDER BY 1", NULL,
                     0, arena, &table, err))
        return false;
    *count = table.rows;
    *names = arena_alloc(arena, table.rows, sizeof **names);
    for (size_t i = 0; i < table.rows; i++)
        (*names)[i] = table.cells[i].text;
    return true;
}
