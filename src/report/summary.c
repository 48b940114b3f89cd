#include "report/summary.h"

#include "report/table.h"

#include <math.h>
#include <string.h>

/* Validation loss this much above its best counts as risen; contract, `onset_epoch`. */
static const double risen = 1.05;
/* Accuracy within this of its best counts as not fallen. */
static const double fallen = 0.005;
/* A net whose validation accuracy stays below this multiple of chance has not learned. */
static const double chance_multiple = 2;

/* `0.9532 ±0.0021`, without a spread where there is one value. */
static struct sql_value spread_cell(const struct moments *m, int digits, struct arena *arena) {
    if (!m->n)
        return sql_text("");
    const char *mean = arena_printf(arena, "%.*f", digits, m->mean);
    if (isnan(m->half))
        return sql_text(mean);
    return sql_text(arena_printf(arena, "%s ±%.*f", mean, digits, m->half));
}

/* `12.4 (8-15)`: an epoch's mean and range. */
static struct sql_value epoch_cell(const struct moments *m, struct arena *arena) {
    if (!m->n)
        return sql_text("");
    if (m->n == 1 || m->minimum == m->maximum)
        return sql_text(arena_printf(arena, "%.0f", m->mean));
    return sql_text(arena_printf(arena, "%.1f (%.0f-%.0f)", m->mean, m->minimum, m->maximum));
}

static struct sql_value seeds_cell(const struct group *group, struct arena *arena) {
    const char *text = group->count == group->planned
                           ? arena_printf(arena, "%zu", group->count)
                           : arena_printf(arena, "%zu of %zu", group->count, group->planned);
    if (group->diverged)
        text = arena_printf(arena, "%s, %zu diverged", text, group->diverged);
    return sql_text(text);
}

static const char *group_name(const struct group *group) {
    return *group->label ? group->label : "all trials";
}

static void write_leaderboard(const struct results *results, struct arena *arena, FILE *out) {
    const char *classes[] = {"rank",          "variant",    "seeds",  "val accuracy",
                             "test accuracy", "best epoch", "wasted", "gap"};
    const char *values[] = {"rank",      "variant",    "seeds",  "val loss",
                            "test loss", "best epoch", "wasted", "gap"};
    enum { COLUMNS = sizeof classes / sizeof *classes };
    bool c = results->has_classes;
    struct table table = {results->count, COLUMNS, c ? classes : values,
                          arena_alloc(arena, results->count * COLUMNS, sizeof *table.cells)};
    for (size_t g = 0; g < results->count; g++) {
        const struct group *group = &results->groups[g];
        const struct moments *m = group->moments;
        struct sql_value cells[COLUMNS] = {
            sql_integer((int64_t)g + 1),
            sql_text(group_name(group)),
            seeds_cell(group, arena),
            spread_cell(&m[c ? RESULT_VAL_ACCURACY : RESULT_VAL_LOSS], 4, arena),
            spread_cell(&m[c ? RESULT_TEST_ACCURACY : RESULT_TEST_LOSS], 4, arena),
            epoch_cell(&m[RESULT_BEST_EPOCH], arena),
            m[RESULT_WASTED_FRACTION].n
                ? sql_text(arena_printf(arena, "%.0f %%", m[RESULT_WASTED_FRACTION].mean * 100))
                : sql_text(""),
            spread_cell(&m[RESULT_GAP], 3, arena),
        };
        memcpy(&table.cells[g * COLUMNS], cells, sizeof cells);
    }
    table_write(&table, TABLE_TEXT, out);
}

/* What a reader must know to read the table. */
static void write_legend(const struct results *results, FILE *out) {
    bool repeats = false;
    for (size_t g = 0; g < results->count; g++)
        repeats |= results->groups[g].count > 1;
    fprintf(
        out,
        "\nval and test: at the epoch of the lowest validation loss (best epoch); wasted: epochs "
        "after it;\ngap: validation minus training (probe) loss at the end.%s\n",
        repeats ? " ±: 95 % interval of the mean over seeds." : "");
    if (!results->has_classes || !results->test_rows)
        return;
    double p = results->groups[0].moments[RESULT_TEST_ACCURACY].mean;
    if (p > 0 && p < 1)
        fprintf(out,
                "The test set's own sampling error is ±%.4f (%lld rows); intervals over seeds do "
                "not cover it.\n",
                1.96 * sqrt(p * (1 - p) / (double)results->test_rows),
                (long long)results->test_rows);
}

/* Seeds that fix the order or the split vary less than a rerun would. */
static void write_left_out(const struct group *group, FILE *out) {
    bool order = group->count > 1, split = group->count > 1;
    for (size_t i = 1; i < group->count; i++) {
        order &= group->results[i].order_seed == group->results[0].order_seed;
        split &= group->results[i].split_seed == group->results[0].split_seed;
    }
    if (order || split)
        fprintf(out,
                "The spread over seeds leaves out %s: %s fixed, so reruns differ more than this.\n",
                order && split ? "the order of the data and the choice of rows"
                : order        ? "the order of the data"
                               : "the choice of rows",
                order && split ? "order_seed and split_seed are"
                : order        ? "order_seed is"
                               : "split_seed is");
}

static void write_failures(const struct results *results, FILE *out) {
    for (size_t g = 0; results->classes && g < results->count; g++) {
        const struct group *group = &results->groups[g];
        const char *comma = "";
        size_t failed = 0;
        for (size_t i = 0; i < group->count; i++)
            failed += group->results[i].number[RESULT_VAL_ACCURACY] <
                      chance_multiple / (double)results->classes;
        if (!failed)
            continue;
        fprintf(out, "%s: %zu of %zu seeds failed to learn (validation accuracy near chance): ",
                group_name(group), failed, group->count);
        for (size_t i = 0; i < group->count; i++)
            if (group->results[i].number[RESULT_VAL_ACCURACY] <
                chance_multiple / (double)results->classes) {
                fprintf(out, "%s%lld", comma, (long long)group->results[i].seed);
                comma = ", ";
            }
        fputc('\n', out);
    }
}

static void write_overfitting(const struct group *group, FILE *out) {
    const struct moments *m = group->moments;
    double best = m[RESULT_VAL_LOSS].mean, last = m[RESULT_FINAL_VAL_LOSS].mean;
    double accuracy = m[RESULT_VAL_ACCURACY].mean, end = m[RESULT_FINAL_VAL_ACCURACY].mean;
    if (!m[RESULT_BEST_EPOCH].n) {
        fputs("No validation rows: nothing can be said about overfitting.\n", out);
        return;
    }
    bool one = m[RESULT_BEST_EPOCH].n == 1;
    if (*group->label)
        fprintf(out, "%s: ", group->label);
    fprintf(out, "%salidation loss is best at epoch %.*f of %.0f%s; ", *group->label ? "v" : "V",
            one ? 0 : 1, m[RESULT_BEST_EPOCH].mean, m[RESULT_EPOCHS].mean,
            one ? "" : " on average");
    if (m[RESULT_WASTED_EPOCHS].mean < 1.5) {
        fputs("it still falls at the end: train longer.\n", out);
        return;
    }
    fprintf(out, "the %.*f epochs after it (%.0f %%, %.1f s) are wasted.\n", one ? 0 : 1,
            m[RESULT_WASTED_EPOCHS].mean, m[RESULT_WASTED_FRACTION].mean * 100,
            m[RESULT_WASTED_FRACTION].mean * m[RESULT_TRAIN_SECONDS].mean);
    if (last <= risen * best)
        fprintf(out,
                "Validation loss then stands still (%.4f, at the end %.4f): hardly any "
                "overfitting.\n",
                best, last);
    else if (isnan(accuracy))
        fprintf(out, "Validation loss then rises from %.4f to %.4f: it overfits.\n", best, last);
    else if (end >= accuracy - fallen)
        fprintf(out,
                "Validation loss then rises from %.4f to %.4f while accuracy does not fall (%.4f, "
                "at the end %.4f):\nthe net grows overconfident, it does not lose accuracy.\n",
                best, last, accuracy, end);
    else
        fprintf(out,
                "Validation loss then rises from %.4f to %.4f and accuracy falls from %.4f to "
                "%.4f: it overfits.\n",
                best, last, accuracy, end);
}

static bool is_pair(const struct result *a, const struct result *b) {
    return strcmp(a->state, "done") == 0 && strcmp(b->state, "done") == 0 && a->seed == b->seed &&
           a->split_seed == b->split_seed && a->init_seed == b->init_seed &&
           a->order_seed == b->order_seed;
}

/* Differences of the first two variants, paired by all four seeds: no trial has two partners. */
static struct moments paired(const struct group *a, const struct group *b, size_t number,
                             struct arena *arena) {
    double *differences = arena_alloc(arena, a->count, sizeof *differences);
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (is_pair(&a->results[i], &b->results[j]))
                differences[n++] = a->results[i].number[number] - b->results[j].number[number];
    return moments_of(differences, n, 1);
}

static void write_comparison(const struct results *results, struct arena *arena, FILE *out) {
    if (results->count < 2 || !results->groups[1].count)
        return;
    const struct group *a = &results->groups[0], *b = &results->groups[1];
    bool classes = results->has_classes;
    size_t number = classes ? RESULT_VAL_ACCURACY : RESULT_VAL_LOSS;
    struct moments m = paired(a, b, number, arena);
    if (!m.n)
        return;
    double scale = classes ? 100 : 1;
    fprintf(out, "Against %s: %+.*f %s, ", group_name(b), classes ? 2 : 4, m.mean * scale,
            classes ? "points of validation accuracy" : "validation loss");
    if (m.n < 6)
        fprintf(out, "with %zu seed%s too few to tell.\n", m.n, m.n == 1 ? "" : "s");
    else
        fprintf(out, "95 %% interval %+.*f to %+.*f, paired over %zu seeds: %s.\n", classes ? 2 : 4,
                (m.mean - m.half) * scale, classes ? 2 : 4, (m.mean + m.half) * scale, m.n,
                fabs(m.mean) > m.half ? "a difference that seeds do not explain"
                                      : "no difference that seeds do not explain");
}

void summary_write(const struct results *results, FILE *out) {
    struct arena arena = {0};
    fprintf(out, "%s (%s): %zu variant%s, %zu of %zu trial%s done\n\n", results->experiment,
            results->dataset, results->count, results->count == 1 ? "" : "s", results->done,
            results->trials, results->trials == 1 ? "" : "s");
    if (results->done) {
        write_leaderboard(results, &arena, out);
        write_legend(results, out);
        fputc('\n', out);
        write_overfitting(&results->groups[0], out);
        write_comparison(results, &arena, out);
        write_left_out(&results->groups[0], out);
        write_failures(results, out);
    }
    arena_close(&arena);
}
