/* What holds of a variant's trials: which failed, and what their spread covers. */
#include "report/sentences.h"
#include "report/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 8 }; /* that a sentence lists */

/* A seed further from the median than this many median absolute deviations is named. */
static const double far = 10;

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Whether trials of the variant share a seed, so that it names none of them. */
static bool shares_seeds(const struct group *group) {
    struct arena arena = {0};
    int64_t *seeds = arena_alloc(&arena, group->count, sizeof *seeds);
    bool shares = false;
    for (size_t i = 0; i < group->count; i++)
        seeds[i] = group->results[i].seed;
    qsort(seeds, group->count, sizeof *seeds, ascending);
    for (size_t i = 1; i < group->count; i++)
        shares |= seeds[i] == seeds[i - 1];
    arena_close(&arena);
    return shares;
}

/* Whether it says so of a trial; `limits` are those of find_limits. */
typedef bool is_of_trial(const struct subject *s, const double limits[2], const struct result *r);

/* Where seeds begin to be outliers; NaN: nowhere. */
static void find_limits(const struct subject *s, double limits[2]) {
    struct arena arena = {0};
    double *values = arena_alloc(&arena, s->group->count, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < s->group->count; i++)
        if (result_is_done(&s->group->results[i]))
            values[n++] = s->group->results[i].number[board_number(s->board)];
    double median = median_of(values, n), mad = median_absolute_deviation(values, n);
    bool can_tell = n > 2 && mad > 0;
    limits[0] = can_tell ? median - far * mad : (double)NAN;
    limits[1] = can_tell ? median + far * mad : (double)NAN;
    arena_close(&arena);
}

static size_t count_seeds(const struct subject *s, is_of_trial *is) {
    double limits[2];
    size_t count = 0;
    find_limits(s, limits);
    for (size_t i = 0; i < s->group->count; i++)
        count += is(s, limits, &s->group->results[i]) ? 1 : 0;
    return count;
}

/* The trials for which `is` says so, by seed or by id: `seeds 3, 5 and 2 more`. */
static const char *list_seeds(const struct subject *s, is_of_trial *is, size_t *count) {
    const char *list = "";
    bool by_id = shares_seeds(s->group);
    double limits[2];
    find_limits(s, limits);
    *count = 0;
    for (size_t i = 0; i < s->group->count; i++) {
        const struct result *r = &s->group->results[i];
        if (!is(s, limits, r) || (*count)++ >= NAMES_MAX)
            continue;
        const char *name = by_id && r->trial ? arena_printf(s->arena, "%.8s", r->trial)
                                             : arena_printf(s->arena, "%lld", (long long)r->seed);
        list = arena_printf(s->arena, "%s%s%s", list, *list ? ", " : "", name);
    }
    const char *more =
        *count > NAMES_MAX ? arena_printf(s->arena, " and %zu more", *count - NAMES_MAX) : "";
    return arena_printf(s->arena, "%s%s %s%s", by_id ? "trial" : "seed", words_plural(*count), list,
                        more);
}

static bool is_diverged(const struct subject *s, const double limits[2], const struct result *r) {
    (void)s, (void)limits;
    return strcmp(r->state, "diverged") == 0;
}
static bool has_diverged(const struct subject *s) {
    return s->group->diverged > 0;
}
static const char *diverged_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_diverged, &n);
    return arena_printf(s->arena, "%zu of %zu seeds diverged and are in no mean (%s).", n,
                        s->group->count, list);
}

static bool is_failed(const struct subject *s, const double limits[2], const struct result *r) {
    (void)s, (void)limits;
    return result_is_done(r) && r->number[RESULT_LEARNED] == 0;
}
static bool has_failed(const struct subject *s) {
    return count_seeds(s, is_failed) > 0;
}
static bool has_failed_classes(const struct subject *s) {
    return s->board->has_classes && has_failed(s);
}
static const char *failed_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_failed, &n);
    return arena_printf(s->arena,
                        "%zu of %zu seed%s failed to learn: validation accuracy is never above the "
                        "largest class's share of the rows by two standard errors (%s).",
                        n, s->group->count, words_plural(s->group->count), list);
}
static bool has_failed_values(const struct subject *s) {
    return !s->board->has_classes && has_failed(s);
}
static const char *mean_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_failed, &n);
    return arena_printf(s->arena,
                        "%zu of %zu seed%s no better than predicting the training mean: the "
                        "validation loss is never below that (%s).",
                        n, s->group->count, s->group->count == 1 ? " is" : "s are", list);
}

static bool is_outlier(const struct subject *s, const double limits[2], const struct result *r) {
    double number = r->number[board_number(s->board)];
    return result_is_done(r) && (number < limits[0] || number > limits[1]);
}
static bool has_outliers(const struct subject *s) {
    return count_seeds(s, is_outlier) > 0;
}
static const char *outlier_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_outlier, &n);
    return arena_printf(s->arena,
                        "More than 10 median absolute deviations from the median: %s. Read the "
                        "median, not the mean.",
                        list);
}

/* Which seeds all trials that are done share, as bits: 1 the split's, 2 the order's, 4 the
 * initialization's. */
static unsigned shared_seeds(const struct group *group) {
    const struct result *first = NULL;
    unsigned shared = 7;
    for (size_t i = 0; i < group->count; i++) {
        const struct result *r = &group->results[i];
        if (!result_is_done(r))
            continue;
        first = first ? first : r;
        shared &= (r->split_seed == first->split_seed ? 1U : 0) |
                  (r->order_seed == first->order_seed ? 2U : 0) |
                  (r->init_seed == first->init_seed ? 4U : 0);
    }
    return shared;
}
static bool leaves_out(const struct subject *s) {
    return s->group->units > 1 && shared_seeds(s->group);
}
static const char *left_out_text(const struct subject *s) {
    static const char *const what[] = {"the choice of rows", "the order of the rows",
                                       "the initial weights"};
    static const char *const knob[] = {"split_seed", "order_seed", "init_seed"};
    const char *words = "", *seeds = "";
    size_t n = 0;
    for (unsigned i = 0; i < 3; i++)
        if (shared_seeds(s->group) >> i & 1) {
            words = arena_printf(s->arena, "%s%s%s", words, n ? " and " : "", what[i]);
            seeds = arena_printf(s->arena, "%s%s%s", seeds, n++ ? " and " : "", knob[i]);
        }
    return arena_printf(s->arena,
                        "The spread leaves out %s (%s %s fixed): other seeds differ by more.",
                        words, seeds, n == 1 ? "is" : "are");
}
static bool is_crossed(const struct subject *s) {
    return s->group->units < s->group->count - s->group->diverged;
}
static const char *crossed_text(const struct subject *s) {
    return arena_printf(s->arena, "Its %zu trials share seeds and count as %zu independent ones.",
                        s->group->count - s->group->diverged, s->group->units);
}

const struct sentence trial_sentences[] = {
    {"diverged", has_diverged, diverged_text},
    {"failed", has_failed_classes, failed_text},
    {"no better than the mean", has_failed_values, mean_text},
    {"outliers", has_outliers, outlier_text},
    {"crossed", is_crossed, crossed_text},
    {"left out", leaves_out, left_out_text},
    {NULL, NULL, NULL},
};
