#include "trial/student.h"

#include <math.h>

#include "test.h"

/* The header's promise. */
static const double bound = 1e-5;

static void quantiles_are_those_of_the_tables(void **state) {
    (void)state;
    static const struct {
        size_t degrees;
        double quantile;
    } table[] = {{1, 12.7062047}, {2, 4.3026527},   {3, 3.1824463},   {4, 2.7764451},
                 {5, 2.5705818},  {9, 2.2621572},   {10, 2.2281389},  {20, 2.0859634},
                 {30, 2.0422725}, {31, 2.0395134},  {40, 2.0210754},  {50, 2.0085591},
                 {60, 2.0002978}, {100, 1.9839715}, {120, 1.9799304}, {1000, 1.9623391}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double got = student_quantile(table[i].degrees);
        if (!(fabs(got - table[i].quantile) < bound))
            fail_msg("%zu degrees: %.8f, not %.8f", table[i].degrees, got, table[i].quantile);
    }
}

/* The share of Student's distribution within -t..t, in closed form for whole degrees of freedom.
 * Source: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
static double share_within(double t, size_t degrees) {
    double theta = atan(t / sqrt((double)degrees)), c = cos(theta);
    double term = degrees % 2 ? c : 1, sum = degrees == 1 ? 0 : term;
    for (size_t k = degrees % 2 ? 3 : 2; k < degrees; k += 2) {
        term *= c * c * (double)(k - 1) / (double)k;
        sum += term;
    }
    return degrees % 2 ? 2 / acos(-1) * (theta + sin(theta) * sum) : sin(theta) * sum;
}

static void nineteen_twentieths_lie_within_the_quantile(void **state) {
    (void)state;
    for (size_t degrees = 1; degrees < 1000; degrees++) {
        double t = student_quantile(degrees);
        if (!(share_within(t - bound, degrees) < 0.95 && share_within(t + bound, degrees) > 0.95))
            fail_msg("%zu degrees: %.8f", degrees, t);
    }
}

static void more_degrees_of_freedom_bring_it_down_to_the_normal_quantile(void **state) {
    (void)state;
    for (size_t degrees = 1; degrees < 2000; degrees++)
        assert_true(student_quantile(degrees) > student_quantile(degrees + 1));
    assert_true(fabs(student_quantile(1000000000) - 1.959963985) < 1e-8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(nineteen_twentieths_lie_within_the_quantile),
        cmocka_unit_test(more_degrees_of_freedom_bring_it_down_to_the_normal_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
