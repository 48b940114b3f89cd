#include "base/cell.h"

#include <math.h>

#include "test.h"

static void numbers_are_those_of_integers_and_reals(void **state) {
    (void)state;
    struct cell whole = cell_integer(-7), real = cell_real(0.5);
    assert_true(cell_number(&whole) == -7);
    assert_true(cell_number(&real) == 0.5);
}

static void texts_and_nulls_are_no_numbers(void **state) {
    (void)state;
    struct cell text = cell_text("7"), null = cell_null();
    assert_true(isnan(cell_number(&text)));
    assert_true(isnan(cell_number(&null)));
}

static void nan_and_absent_text_are_null(void **state) {
    (void)state;
    assert_int_equal(cell_real((double)NAN).type, CELL_NULL);
    assert_int_equal(cell_text(NULL).type, CELL_NULL);
    assert_int_equal(cell_real((double)INFINITY).type, CELL_REAL);
    assert_int_equal(cell_text("").type, CELL_TEXT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_integers_and_reals),
        cmocka_unit_test(texts_and_nulls_are_no_numbers),
        cmocka_unit_test(nan_and_absent_text_are_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
