#include "report/comparison.h"

#include "base/thread.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* As many take longer than starting a thread. */
enum { THREAD_COMPARISONS = 32 };

bool result_is_pair(const struct result *a, const struct result *b) {
    return result_is_done(a) && result_is_done(b) && a->seed == b->seed &&
           a->split_seed == b->split_seed && a->init_seed == b->init_seed &&
           a->order_seed == b->order_seed;
}

/* By the four seeds. */
static int by_seeds(const void *left, const void *right) {
    const struct result *a = *(const struct result *const *)left;
    const struct result *b = *(const struct result *const *)right;
    if (a->seed != b->seed)
        return a->seed < b->seed ? -1 : 1;
    if (a->split_seed != b->split_seed)
        return a->split_seed < b->split_seed ? -1 : 1;
    if (a->init_seed != b->init_seed)
        return a->init_seed < b->init_seed ? -1 : 1;
    return (a->order_seed > b->order_seed) - (a->order_seed < b->order_seed);
}

static size_t sort_done(const struct group *group, const struct result **sorted) {
    size_t done = 0;
    for (size_t i = 0; i < group->count; i++)
        if (result_is_done(&group->results[i]))
            sorted[done++] = &group->results[i];
    qsort(sorted, done, sizeof *sorted, by_seeds);
    return done;
}

/* The pairs' numbers, a mean for each unit of a. Shapes: x, y [a->units]. */
static size_t pair_up(const struct group *a, const struct group *b, enum result_number number,
                      double *x, double *y) {
    struct arena arena = {0};
    const struct result **others = arena_alloc(&arena, b->count, sizeof *others);
    size_t *found = arena_alloc(&arena, a->units, sizeof *found);
    size_t done = sort_done(b, others), pairs = 0;
    for (size_t u = 0; u < a->units; u++)
        x[u] = y[u] = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct result *own = &a->results[i];
        const struct result **other =
            result_is_done(own) ? bsearch(&own, others, done, sizeof *others, by_seeds) : NULL;
        if (!other || isnan(own->number[number]) || isnan((*other)->number[number]))
            continue;
        x[own->unit] += own->number[number];
        y[own->unit] += (*other)->number[number];
        found[own->unit]++;
    }
    for (size_t u = 0; u < a->units; u++)
        if (found[u]) {
            x[pairs] = x[u] / (double)found[u];
            y[pairs++] = y[u] / (double)found[u];
        }
    arena_close(&arena);
    return pairs;
}

static double rows_error(const struct group *a, const struct group *b) {
    double rows = a->moments[RESULT_VALIDATION_ROWS].mean;
    double wrong = 2 - a->moments[RESULT_VAL_ACCURACY].mean - b->moments[RESULT_VAL_ACCURACY].mean;
    return rows > 0 && wrong >= 0 ? discordant_error(fmin(wrong, 1) * rows, (size_t)rows)
                                  : (double)NAN;
}

static double p_of(const struct comparison *comparison, struct sign_flips *flips) {
    return comparison->pairs < COMPARISON_PAIRS_MIN
               ? (double)NAN
               : sign_flip_p(comparison->differences, comparison->pairs, comparison->rounding,
                             flips);
}

/* All but p. */
static struct comparison compare(const struct group *a, const struct group *b,
                                 enum result_number number, struct arena *arena) {
    double *x = arena_alloc(arena, a->units, sizeof *x),
           *y = arena_alloc(arena, a->units, sizeof *y);
    double *differences = arena_alloc(arena, a->units, sizeof *differences);
    size_t n = pair_up(a, b, number, x, y);
    struct differences paired = differences_of(x, y, n, differences);
    return (struct comparison){
        .a = a,
        .b = b,
        .number = number,
        .differences = differences,
        .pairs = n,
        .paired = paired.moments,
        .rounding = paired.rounding,
        .welch = welch_interval(&b->moments[number], &a->moments[number]),
        .r = correlation(x, y, n),
        .rows_error = number == RESULT_VAL_ACCURACY ? rows_error(a, b) : (double)NAN,
    };
}

struct comparison comparison_of(const struct group *a, const struct group *b,
                                enum result_number number, struct arena *arena) {
    struct comparison comparison = compare(a, b, number, arena);
    comparison.p = comparison.adjusted = p_of(&comparison, NULL);
    return comparison;
}

/* Holm over those that have a p. */
static void adjust(struct comparison *comparisons, size_t count) {
    struct arena arena = {0};
    double *p = arena_alloc(&arena, count, sizeof *p);
    double *adjusted = arena_alloc(&arena, count, sizeof *adjusted);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(comparisons[i].p))
            p[n++] = comparisons[i].p;
    holm_adjust(p, n, adjusted);
    n = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(comparisons[i].p))
            comparisons[i].adjusted = adjusted[n++];
    arena_close(&arena);
}

/* Comparisons whose p several threads seek. */
struct testing {
    struct comparison *comparisons; /* [count] */
    size_t count;
    atomic_size_t next;
};

static void *test_comparisons(void *argument) {
    struct testing *testing = argument;
    struct arena scratch = {0};
    struct sign_flips flips = {.arena = &scratch};
    for (size_t i; (i = atomic_fetch_add(&testing->next, 1)) < testing->count;) {
        struct comparison *comparison = &testing->comparisons[i];
        comparison->p = comparison->adjusted = p_of(comparison, &flips);
    }
    arena_close(&scratch);
    return NULL;
}

struct comparison *comparisons_of(const struct leaderboard *board, const struct group *reference,
                                  size_t *count, struct arena *arena) {
    struct comparison *comparisons = arena_alloc(arena, board->count, sizeof *comparisons);
    *count = 0;
    for (size_t g = 0; g < board->count; g++)
        if (&board->groups[g] != reference)
            comparisons[(*count)++] =
                compare(reference, &board->groups[g], board_number(board), arena);
    struct testing testing = {.comparisons = comparisons, .count = *count};
    thread_share(test_comparisons, &testing, 1 + *count / THREAD_COMPARISONS);
    adjust(comparisons, *count);
    return comparisons;
}

size_t comparison_seeds_needed(size_t count) {
    size_t seeds = COMPARISON_PAIRS_MIN;
    while ((double)count * sign_flip_least_p(seeds) > COMPARISON_SIGNIFICANT)
        seeds++;
    return seeds;
}

enum result_number board_number(const struct leaderboard *board) {
    return board->has_classes ? RESULT_VAL_ACCURACY : RESULT_VAL_LOSS;
}

const struct group *board_reference(const struct leaderboard *board, const char *baseline) {
    for (size_t g = 0; g < board->count; g++)
        if (baseline && strcmp(board->groups[g].variant, baseline) == 0)
            return &board->groups[g];
    return &board->groups[0];
}
