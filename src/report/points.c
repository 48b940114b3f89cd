#include "report/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const expressions[POINT_NUMBERS] = {
    [POINT_TEST_ERROR] = "100 * (1 - coalesce(t.test_accuracy_at_best, t.final_test_accuracy))",
    [POINT_TEST_ACCURACY] = "100 * coalesce(t.test_accuracy_at_best, t.final_test_accuracy)",
    [POINT_TEST_LOSS] = "coalesce(t.test_loss_at_best, t.final_test_loss)",
    [POINT_TEST_MAE] = "coalesce(t.test_mae_at_best, t.final_test_mae)",
    [POINT_VAL_ERROR] = "100 * (1 - e.val_accuracy)",
    [POINT_VAL_ACCURACY] = "100 * e.val_accuracy",
    [POINT_VAL_LOSS] = "e.val_loss",
    [POINT_VAL_MAE] = "e.val_mae",
    [POINT_PROBE_ERROR] = "100 * (1 - e.probe_accuracy)",
    [POINT_PROBE_LOSS] = "e.probe_loss",
    [POINT_PROBE_MAE] = "e.probe_mae",
    [POINT_FINAL_PROBE] = ("(SELECT f.probe_accuracy FROM epoch_rows f WHERE f.trial_id = t.id AND "
                           "f.epoch = t.epochs_done)"),
    [POINT_PARAMETERS] = "t.parameters",
    [POINT_DEPTH] = "t.hidden_layers",
    [POINT_EPOCHS] = "t.epochs_done",
};

static int by_variant(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

/* Points while they come. */
struct reading {
    const struct variation *variation;
    struct arena *arena, *scratch;
    struct point *at; /* [count] */
    size_t count, room;
};

static bool visit(void *context, const struct table *table) {
    struct reading *reading = context;
    const struct sql_value *cells = table->cells;
    if (!table->rows || cells[0].type != SQL_TEXT)
        return true;
    reading->at = arena_grow(reading->scratch, reading->at, reading->count, &reading->room,
                             sizeof *reading->at);
    struct point *point = &reading->at[reading->count++];
    *point = (struct point){variation_row(reading->variation, cells[0].text), cells[1].integer,
                            arena_alloc(reading->arena, POINT_NUMBERS, sizeof(double))};
    for (size_t c = 0; c < POINT_NUMBERS; c++) {
        double number = sql_number(&cells[2 + c]);
        point->values[c] = isfinite(number) ? number : (double)NAN;
    }
    return true;
}

bool points_load(struct query_database *database, const char *experiment,
                 const struct variation *variation, struct arena *arena, struct points *points,
                 struct error *err) {
    struct arena scratch = {0};
    struct reading reading = {.variation = variation, .arena = arena, .scratch = &scratch};
    const char *sql = "SELECT variant, seed";
    for (size_t i = 0; i < POINT_NUMBERS; i++)
        sql = arena_printf(&scratch, "%s, %s", sql, expressions[i]);
    sql = arena_printf(&scratch,
                       "%s FROM (SELECT trial_id FROM member_rows WHERE experiment = ?1 AND "
                       "in_plan) m CROSS JOIN trial_rows t ON t.id = m.trial_id CROSS JOIN "
                       "epoch_rows e ON e.trial_id = t.id AND e.epoch = coalesce(t.best_epoch, "
                       "t.epochs_done) WHERE state = 'done'",
                       sql);
    struct sql_value name = sql_text(experiment);
    bool ok = query_rows(database, sql, &name, 1, visit, &reading, err);
    *points = (struct points){reading.count, arena_alloc(arena, reading.count, sizeof *points->at)};
    if (reading.count)
        memcpy(points->at, reading.at, reading.count * sizeof *points->at);
    qsort(points->at, points->count, sizeof *points->at, by_variant);
    arena_close(&scratch);
    return ok;
}

struct moments points_moments(const struct points *points, size_t from, size_t to,
                              enum point_number number) {
    double *values = calloc(to - from + 1, sizeof *values);
    if (!values)
        out_of_memory();
    for (size_t p = from; p < to; p++)
        values[p - from] = points->at[p].values[number];
    struct moments m = moments_of(values, to - from, 1);
    free(values);
    return m;
}

size_t points_variant_begin(const struct points *points, size_t row) {
    size_t from = 0, to = points->count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (points->at[middle].row < row)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

size_t points_variant_end(const struct points *points, size_t from) {
    size_t to = from;
    while (to < points->count && points->at[to].row == points->at[from].row)
        to++;
    return to;
}
