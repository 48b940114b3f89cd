/* The ticks of axes, as the text that gnuplot is given; and ranges that a few outliers must not
 * stretch. */
#include "report/ticks.h"

#include "test.h"

#include <math.h>
#include <string.h>

/* How often a text occurs in another. */
static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static void ticks_of_epochs_are_whole(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(ticks_whole((struct range){1, 2, false}, 12, &arena), "('1' 1, '2' 2)");
    assert_string_equal(ticks_whole((struct range){1, 12, false}, 4, &arena),
                        "('1' 1, '5' 5, '10' 10)");
    assert_string_equal(ticks_whole((struct range){0.5, 1.5, false}, 12, &arena), "('1' 1)");
    assert_string_equal(ticks_whole((struct range){1, 40, false}, 5, &arena),
                        "('1' 1, '10' 10, '20' 20, '30' 30, '40' 40)");
    arena_close(&arena);
}

static void ticks_keep_to_the_room_there_is(void **state) {
    (void)state;
    struct arena arena = {0};
    for (double high = 1; high < 1e12; high *= 7)
        for (size_t room = 2; room < 12; room++) {
            assert_true(count_of(ticks_linear((struct range){0, high, false}, room, &arena),
                                 "' ") <= 2 * room);
            assert_true(count_of(ticks_whole((struct range){0, high, false}, room, &arena), "' ") <=
                        room + 2);
            assert_true(count_of(ticks_logarithmic((struct range){1e-6, high, false}, room, &arena),
                                 "' ") <= room + 1);
        }
    arena_close(&arena);
}

static void logarithmic_ticks_stand_between_and_above_a_hundred_thousand(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(ticks_logarithmic((struct range){0.04, 3, false}, 10, &arena),
                        "('0.05' 0.05, '0.1' 0.1, '0.2' 0.2, '0.5' 0.5, '1' 1, '2' 2)");
    assert_string_equal(ticks_logarithmic((struct range){5e4, 5e7, false}, 4, &arena),
                        "('1e5' 100000, '1e6' 1000000, '1e7' 10000000)");
    assert_string_equal(ticks_logarithmic((struct range){1, 1e30, false}, 4, &arena),
                        "('1' 1, '1e8' 100000000, '1e16' 1e+16, '1e24' 1e+24)");
    arena_close(&arena);
}

static void ticks_of_one_axis_have_one_notation(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(ticks_logarithmic((struct range){15000, 250000, false}, 8, &arena),
                        "('20000' 20000, '50000' 50000, '100000' 100000, '200000' 200000)");
    assert_string_equal(ticks_logarithmic((struct range){9e2, 2e6, false}, 4, &arena),
                        "('1e3' 1000, '1e4' 10000, '1e5' 100000, '1e6' 1000000)");
    assert_string_equal(ticks_linear((struct range){0, 2e6, false}, 4, &arena),
                        "('0' 0, '5e5' 500000, '1e6' 1000000, '1.5e6' 1500000, '2e6' 2000000)");
    assert_string_equal(ticks_logarithmic((struct range){1e-5, 0.2, false}, 5, &arena),
                        "('1e-5' 1e-05, '1e-4' 0.0001, '1e-3' 0.001, '1e-2' 0.01, '1e-1' 0.1)");
    arena_close(&arena);
}

static void ticks_are_at_least_three(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(ticks_linear((struct range){4, 99, false}, 4, &arena),
                        "('20' 20, '40' 40, '60' 60, '80' 80)");
    assert_string_equal(ticks_logarithmic((struct range){0.05, 0.49, false}, 10, &arena),
                        "('0.05' 0.05, '0.07' 0.07, '0.1' 0.1, '0.15' 0.15, '0.2' 0.2, '0.3' 0.3)");
    arena_close(&arena);
}

static void range_within_a_decade_has_ticks(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(ticks_logarithmic((struct range){0.21, 0.29, false}, 4, &arena),
                        "('0.22' 0.22, '0.24' 0.24, '0.26' 0.26, '0.28' 0.28)");
    arena_close(&arena);
}

/* In room for two none is nearer to the next than a third of the panel, or nearly so. */
static void logarithmic_ticks_of_a_narrow_panel_stay_apart(void **state) {
    (void)state;
    struct arena arena = {0};
    for (double low = 100; low < 1000; low *= 1.1)
        for (double high = 3 * low; high < 50 * low; high *= 1.3) {
            const char *at = ticks_logarithmic((struct range){low, high, false}, 2, &arena);
            double last = 0, tick;
            for (; (at = strstr(at, "' ")); at += 2) {
                assert_int_equal(sscanf(at, "' %lf", &tick), 1);
                assert_true(last == 0 || log(tick / last) >= 0.3 * log(high / low));
                last = tick;
            }
            assert_true(last > 0);
        }
    arena_close(&arena);
}

static void explosion_lies_outside_the_range(void **state) {
    (void)state;
    double calm[] = {0.5, 0.4, 0.3, 0.25, 0.2, 0.2, 0.19, 0.18};
    double wild[] = {0.5, 0.4, 0.3, 0.25, 0.2, 0.2, 0.19, 1e30, (double)INFINITY, (double)NAN};
    struct range range = range_of(calm, 8, true, CUT_HIGH);
    assert_false(range.cut);
    assert_true(range.low < 0.18 && range.high > 0.5 && range.high < 0.6);
    range = range_of(wild, 10, true, CUT_HIGH);
    assert_true(range.cut);
    assert_true(range.low < 0.19 && range.high > 0.5 && range.high < 0.6);
}

static void only_the_sides_asked_for_are_cut(void **state) {
    (void)state;
    double low[] = {0.5, 0.4, 0.45, 0.42, 0.47, 0.44, 0.49, 1e-9};
    struct range range = range_of(low, 8, false, CUT_HIGH);
    assert_false(range.cut);
    assert_true(range.low < 1e-9);
    range = range_of(low, 8, false, CUT_LOW | CUT_HIGH);
    assert_true(range.cut);
    assert_true(range.low > 0.3);
}

static void range_of_one_value_is_around_it(void **state) {
    (void)state;
    double one[] = {3}, none[] = {(double)NAN};
    struct range range = range_of(one, 1, false, CUT_HIGH);
    assert_true(range.low < 3 && range.high > 3);
    range = range_of(none, 1, false, CUT_HIGH);
    assert_true(range.low < range.high);
    one[0] = 0;
    range = range_of(one, 1, true, CUT_HIGH);
    assert_true(range.low > 0 && range.low < range.high);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_of_epochs_are_whole),
        cmocka_unit_test(ticks_keep_to_the_room_there_is),
        cmocka_unit_test(logarithmic_ticks_stand_between_and_above_a_hundred_thousand),
        cmocka_unit_test(ticks_of_one_axis_have_one_notation),
        cmocka_unit_test(ticks_are_at_least_three),
        cmocka_unit_test(range_within_a_decade_has_ticks),
        cmocka_unit_test(logarithmic_ticks_of_a_narrow_panel_stay_apart),
        cmocka_unit_test(explosion_lies_outside_the_range),
        cmocka_unit_test(only_the_sides_asked_for_are_cut),
        cmocka_unit_test(range_of_one_value_is_around_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
