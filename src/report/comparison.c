#include "report/comparison.h"

#include <math.h>
#include <string.h>

bool result_is_pair(const struct result *a, const struct result *b) {
    return result_is_done(a) && result_is_done(b) && a->seed == b->seed &&
           a->split_seed == b->split_seed && a->init_seed == b->init_seed &&
           a->order_seed == b->order_seed;
}

/* The pairs' numbers, a mean for each unit of a. Shapes: x, y [a->units]. */
static size_t pair_up(const struct group *a, const struct group *b, enum result_number number,
                      double *x, double *y) {
    size_t pairs = 0;
    for (size_t u = 0; u < a->units; u++) {
        double sum_x = 0, sum_y = 0;
        size_t n = 0;
        for (size_t i = 0; i < a->count; i++)
            for (size_t j = 0; a->results[i].unit == u && j < b->count; j++) {
                double left = a->results[i].number[number], right = b->results[j].number[number];
                if (!result_is_pair(&a->results[i], &b->results[j]) || isnan(left) || isnan(right))
                    continue;
                sum_x += left;
                sum_y += right;
                n++;
            }
        if (!n)
            continue;
        x[pairs] = sum_x / (double)n;
        y[pairs++] = sum_y / (double)n;
    }
    return pairs;
}

static double rows_error(const struct group *a, const struct group *b) {
    double rows = a->moments[RESULT_VALIDATION_ROWS].mean;
    double wrong = 2 - a->moments[RESULT_VAL_ACCURACY].mean - b->moments[RESULT_VAL_ACCURACY].mean;
    return rows > 0 && wrong >= 0 ? discordant_error(fmin(wrong, 1) * rows, (size_t)rows)
                                  : (double)NAN;
}

struct comparison comparison_of(const struct group *a, const struct group *b,
                                enum result_number number, struct arena *arena) {
    double *x = arena_alloc(arena, a->units, sizeof *x),
           *y = arena_alloc(arena, a->units, sizeof *y);
    double *differences = arena_alloc(arena, a->units, sizeof *differences);
    size_t n = pair_up(a, b, number, x, y);
    for (size_t i = 0; i < n; i++)
        differences[i] = y[i] - x[i];
    double p = n < COMPARISON_PAIRS_MIN ? (double)NAN : sign_flip_p(differences, n);
    return (struct comparison){
        .a = a,
        .b = b,
        .number = number,
        .differences = differences,
        .pairs = n,
        .paired = moments_of(differences, n, 1),
        .welch = welch_interval(&b->moments[number], &a->moments[number]),
        .r = correlation(x, y, n),
        .p = p,
        .adjusted = p,
        .rows_error = number == RESULT_VAL_ACCURACY ? rows_error(a, b) : (double)NAN,
    };
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

struct comparison *comparisons_of(const struct leaderboard *board, const struct group *reference,
                                  size_t *count, struct arena *arena) {
    struct comparison *comparisons = arena_alloc(arena, board->count, sizeof *comparisons);
    *count = 0;
    for (size_t g = 0; g < board->count; g++)
        if (&board->groups[g] != reference)
            comparisons[(*count)++] =
                comparison_of(reference, &board->groups[g], board_number(board), arena);
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
