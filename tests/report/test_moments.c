#include "report/moments.h"

#include <math.h>

#include "test.h"

static const double nan_ = (double)NAN;

static void assert_close(double actual, double expected) {
    if (isnan(expected) ? !isnan(actual) : !(fabs(actual - expected) <= 1e-5 * fabs(expected)))
        fail_msg("%.9g, not %.9g", actual, expected);
}

/* Intervals from tables of Student's t: 12.7062, 4.30265, 2.77645 times sd / sqrt(n). */
static void moments_are_those_of_the_textbook(void **state) {
    (void)state;
    static const struct {
        double values[5];
        size_t count, n;
        double mean, sd, half, minimum, maximum;
    } cases[] = {
        {{1, 2, 3, 4, 5}, 5, 5, 3, 1.58113883, 1.96324, 1, 5},
        {{2, 4}, 2, 2, 3, 1.41421356, 12.7062047, 2, 4},
        {{-1, 0, 1}, 3, 3, 0, 1, 2.48413772, -1, 1},
        {{7, 7, 7}, 3, 3, 7, 0, 0, 7, 7},
        {{0.5}, 1, 1, 0.5, NAN, NAN, 0.5, 0.5},
        {{0}, 0, 0, NAN, NAN, NAN, NAN, NAN},
        {{NAN, 2, NAN, 4}, 4, 2, 3, 1.41421356, 12.7062047, 2, 4},
        {{NAN, NAN}, 2, 0, NAN, NAN, NAN, NAN, NAN},
        {{NAN, -3}, 2, 1, -3, NAN, NAN, -3, -3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct moments m = moments_of(cases[i].values, cases[i].count, 1);
        assert_int_equal(m.n, cases[i].n);
        assert_close(m.mean, cases[i].mean);
        assert_close(m.sd, cases[i].sd);
        assert_close(m.half, cases[i].half);
        assert_close(m.minimum, cases[i].minimum);
        assert_close(m.maximum, cases[i].maximum);
    }
}

static void values_between_the_strides_are_passed_over(void **state) {
    (void)state;
    const double values[] = {1, 100, nan_, 3, -100, 50, 5, 7, 9};
    struct moments m = moments_of(values, 3, 3);
    assert_int_equal(m.n, 3);
    assert_close(m.mean, 3);
    assert_close(m.maximum, 5);
}

/* The deviations are taken from the mean, so that an offset does not swallow them. */
static void spread_survives_a_large_offset(void **state) {
    (void)state;
    const double values[] = {1e15 + 1, 1e15 + 2, 1e15 + 3};
    assert_close(moments_of(values, 3, 1).sd, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_textbook),
        cmocka_unit_test(values_between_the_strides_are_passed_over),
        cmocka_unit_test(spread_survives_a_large_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
