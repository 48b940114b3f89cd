/* What the script of a page reads: variants, curves and comparisons as JSON. The page itself is
 * page.c. */
#include "report/figures.h"
#include "report/page.h"

#include <math.h>

/* Points of a curve that a page of many variants can hold. */
enum { POINTS_MIN = 40, POINTS_MAX = 200, POINTS_ALL = 30000, T_COUNT = 200 };

/* What two variants are compared in. */
static const struct {
    enum result_number number;
    const char *name;
    bool of_classes, of_values;
} numbers[] = {
    {RESULT_VAL_ACCURACY, "validation accuracy", true, false},
    {RESULT_VAL_LOSS, "validation loss", true, true},
    {RESULT_TEST_ACCURACY, "test accuracy", true, false},
    {RESULT_TEST_LOSS, "test loss", true, true},
    {RESULT_TEST_MAE, "test mae", false, true},
    {RESULT_FINAL_TEST_ACCURACY, "test accuracy at the end", true, false},
    {RESULT_FINAL_TEST_LOSS, "test loss at the end", false, true},
    {RESULT_BEST_EPOCH, "best epoch", true, true},
    {RESULT_GAP, "gap at the end", true, true},
    {RESULT_TRAIN_SECONDS, "training time (s)", true, true},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static const char *const curve_names[PAGE_CURVES] = {
    [PAGE_TRAIN_LOSS] = "train loss",
    [PAGE_PROBE_LOSS] = "probe loss",
    [PAGE_VAL_LOSS] = "validation loss",
    [PAGE_PROBE_ACCURACY] = "probe accuracy",
    [PAGE_VAL_ACCURACY] = "validation accuracy",
};

/* As JSON, and so that no "</script>" or "<!--" can come about. */
static void put_string(const char *text, FILE *out) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 32 || *c == '<' || *c == '>' || *c == '&' || *c == 127)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void put_number(double x, const char *format, FILE *out) {
    char text[40];
    snprintf(text, sizeof text, format, x);
    fputs(isfinite(x) ? text : "null", out);
}

static bool is_shown(size_t n, const struct leaderboard *board) {
    return board->has_classes ? numbers[n].of_classes : numbers[n].of_values;
}

/* A row a trial that is done: unit, four seeds, numbers. */
static void put_trials(const struct leaderboard *board, const struct group *group, FILE *out) {
    const char *comma = "";
    for (size_t i = 0; i < group->count; i++) {
        const struct result *r = &group->results[i];
        if (!result_is_done(r))
            continue;
        fprintf(out, "%s[%zu,\"%lld %lld %lld %lld\"", comma, r->unit, (long long)r->seed,
                (long long)r->split_seed, (long long)r->init_seed, (long long)r->order_seed);
        for (size_t n = 0; n < NUMBERS; n++)
            if (is_shown(n, board)) {
                fputc(',', out);
                /* So many digits that differences which are equal stay so: page.js. */
                put_number(r->number[numbers[n].number], "%.15g", out);
            }
        fputc(']', out);
        comma = ",";
    }
}

static void put_series(const struct curve *curve, size_t step,
                       double (*value)(const struct moments *m), FILE *out) {
    const char *comma = "";
    for (size_t e = 0; e < curve->epochs; e++)
        if (e % step == 0 || e + 1 == curve->epochs) {
            fputs(comma, out);
            put_number(value(&curve->at[e]), "%.4g", out);
            comma = ",";
        }
}

static double mean(const struct moments *m) {
    return m->n ? m->mean : (double)NAN;
}
static double low(const struct moments *m) {
    return m->n ? curve_low(m, m->n) : (double)NAN;
}
static double high(const struct moments *m) {
    return m->n ? curve_high(m, m->n) : (double)NAN;
}

static bool has_points(const struct curve *curve) {
    for (size_t e = 0; e < curve->epochs; e++)
        if (curve->at[e].n)
            return true;
    return false;
}

static void put_curves(const struct curve *curves, size_t points, FILE *out) {
    size_t epochs = curves[0].epochs, step = epochs / points + 1;
    const char *comma = "";
    fputs("\"epochs\":[", out);
    for (size_t e = 0; e < epochs; e++)
        if (e % step == 0 || e + 1 == epochs)
            fprintf(out, "%s%zu", e ? "," : "", e + 1);
    fputs("],\"curves\":{", out);
    for (size_t c = 0; c < PAGE_CURVES; c++) {
        if (!has_points(&curves[c]))
            continue;
        fprintf(out, "%s\"%s\":[[", comma, curve_names[c]);
        put_series(&curves[c], step, mean, out);
        fputs("],[", out);
        put_series(&curves[c], step, low, out);
        fputs("],[", out);
        put_series(&curves[c], step, high, out);
        fputs("]]", out);
        comma = ",";
    }
    fputc('}', out);
}

static void put_board(const struct page *page, const struct leaderboard *board, size_t points,
                      FILE *out) {
    const char *comma = "";
    fputs("{\"dataset\":", out);
    put_string(board->dataset, out);
    fprintf(out, ",\"classes\":%s,\"numbers\":[", board->has_classes ? "true" : "false");
    for (size_t n = 0; n < NUMBERS; n++)
        if (is_shown(n, board)) {
            fprintf(out, "%s\"%s\"", comma, numbers[n].name);
            comma = ",";
        }
    struct arena arena = {0};
    fputs("],\"axes\":{\"accuracy\":\"accuracy (fraction of rows)\",\"loss\":", out);
    put_string(arena_printf(&arena, "loss (%s)", figure_loss(board->loss, &arena)), out);
    arena_close(&arena);
    fputs("},\"variants\":[", out);
    for (size_t g = 0; g < board->count; g++) {
        const struct group *group = &board->groups[g];
        fprintf(out, "%s{\"label\":", g ? "," : "");
        put_string(group->label, out);
        fputs(",\"trials\":[", out);
        put_trials(board, group, out);
        fputs("],", out);
        put_curves(page->curves[group - page->summary.results.groups], points, out);
        fputc('}', out);
    }
    fputs("]}", out);
}

void page_put_data(const struct page *page, FILE *out) {
    const struct results *results = &page->summary.results;
    size_t points = results->count ? POINTS_ALL / results->count : POINTS_MAX;
    points = points < POINTS_MIN ? POINTS_MIN : points > POINTS_MAX ? POINTS_MAX : points;
    fputs("{\"t\":[", out);
    for (size_t n = 1; n <= T_COUNT; n++)
        fprintf(out, "%s%.6f", n > 1 ? "," : "", t_quantile((double)n));
    fputs("],\"boards\":[", out);
    for (size_t b = 0; b < results->board_count; b++) {
        if (b)
            fputc(',', out);
        put_board(page, &results->boards[b], points, out);
    }
    fputs("]}", out);
}
