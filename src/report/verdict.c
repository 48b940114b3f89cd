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

static double mean_between(const double *values, size_t from, size_t to) {
    return mean_of(values + from, to - from);
}

/* Epochs that all trials have. */
static size_t common_epochs(const struct verdict_curve *curves, size_t count) {
    size_t common = curves[0].epochs;
    for (size_t i = 1; i < count; i++)
        common = curves[i].epochs < common ? curves[i].epochs : common;
    return common;
}

/* Validation losses of some trials in one epoch. */
struct loss_sum {
    double finite;
    size_t infinite; /* how many are, or are not there */
};

/* The epoch in which the smoothed mean of n trials is lowest, `epochs` where there is none;
 * infinite where one of them is. They are all trials but those of one unit, if that is given.
 * Shapes: all, without, smoothed [epochs], scratch likewise. */
static size_t find_lowest(const struct loss_sum *all, const struct loss_sum *without, size_t n,
                          size_t epochs, double *scratch, double *smoothed) {
    for (size_t e = 0; e < epochs; e++) {
        size_t infinite = all[e].infinite - (without ? without[e].infinite : 0);
        double finite = all[e].finite - (without ? without[e].finite : 0);
        scratch[e] = infinite ? (double)INFINITY : finite / (double)n;
    }
    curve_smooth(scratch, epochs, smoothed);
    return curve_lowest(smoothed, epochs);
}

/* Shapes: sums [(units + 1) x epochs], all trials behind the units; counts [units + 1]. */
static void add_losses(const struct verdict_curve *curves, size_t count, size_t units,
                       size_t epochs, struct loss_sum *sums, size_t *counts) {
    for (size_t i = 0; i < count; i++) {
        const size_t rows[] = {curves[i].unit, units};
        for (size_t r = 0; r < 2; r++) {
            counts[rows[r]]++;
            for (size_t e = 0; e < epochs; e++) {
                struct loss_sum *sum = &sums[rows[r] * epochs + e];
                double loss = curves[i].val_loss[e];
                sum->infinite += isfinite(loss) ? 0 : 1;
                sum->finite += isfinite(loss) ? loss : 0;
            }
        }
    }
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
    double end = mean_between(c->val_loss, start, c->epochs);
    return (struct change){
        .gap = end - mean_between(c->probe_loss, start, c->epochs) -
               (mean_between(c->val_loss, from, to) - mean_between(c->probe_loss, from, to)),
        .accuracy = mean_between(c->val_accuracy, start, c->epochs) -
                    mean_between(c->val_accuracy, from, to),
        .fall = start > before ? end - mean_between(c->val_loss, before, start) : (double)NAN,
        .end = end,
    };
}

/* Means of one field of the changes over the trials of each unit. */
static struct moments change_moments(const struct verdict_curve *curves,
                                     const struct change *changes, size_t count, size_t units,
                                     size_t offset, struct arena *arena) {
    double *means = arena_alloc(arena, units, sizeof *means);
    size_t *trials = arena_alloc(arena, units, sizeof *trials);
    for (size_t i = 0; i < count; i++) {
        double own;
        memcpy(&own, (const char *)&changes[i] + offset, sizeof own);
        means[curves[i].unit] += isnan(own) ? 0 : own;
        trials[curves[i].unit] += isnan(own) ? 0 : 1;
    }
    for (size_t u = 0; u < units; u++)
        means[u] = trials[u] == 1 ? means[u] : means[u] / (double)trials[u]; /* NaN of none */
    return moments_of(means, units, 1);
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
    struct loss_sum *sums = arena_alloc(&arena, (units + 1) * epochs, sizeof *sums);
    size_t *counts = arena_alloc(&arena, units + 1, sizeof *counts);
    add_losses(curves, count, units, epochs, sums, counts);
    const struct loss_sum *all = sums + units * epochs;
    size_t best = find_lowest(all, NULL, count, epochs, scratch, smoothed);
    v.kind = VERDICT_UNVALIDATED;
    if (best < epochs) {
        v.level = smoothed[best];
        for (size_t i = 0; i < count; i++) {
            /* The best epoch of the others: the noise of this trial's own minimum would look like a
             * rise after it. */
            size_t unit = curves[i].unit, at = best;
            if (units > 1)
                at = find_lowest(all, sums + unit * epochs, count - counts[unit], epochs, scratch,
                                 smoothed);
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

/* Those of a group, in the order of its trials. Shapes: curves [group->count]. */
static size_t curves_of(const struct histories *histories, const struct group *group,
                        struct verdict_curve *curves) {
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct result *result = &group->results[i];
        const struct history *history =
            result_is_done(result) ? history_of(histories, result->id) : NULL;
        if (history && history->epochs)
            curves[count++] =
                (struct verdict_curve){.unit = result->unit,
                                       .epochs = history->epochs,
                                       .val_loss = history->values[HISTORY_VAL_LOSS],
                                       .probe_loss = history->values[HISTORY_PROBE_LOSS],
                                       .val_accuracy = history->values[HISTORY_VAL_ACCURACY]};
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
        v->help = differences_of(best, end, n, end).moments;
        v->help_is_test = test;
    }
    arena_close(&arena);
}

static struct verdict judge(const struct histories *histories, const struct leaderboard *board,
                            const struct group *group, struct verdict_curve *curves) {
    struct verdict verdict =
        verdict_of(curves, curves_of(histories, group, curves), group->units, board->has_classes);
    add_help(board, group, &verdict);
    if (group->moments[RESULT_LEARNED].n && group->moments[RESULT_LEARNED].maximum == 0)
        verdict.kind = VERDICT_FAILED;
    return verdict;
}

void verdicts_of(const struct results *results, const struct histories *histories,
                 struct verdict *verdicts) {
    struct arena arena = {0};
    struct verdict_curve *curves = arena_alloc(&arena, results->done, sizeof *curves);
    for (size_t b = 0; b < results->board_count; b++)
        for (size_t g = 0; g < results->boards[b].count; g++) {
            const struct group *group = &results->boards[b].groups[g];
            verdicts[group - results->groups] =
                judge(histories, &results->boards[b], group, curves);
        }
    arena_close(&arena);
}
