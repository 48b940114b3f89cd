#include "report/verdict.h"

#include "trial/generalization.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {
    [VERDICT_NONE] = "",
    [VERDICT_UNVALIDATED] = "no validation",
    [VERDICT_FAILED] = "failed to learn",
    [VERDICT_SHORT] = "few epochs",
    [VERDICT_ONE_SEED] = "one seed",
    [VERDICT_FALLS] = "still falls",
    [VERDICT_STANDS] = "stands still",
    [VERDICT_FLUCTUATES] = "fluctuates",
    [VERDICT_OVERFITS] = "overfits",
    [VERDICT_OVERCONFIDENT] = "overconfident",
};

const char *verdict_name(enum verdict_kind kind) {
    return names[kind];
}

bool is_above_zero(const struct moments *m) {
    return m->n > 1 && m->mean - m->half > 0;
}

/* Likewise below 0. */
static bool is_below_zero(const struct moments *m) {
    return m->n > 1 && m->mean + m->half < 0;
}

static double mean_of(const double *values, size_t from, size_t to) {
    return moments_of(values + from, to - from, 1).mean;
}

/* Epochs that all trials have. */
static size_t common_epochs(const struct verdict_curve *curves, size_t count) {
    size_t common = curves[0].epochs;
    for (size_t i = 1; i < count; i++)
        common = curves[i].epochs < common ? curves[i].epochs : common;
    return common;
}

/* The smoothed mean validation loss of all trials but those of unit `without`. Infinite where one
 * of them is. Shapes: smoothed, scratch [epochs]. */
static void smooth_mean(const struct verdict_curve *curves, size_t count, size_t without,
                        size_t epochs, double *scratch, double *smoothed) {
    for (size_t e = 0; e < epochs; e++) {
        double sum = 0;
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (curves[i].unit != without) {
                sum += isfinite(curves[i].val_loss[e]) ? curves[i].val_loss[e] : (double)INFINITY;
                n++;
            }
        scratch[e] = sum / (double)n;
    }
    curve_smooth(scratch, epochs, smoothed);
}

/* The changes of one trial. */
struct change {
    double gap, accuracy, fall, end;
};

/* From the three epochs around `best` to the last tenth. */
static struct change change_of(const struct verdict_curve *c, size_t best) {
    size_t tail = curve_tail(c->epochs), start = c->epochs - tail;
    size_t from = best ? best - 1 : 0, to = best + 2 < c->epochs ? best + 2 : c->epochs;
    size_t before = start > tail ? start - tail : 0;
    double end = mean_of(c->val_loss, start, c->epochs);
    return (struct change){
        .gap = end - mean_of(c->probe_loss, start, c->epochs) -
               (mean_of(c->val_loss, from, to) - mean_of(c->probe_loss, from, to)),
        .accuracy = mean_of(c->val_accuracy, start, c->epochs) - mean_of(c->val_accuracy, from, to),
        .fall = start > before ? end - mean_of(c->val_loss, before, start) : (double)NAN,
        .end = end,
    };
}

/* Means of one field of the changes over the trials of each unit. */
static struct moments change_moments(const struct verdict_curve *curves,
                                     const struct change *changes, size_t count, size_t units,
                                     size_t offset, struct arena *arena) {
    double *values = arena_alloc(arena, units, sizeof *values);
    for (size_t u = 0; u < units; u++) {
        double *own = arena_alloc(arena, count, sizeof *own);
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (curves[i].unit == u)
                memcpy(&own[n++], (const char *)&changes[i] + offset, sizeof *own);
        values[u] = moments_of(own, n, 1).mean;
    }
    return moments_of(values, units, 1);
}

static enum verdict_kind kind_of(const struct verdict *v, size_t best, size_t epochs,
                                 bool has_classes) {
    if (epochs < 2 * curve_tail(epochs))
        return VERDICT_SHORT;
    bool late = best + curve_tail(epochs) >= epochs;
    bool risen = v->end > RISEN_FACTOR * v->level;
    bool falls = v->units > 1 ? is_below_zero(&v->fall) : v->fall.mean < -0.01 * v->level;
    if (!risen)
        return late && falls ? VERDICT_FALLS : VERDICT_STANDS;
    if (v->units < 2)
        return VERDICT_ONE_SEED;
    if (!is_above_zero(&v->gap))
        return VERDICT_FLUCTUATES;
    return has_classes && !is_below_zero(&v->accuracy) ? VERDICT_OVERCONFIDENT : VERDICT_OVERFITS;
}

struct verdict verdict_of(const struct verdict_curve *curves, size_t count, size_t units,
                          bool has_classes) {
    struct verdict v = {.units = units};
    struct arena arena = {0};
    size_t epochs = count ? common_epochs(curves, count) : 0;
    if (!epochs)
        return v;
    double *scratch = arena_alloc(&arena, epochs, sizeof *scratch);
    double *smoothed = arena_alloc(&arena, epochs, sizeof *smoothed);
    struct change *changes = arena_alloc(&arena, count, sizeof *changes);
    smooth_mean(curves, count, SIZE_MAX, epochs, scratch, smoothed);
    size_t best = curve_lowest(smoothed, epochs);
    v.kind = VERDICT_UNVALIDATED;
    if (best < epochs) {
        v.level = smoothed[best];
        for (size_t i = 0; i < count; i++) {
            /* The best epoch of the others: the noise of this trial's own minimum would look like a
             * rise after it. */
            size_t at = best;
            if (units > 1) {
                smooth_mean(curves, count, curves[i].unit, epochs, scratch, smoothed);
                at = curve_lowest(smoothed, epochs);
            }
            changes[i] = change_of(&curves[i], at < epochs ? at : best);
            v.epochs = curves[i].epochs > v.epochs ? curves[i].epochs : v.epochs;
        }
#define CHANGE(field)                                                                              \
    change_moments(curves, changes, count, units, offsetof(struct change, field), &arena)
        v.gap = CHANGE(gap);
        v.accuracy = CHANGE(accuracy);
        v.fall = CHANGE(fall);
        v.end = CHANGE(end).mean;
#undef CHANGE
        v.kind = kind_of(&v, best, epochs, has_classes);
    }
    arena_close(&arena);
    return v;
}

/* Rows are (trial, val_loss, probe_loss, val_accuracy) in the order of trials and epochs. */
static size_t read_curves(const struct table *table, const struct group *group,
                          struct verdict_curve *curves, struct arena *arena) {
    double *values = arena_alloc(arena, 3 * table->rows, sizeof *values);
    size_t count = 0, first = 0;
    for (size_t i = 0; i < table->rows; i++) {
        const struct sql_value *row = &table->cells[i * table->columns];
        for (size_t c = 0; c < 3; c++)
            values[c * table->rows + i] = sql_number(&row[1 + c]);
        const char *next = i + 1 < table->rows ? row[table->columns].text : "";
        if (strcmp(row[0].text, next) == 0 || count == group->count)
            continue;
        curves[count] = (struct verdict_curve){.epochs = i + 1 - first,
                                               .val_loss = values + first,
                                               .probe_loss = values + table->rows + first,
                                               .val_accuracy = values + 2 * table->rows + first};
        for (size_t r = 0; r < group->count; r++)
            if (strcmp(group->results[r].trial, row[0].text) == 0)
                curves[count].unit = group->results[r].unit;
        count++;
        first = i + 1;
    }
    return count;
}

static void add_help(const struct leaderboard *board, const struct group *group,
                     struct verdict *v) {
    static const enum result_number ends[2][2][2] = {
        {{RESULT_FINAL_VAL_LOSS, RESULT_VAL_LOSS}, {RESULT_FINAL_TEST_LOSS, RESULT_TEST_LOSS}},
        {{RESULT_FINAL_VAL_ACCURACY, RESULT_VAL_ACCURACY},
         {RESULT_FINAL_TEST_ACCURACY, RESULT_TEST_ACCURACY}}};
    struct arena arena = {0};
    double *end = arena_alloc(&arena, group->count, sizeof *end);
    double *best = arena_alloc(&arena, group->count, sizeof *best);
    for (int test = 1; test >= 0 && !v->help.n; test--) {
        const enum result_number *pair = ends[board->has_classes][test];
        size_t n = group_values(group, pair[0], end);
        if (group_values(group, pair[1], best) != n)
            continue;
        for (size_t i = 0; i < n; i++)
            end[i] -= best[i];
        v->help = moments_of(end, n, 1);
        v->help_is_test = test;
    }
    arena_close(&arena);
}

bool verdict_load(struct query_database *database, const char *experiment,
                  const struct leaderboard *board, const struct group *group,
                  struct verdict *verdict, struct error *err) {
    struct arena arena = {0};
    struct sql_value cells[] = {sql_text(experiment), sql_text(group->variant)};
    struct table table;
    struct verdict_curve *curves = arena_alloc(&arena, group->count, sizeof *curves);
    bool ok =
        query_table(database,
                    "SELECT trial, val_loss, probe_loss, val_accuracy FROM trial_rows t CROSS "
                    "JOIN member_rows m ON m.trial_id = t.id AND experiment = ?1 AND in_plan "
                    "CROSS JOIN epoch_rows e ON e.trial_id = t.id WHERE variant = ?2 AND "
                    "state = 'done' ORDER BY t.id, epoch",
                    cells, 2, &arena, &table, err);
    if (ok) {
        *verdict = verdict_of(curves, read_curves(&table, group, curves, &arena), group->units,
                              board->has_classes);
        add_help(board, group, verdict);
        if (group->moments[RESULT_LEARNED].n && group->moments[RESULT_LEARNED].maximum == 0)
            verdict->kind = VERDICT_FAILED;
    }
    arena_close(&arena);
    return ok;
}
