#include "report/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_variant(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

bool points_load(struct query_database *database, const char *experiment,
                 const struct variation *variation, const char *const *expressions, size_t count,
                 struct arena *arena, struct points *points, struct error *err) {
    const char *sql = "SELECT variant, seed";
    for (size_t i = 0; i < count; i++)
        sql = arena_printf(arena, "%s, %s", sql, expressions[i]);
    sql = arena_printf(arena,
                       "%s FROM member_rows m JOIN trial_rows t ON t.id = m.trial_id JOIN "
                       "epoch_rows e ON e.trial_id = t.id AND e.epoch = coalesce(t.best_epoch, "
                       "t.epochs_done) WHERE experiment = ?1 AND in_plan AND state = 'done' "
                       "ORDER BY variant",
                       sql);
    struct sql_value name = sql_text(experiment);
    struct table table;
    if (!query_table(database, sql, &name, 1, arena, &table, err))
        return false;
    *points = (struct points){table.rows, arena_alloc(arena, table.rows, sizeof *points->at)};
    const char *last = "";
    for (size_t i = 0, row = 0; i < table.rows; i++) {
        const struct sql_value *cells = &table.cells[i * table.columns];
        if (strcmp(cells[0].text, last) != 0)
            row = variation_row(variation, cells[0].text);
        last = cells[0].text;
        points->at[i] =
            (struct point){row, cells[1].integer, arena_alloc(arena, count, sizeof(double))};
        for (size_t c = 0; c < count; c++) {
            double number = sql_number(&cells[2 + c]);
            points->at[i].values[c] = isfinite(number) ? number : (double)NAN;
        }
    }
    qsort(points->at, points->count, sizeof *points->at, by_variant);
    return true;
}

struct moments points_moments(const struct points *points, size_t from, size_t to, size_t i) {
    double *values = calloc(to - from + 1, sizeof *values);
    if (!values)
        out_of_memory();
    for (size_t p = from; p < to; p++)
        values[p - from] = points->at[p].values[i];
    struct moments m = moments_of(values, to - from, 1);
    free(values);
    return m;
}

size_t points_variant_end(const struct points *points, size_t from) {
    size_t to = from;
    while (to < points->count && points->at[to].row == points->at[from].row)
        to++;
    return to;
}
