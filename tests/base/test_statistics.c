/* Statistics against SciPy, NumPy and statsmodels (golden/statistics.txt, by statistics.py), to
 * 1e-9, random sign flips within five standard errors. What these do not define (a single value,
 * NaN, rounding): against values known beforehand. */
#include "base/rng.h"
#include "base/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { LISTS_MAX = 3, VALUES_MAX = 300 };

/* A line of golden/statistics.txt: lists of numbers, the last of them what SciPy makes of the
 * others. */
struct golden {
    size_t lists, count[LISTS_MAX];
    double values[LISTS_MAX][VALUES_MAX];
};

static void read_lists(char *text, struct golden *golden) {
    *golden = (struct golden){0};
    char *rest = NULL;
    for (char *word = strtok_r(text, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        size_t list = golden->lists;
        if (strcmp(word, "]") == 0)
            golden->lists++;
        else if (strcmp(word, "[") != 0) {
            assert_true(list < LISTS_MAX && golden->count[list] < VALUES_MAX);
            golden->values[list][golden->count[list]++] = strtod(word, NULL);
        }
    }
}

/* Calls check for all cases of this name; there must be some. */
static void for_each_case(const char *name, void (*check)(const struct golden *golden)) {
    FILE *file = fopen(TESTS_DIR "/base/golden/statistics.txt", "r");
    assert_non_null(file);
    char line[16384];
    size_t length = strlen(name), cases = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, name, length) != 0 || line[length] != ' ')
            continue;
        struct golden golden;
        read_lists(line + length, &golden);
        check(&golden);
        cases++;
    }
    fclose(file);
    assert_true(cases > 0);
}

static void assert_close(double got, double expected) {
    if (!(fabs(got - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("%.17g, not %.17g", got, expected);
}

static void check_t_quantile(const struct golden *g) {
    assert_close(t_quantile(g->values[0][0]), g->values[1][0]);
}
static void t_quantiles_are_those_of_scipy(void **state) {
    (void)state;
    for_each_case("t_quantile", check_t_quantile);
}

static void t_quantiles_fall_with_the_degrees_of_freedom(void **state) {
    (void)state;
    for (size_t degrees = 1; degrees < 2000; degrees++)
        assert_true(t_quantile((double)degrees) > t_quantile((double)degrees + 1));
}

static void check_moments(const struct golden *g) {
    const double *x = g->values[0], *expected = g->values[1];
    struct moments m = moments_of(x, g->count[0], 1);
    assert_int_equal(m.n, g->count[0]);
    double got[] = {m.mean,
                    m.sd,
                    m.half,
                    m.minimum,
                    m.maximum,
                    median_of(x, m.n),
                    median_absolute_deviation(x, m.n)};
    for (size_t i = 0; i < sizeof got / sizeof *got; i++)
        assert_close(got[i], expected[i]);
}
static void moments_and_medians_are_those_of_scipy(void **state) {
    (void)state;
    for_each_case("moments", check_moments);
}

static void nan_is_left_out_of_moments_and_medians(void **state) {
    (void)state;
    double nan = (double)NAN, values[] = {nan, 1, nan, 2, 6, nan};
    struct moments m = moments_of(values, 6, 1);
    assert_int_equal(m.n, 3);
    assert_close(m.mean, 3);
    assert_close(median_of(values, 6), 2);
    assert_close(median_absolute_deviation(values, 6), 1);
    assert_int_equal(moments_of(values, 1, 1).n, 0);
    assert_true(isnan(moments_of(values, 1, 1).mean) && isnan(median_of(values, 1)));
}

static void one_value_has_no_spread_and_no_interval(void **state) {
    (void)state;
    double value = 5;
    struct moments m = moments_of(&value, 1, 1);
    struct interval interval = interval_of(&m);
    assert_close(interval.mean, 5);
    assert_true(isnan(m.sd) && isnan(m.half) && isnan(interval.low) && isnan(interval.high));
    double others[] = {1, 2, 3};
    struct moments n = moments_of(others, 3, 1);
    assert_true(isnan(welch_interval(&m, &n).low));
}

static void equal_values_have_no_spread_at_all(void **state) {
    (void)state;
    double values[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    struct moments m = moments_of(values, 7, 1);
    assert_true(m.mean == 0.1 && m.sd == 0 && m.half == 0);
}

static void values_may_stand_apart(void **state) {
    (void)state;
    double values[] = {1, -1, 3, -1, 5};
    assert_close(moments_of(values, 3, 2).mean, 3);
}

static void check_welch(const struct golden *g) {
    struct moments a = moments_of(g->values[0], g->count[0], 1);
    struct moments b = moments_of(g->values[1], g->count[1], 1);
    struct interval got = welch_interval(&a, &b);
    assert_close(got.mean, g->values[2][0]);
    assert_close(got.low, g->values[2][1]);
    assert_close(got.high, g->values[2][2]);
}
static void welch_intervals_are_those_of_scipy(void **state) {
    (void)state;
    for_each_case("welch", check_welch);
}

static void check_paired(const struct golden *g) {
    double d[VALUES_MAX];
    struct differences paired = differences_of(g->values[1], g->values[0], g->count[0], d);
    struct interval got = interval_of(&paired.moments);
    assert_close(got.mean, g->values[2][0]);
    assert_close(got.low, g->values[2][1]);
    assert_close(got.high, g->values[2][2]);
}
static void paired_intervals_are_those_of_scipy(void **state) {
    (void)state;
    for_each_case("paired", check_paired);
}

/* Shares of `rows`, and how they differ. Shapes: shares, changes [n]. */
static struct differences share_differences(size_t rows, const size_t *shares, const int *changes,
                                            size_t n, double *d) {
    double x[VALUES_MAX], y[VALUES_MAX];
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)shares[i] / (double)rows;
        y[i] = (double)((int)shares[i] + changes[i]) / (double)rows;
    }
    return differences_of(x, y, n, d);
}

static void differences_that_cancel_have_a_mean_of_0(void **state) {
    (void)state;
    const size_t shares[] = {5736, 5741, 5722, 5730, 5755, 5719};
    const int changes[] = {7, -3, 11, -9, 2, -8};
    double d[6];
    struct differences paired = share_differences(6000, shares, changes, 6, d);
    assert_true(moments_of(d, 6, 1).mean != 0);
    assert_true(paired.moments.mean == 0 && paired.moments.sd > 0.001);
    assert_close(sign_flip_p(d, 6, paired.rounding, NULL), 1);
}

static void means_that_round_differently_do_not_differ(void **state) {
    (void)state;
    double x[] = {(0.1 + 0.3 + 0.2) / 3}, y[] = {(0.3 + 0.2 + 0.1) / 3}, d[1];
    assert_true(x[0] != y[0]);
    assert_true(differences_of(x, y, 1, d).moments.mean == 0 && d[0] == 0);
}

static void small_differences_stay(void **state) {
    (void)state;
    double x[VALUES_MAX], y[VALUES_MAX], d[VALUES_MAX];
    for (size_t i = 0; i < VALUES_MAX; i++)
        x[i] = y[i] = 0.9 + (double)i / 1e4;
    y[7] += 1e-6; /* one row of a million, in one of 300 seeds */
    assert_close(differences_of(x, y, VALUES_MAX, d).moments.mean * 1e9, 1e3 / VALUES_MAX);
    for (size_t i = 0; i < VALUES_MAX; i++)
        y[i] = x[i] * (1 + 1e-12);
    assert_true(differences_of(x, y, VALUES_MAX, d).moments.mean > 0.8e-12);
}

static void infinite_values_have_infinite_differences(void **state) {
    (void)state;
    double x[] = {1, (double)INFINITY, 1}, y[] = {2, 1, 1}, d[3];
    assert_true(differences_of(x, y, 3, d).moments.mean == -(double)INFINITY);
    assert_true(d[0] == 1 && d[1] == -(double)INFINITY && d[2] == 0);
}

/* Against whole numbers of rows, whose sums do not round. */
static void shares_of_many_rows_have_the_sign_flip_p_of_their_counts(void **state) {
    (void)state;
    enum { N = 8, ROWS = 55000 };
    for (uint32_t i = 0; i < 200; i++) {
        struct rng_words a = rng_draw((struct rng){{1, 2}}, i, 0, 0, 0);
        struct rng_words b = rng_draw((struct rng){{1, 2}}, i, 1, 0, 0);
        size_t shares[N];
        int changes[N];
        double d[N], counts[N];
        for (size_t k = 0; k < N; k++) {
            uint32_t bits = (k < 4 ? a : b).word[k % 4];
            shares[k] = 50000 + bits % 4000;
            changes[k] = (int)(bits >> 16 & 7) - 3;
            counts[k] = changes[k];
        }
        struct differences paired = share_differences(ROWS, shares, changes, N, d);
        assert_true(sign_flip_p(d, N, paired.rounding, NULL) == sign_flip_p(counts, N, 0, NULL));
    }
}

static void check_correlation(const struct golden *g) {
    assert_close(correlation(g->values[0], g->values[1], g->count[0]), g->values[2][0]);
}
static void correlations_are_those_of_scipy(void **state) {
    (void)state;
    for_each_case("correlation", check_correlation);
}

static void constant_side_has_no_correlation(void **state) {
    (void)state;
    double x[] = {1, 1, 1}, y[] = {1, 2, 3};
    assert_true(isnan(correlation(x, y, 3)));
}

/* Up to 16 differences exactly; above, within five standard errors of 100,000 draws. */
static void check_sign_flip(const struct golden *g) {
    double got = sign_flip_p(g->values[0], g->count[0], 0, NULL), p = g->values[1][0];
    if (g->count[0] <= 16)
        assert_close(got, p);
    else if (!(fabs(got - p) < 5 * sqrt(p * (1 - p) / 1e5) + 1e-5))
        fail_msg("%.6f is too far from %.6f", got, p);
}
static void sign_flip_p_is_that_of_scipys_permutation_test(void **state) {
    (void)state;
    for_each_case("sign_flip", check_sign_flip);
}

static void random_flips_count_the_one_seen_and_repeat_themselves(void **state) {
    (void)state;
    double same[200], mixed[200];
    for (size_t i = 0; i < 200; i++) {
        same[i] = 0.5;
        mixed[i] = i % 2 ? 1 : -0.9;
    }
    assert_close(sign_flip_p(same, 200, 0, NULL), 1.0 / 100001);
    assert_true(sign_flip_p(mixed, 200, 0, NULL) == sign_flip_p(mixed, 200, 0, NULL));
}

/* The same choices of signs, one after another. */
static double sign_flip_p_by_definition(const double *differences, size_t n) {
    enum { FLIPS = 100000 };
    double seen = 0;
    size_t extreme = 0;
    for (size_t i = 0; i < n; i++)
        seen += differences[i];
    for (uint32_t f = 0; f < FLIPS; f++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            struct rng_words words =
                rng_draw((struct rng){{0x73666c70, 1}}, f, (uint32_t)(i / 128), 0, 0);
            sum += words.word[i / 32 % 4] >> i % 32 & 1 ? -differences[i] : differences[i];
        }
        extreme += fabs(sum) >= fabs(seen) - 1e-12;
    }
    return (double)(extreme + 1) / (FLIPS + 1);
}

static void random_flips_are_the_same_kept_or_drawn_anew(void **state) {
    (void)state;
    enum { MOST = 1100 };
    struct arena arena = {0};
    struct sign_flips flips = {.arena = &arena};
    double differences[MOST];
    for (size_t i = 0; i < MOST; i++)
        differences[i] = sin((double)(i * i)) + 0.06;
    const size_t counts[] = {17, 130, 100, MOST}; /* more are drawn, fewer kept, too many to keep */
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        double p = sign_flip_p(differences, counts[i], 0, &flips);
        assert_true(p == sign_flip_p(differences, counts[i], 0, NULL));
        if (counts[i] < MOST)
            assert_true(p == sign_flip_p_by_definition(differences, counts[i]));
    }
    arena_close(&arena);
}

static void no_differences_are_no_evidence(void **state) {
    (void)state;
    assert_close(sign_flip_p(NULL, 0, 0, NULL), 1);
}

static void least_p_is_that_of_equal_differences(void **state) {
    (void)state;
    double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (size_t n = 1; n <= 10; n++)
        assert_close(sign_flip_p(ones, n, 0, NULL), sign_flip_least_p(n));
}

static void check_holm(const struct golden *g) {
    double adjusted[VALUES_MAX];
    holm_adjust(g->values[0], g->count[0], adjusted);
    for (size_t i = 0; i < g->count[0]; i++)
        assert_close(adjusted[i], g->values[1][i]);
}
static void holm_adjusts_as_statsmodels_does(void **state) {
    (void)state;
    for_each_case("holm", check_holm);
}

static void check_mcnemar(const struct golden *g) {
    assert_close(mcnemar_p((size_t)g->values[0][0], (size_t)g->values[0][1]), g->values[1][0]);
}
static void mcnemar_p_is_scipys_binomial_test(void **state) {
    (void)state;
    for_each_case("mcnemar", check_mcnemar);
}

static void check_binomial(const struct golden *g) {
    assert_close(binomial_error(g->values[0][0], (size_t)g->values[0][1]), g->values[1][0]);
}
static void binomial_errors_are_those_of_scipy(void **state) {
    (void)state;
    for_each_case("binomial", check_binomial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_quantiles_are_those_of_scipy),
        cmocka_unit_test(t_quantiles_fall_with_the_degrees_of_freedom),
        cmocka_unit_test(moments_and_medians_are_those_of_scipy),
        cmocka_unit_test(nan_is_left_out_of_moments_and_medians),
        cmocka_unit_test(one_value_has_no_spread_and_no_interval),
        cmocka_unit_test(equal_values_have_no_spread_at_all),
        cmocka_unit_test(values_may_stand_apart),
        cmocka_unit_test(welch_intervals_are_those_of_scipy),
        cmocka_unit_test(paired_intervals_are_those_of_scipy),
        cmocka_unit_test(differences_that_cancel_have_a_mean_of_0),
        cmocka_unit_test(means_that_round_differently_do_not_differ),
        cmocka_unit_test(small_differences_stay),
        cmocka_unit_test(infinite_values_have_infinite_differences),
        cmocka_unit_test(shares_of_many_rows_have_the_sign_flip_p_of_their_counts),
        cmocka_unit_test(correlations_are_those_of_scipy),
        cmocka_unit_test(constant_side_has_no_correlation),
        cmocka_unit_test(sign_flip_p_is_that_of_scipys_permutation_test),
        cmocka_unit_test(random_flips_count_the_one_seen_and_repeat_themselves),
        cmocka_unit_test(random_flips_are_the_same_kept_or_drawn_anew),
        cmocka_unit_test(no_differences_are_no_evidence),
        cmocka_unit_test(least_p_is_that_of_equal_differences),
        cmocka_unit_test(holm_adjusts_as_statsmodels_does),
        cmocka_unit_test(mcnemar_p_is_scipys_binomial_test),
        cmocka_unit_test(binomial_errors_are_those_of_scipy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
