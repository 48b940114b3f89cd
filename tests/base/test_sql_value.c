/* What is a number and what becomes NULL. How values are written: tests/report/test_table.c. */
#include "base/sql_value.h"

#include <math.h>

#include "test.h"

static void numbers_are_those_of_integers_and_reals(void **state) {
    (void)state;
    struct sql_value whole = sql_integer(-7), real = sql_real(0.5);
    assert_true(sql_number(&whole) == -7);
    assert_true(sql_number(&real) == 0.5);
}

static void texts_and_nulls_are_no_numbers(void **state) {
    (void)state;
    struct sql_value text = sql_text("7"), null = sql_null();
    assert_true(isnan(sql_number(&text)));
    assert_true(isnan(sql_number(&null)));
}

static void nan_and_absent_text_are_null(void **state) {
    (void)state;
    assert_int_equal(sql_real((double)NAN).type, SQL_NULL);
    assert_int_equal(sql_text(NULL).type, SQL_NULL);
    assert_int_equal(sql_real((double)INFINITY).type, SQL_REAL);
    assert_int_equal(sql_text("").type, SQL_TEXT);
}

static void text_of_other_cells_is_empty(void **state) {
    (void)state;
    struct sql_value text = sql_text("7"), whole = sql_integer(7), null = sql_null();
    struct sql_value blob = {.type = SQL_BLOB, .text = "7", .length = 1};
    assert_string_equal(sql_text_or_empty(&text), "7");
    assert_string_equal(sql_text_or_empty(&whole), "");
    assert_string_equal(sql_text_or_empty(&blob), "");
    assert_string_equal(sql_text_or_empty(&null), "");
}

static void cells_are_found_by_the_whole_name_of_their_column(void **state) {
    (void)state;
    const char *names[] = {"loss", "loss_arguments"};
    struct sql_value cells[] = {sql_text("mse"), sql_text("{}")};
    struct table table = {1, 2, names, cells};
    assert_ptr_equal(sql_find(&table, "loss"), &cells[0]);
    assert_ptr_equal(sql_find(&table, "loss_arguments"), &cells[1]);
    assert_null(sql_find(&table, "los"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_integers_and_reals),
        cmocka_unit_test(texts_and_nulls_are_no_numbers),
        cmocka_unit_test(nan_and_absent_text_are_null),
        cmocka_unit_test(text_of_other_cells_is_empty),
        cmocka_unit_test(cells_are_found_by_the_whole_name_of_their_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
