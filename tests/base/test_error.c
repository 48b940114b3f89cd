#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

/* What error_print writes. Owns: to be freed. */
static char *printed(const struct error *err) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    error_print(err, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_prints(struct error *err, const char *expected) {
    char *text = printed(err);
    assert_string_equal(text, expected);
    free(text);
    error_clear(err);
}

static void both_ways_of_failing_return_false(void **state) {
    (void)state;
    struct error err = {0};
    assert_false(error_set(&err, ERROR_FAILED, "disk full"));
    assert_false(error_at(&err, (struct place){0}, "unknown knob"));
    error_clear(&err);
}

static void first_cause_wins(void **state) {
    (void)state;
    struct error err = {0};
    error_set(&err, ERROR_USAGE, "no file %d", 1);
    error_set(&err, ERROR_FAILED, "no file %d", 2);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(err.count, 1);
    assert_prints(&err, "mlpsweep: error: no file 1\n");
}

static void placed_error_makes_an_empty_error_invalid(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){.file = "a.yaml"}, "empty");
    assert_int_equal(err.kind, ERROR_INVALID);
    error_clear(&err);
}

static void placed_error_keeps_the_kind_of_the_first(void **state) {
    (void)state;
    struct error err = {0};
    error_set(&err, ERROR_USAGE, "first");
    error_at(&err, (struct place){.file = "a.yaml"}, "second");
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(err.count, 2);
    error_clear(&err);
}

static void placed_errors_come_in_the_order_in_which_they_were_noted(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){"a.yaml", NULL, 7, 1}, "one");
    error_at(&err, (struct place){"a.yaml", NULL, 3, 1}, "two");
    error_at(&err, (struct place){"b.yaml", NULL, 1, 1}, "three");
    assert_prints(&err, "a.yaml:7:1: error: one\n"
                        "a.yaml:3:1: error: two\n"
                        "b.yaml:1:1: error: three\n");
}

static void caret_stands_under_its_column(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){"a.yaml", "loss: mce\nseed: 1\n", 2, 7}, "unknown loss 'mce'");
    assert_prints(&err, "a.yaml:2:7: error: unknown loss 'mce'\n"
                        "  loss: mce\n"
                        "        ^\n");
}

static void caret_keeps_tabs_so_that_it_lines_up(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){"a", "\tx\ty", 1, 4}, "here");
    assert_prints(&err, "a:1:4: error: here\n"
                        "  \tx\ty\n"
                        "  \t \t^\n");
}

static void caret_counts_a_utf8_letter_once(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){"a", "\xC3\xA9t\xC3\xA9 x", 1, 7}, "here");
    assert_prints(&err, "a:1:7: error: here\n"
                        "  \xC3\xA9t\xC3\xA9 x\n"
                        "      ^\n");
}

static void caret_may_stand_behind_the_line(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){"a", "ab\r\n", 1, 5}, "here");
    assert_prints(&err, "a:1:5: error: here\n"
                        "  ab\n"
                        "      ^\n");
}

static void file_alone_is_shown_without_a_line(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){.file = "train.gz"}, "cut short");
    assert_prints(&err, "train.gz: error: cut short\n");
}

static void source_line_is_copied(void **state) {
    (void)state;
    struct error err = {0};
    char file[] = "a", line[] = "ab";
    error_at(&err, (struct place){file, line, 1, 1}, "here");
    memset(file, '?', 1);
    memset(line, '?', 2);
    assert_prints(&err, "a:1:1: error: here\n"
                        "  ab\n"
                        "  ^\n");
}

static void moved_messages_follow_those_that_were_there(void **state) {
    (void)state;
    struct error err = {0}, from = {0};
    error_set(&err, ERROR_USAGE, "one");
    error_at(&from, (struct place){.file = "b"}, "two");
    error_at(&from, (struct place){.file = "c"}, "three");
    error_move(&err, &from);
    assert_null(from.first);
    assert_int_equal(from.count, 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(err.count, 3);
    error_at(&err, (struct place){.file = "d"}, "four");
    assert_prints(&err, "mlpsweep: error: one\n"
                        "b: error: two\n"
                        "c: error: three\n"
                        "d: error: four\n");
}

static void moving_into_an_empty_error_brings_the_kind(void **state) {
    (void)state;
    struct error err = {0}, from = {0};
    error_set(&from, ERROR_INTERRUPTED, "stopped");
    error_move(&err, &from);
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    error_clear(&err);
}

static void moving_nothing_changes_nothing(void **state) {
    (void)state;
    struct error err = {0}, from = {0};
    error_set(&err, ERROR_FAILED, "one");
    error_move(&err, &from);
    assert_int_equal(err.count, 1);
    assert_prints(&err, "mlpsweep: error: one\n");
}

static void cleared_error_can_be_used_again(void **state) {
    (void)state;
    struct error err = {0};
    error_set(&err, ERROR_USAGE, "one");
    error_clear(&err);
    assert_int_equal(err.kind, ERROR_NONE);
    error_set(&err, ERROR_FAILED, "two");
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_prints(&err, "mlpsweep: error: two\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_of_failing_return_false),
        cmocka_unit_test(first_cause_wins),
        cmocka_unit_test(placed_error_makes_an_empty_error_invalid),
        cmocka_unit_test(placed_error_keeps_the_kind_of_the_first),
        cmocka_unit_test(placed_errors_come_in_the_order_in_which_they_were_noted),
        cmocka_unit_test(caret_stands_under_its_column),
        cmocka_unit_test(caret_keeps_tabs_so_that_it_lines_up),
        cmocka_unit_test(caret_counts_a_utf8_letter_once),
        cmocka_unit_test(caret_may_stand_behind_the_line),
        cmocka_unit_test(file_alone_is_shown_without_a_line),
        cmocka_unit_test(source_line_is_copied),
        cmocka_unit_test(moved_messages_follow_those_that_were_there),
        cmocka_unit_test(moving_into_an_empty_error_brings_the_kind),
        cmocka_unit_test(moving_nothing_changes_nothing),
        cmocka_unit_test(cleared_error_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
