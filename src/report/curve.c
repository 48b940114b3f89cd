#include "report/curve.h"

#include <math.h>

const struct curve_x curve_xs[] = {
    {"epoch", "epoch", "e.epoch", true, false, "s.epochs_saved", "epochs saved"},
    {"updates", "updates (minibatches, mean over seeds)", "e.updates", true, true,
     "t.updates - (SELECT e.updates FROM epoch_rows e WHERE e.trial_id = t.id AND e.epoch = "
     "s.stop_epoch)",
     "updates saved (minibatches)"},
    {"seconds", "training time (s, mean over seeds)",
     "sum(e.epoch_seconds) OVER (PARTITION BY t.id ORDER BY e.epoch)", false, true,
     "s.seconds_saved", "training time saved (s)"},
};

const char *const curve_x_names[] = {"epoch", "updates", "seconds", NULL};

/* An infinite number cannot be drawn, as little as a missing one. */
static double finite_or_nan(const struct sql_value *cell) {
    double number = sql_number(cell);
    return isfinite(number) ? number : (double)NAN;
}

bool curves_load(struct query_database *database, const char *experiment, const struct group *group,
                 const char *const *expressions, size_t count, struct arena *arena,
                 struct curve *curves, struct error *err) {
    const char *sql = "SELECT epoch";
    for (size_t i = 0; i < count; i++)
        sql = arena_printf(arena, "%s, %s", sql, expressions[i]);
    sql = arena_printf(arena,
                       "%s FROM trial_rows t CROSS JOIN member_rows m ON m.trial_id = t.id AND "
                       "experiment = ?1 AND in_plan CROSS JOIN epoch_rows e ON e.trial_id = t.id "
                       "WHERE variant = ?2 AND state IN ('done', 'diverged') ORDER BY epoch",
                       sql);
    struct sql_value cells[] = {sql_text(experiment), sql_text(group->variant)};
    struct table table;
    if (!query_table(database, sql, cells, 2, arena, &table, err))
        return false;
    size_t epochs = table.rows ? (size_t)table.cells[(table.rows - 1) * table.columns].integer : 0;
    double *values = arena_alloc(arena, table.rows * count, sizeof *values);
    for (size_t i = 0; i < table.rows; i++)
        for (size_t c = 0; c < count; c++)
            values[i * count + c] = finite_or_nan(&table.cells[i * table.columns + 1 + c]);
    for (size_t c = 0; c < count; c++) {
        curves[c] = (struct curve){epochs, arena_alloc(arena, epochs, sizeof(struct moments))};
        for (size_t i = 0, from = 0; i < table.rows; i = from) {
            int64_t epoch = table.cells[i * table.columns].integer;
            while (from < table.rows && table.cells[from * table.columns].integer == epoch)
                from++;
            curves[c].at[epoch - 1] = moments_of(&values[i * count + c], from - i, count);
        }
    }
    return true;
}

double curve_low(const struct moments *m, size_t seeds) {
    return seeds < BAND_SEEDS ? m->minimum : m->mean - m->half;
}

double curve_high(const struct moments *m, size_t seeds) {
    return seeds < BAND_SEEDS ? m->maximum : m->mean + m->half;
}
