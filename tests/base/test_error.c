/* What is printed of errors, character by character: places, carets, long lines, control
 * characters; and which of several errors is kept. */
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
    char *result = strdup(text);
    free(text);
    return result;
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

/* A text of `length` letters with "here" at `at`. Owns: to be freed. */
static char *long_text(size_t length, size_t at) {
    char *text = malloc(length + 1);
    assert_non_null(text);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + i % 26);
    memcpy(text + at, "HERE", 4);
    text[length] = '\0';
    return text;
}

static void long_source_line_is_cut_around_the_place(void **state) {
    (void)state;
    struct error err = {0};
    char *line = long_text(200000, 100000);
    error_at(&err, (struct place){"a", line, 1, 100001}, "here");
    char *text = printed(&err), *source = strchr(text, '\n') + 1, *below = strchr(source, '\n') + 1;
    assert_memory_equal(source, "  ...", 5);
    assert_memory_equal(below - 4, "...\n", 4);
    assert_in_range(below - source, 80, 120);
    assert_memory_equal(source + (strchr(below, '^') - below), "HERE", 4);
    free(text);
    free(line);
    error_clear(&err);
}

static void line_is_cut_between_characters(void **state) {
    (void)state;
    struct error err = {0};
    char line[601] = "";
    for (size_t i = 0; i < 300; i++)
        memcpy(line + 2 * i, "\xC3\xA9", 3);
    error_at(&err, (struct place){"a", line, 1, 301}, "here");
    char *text = printed(&err), *source = strchr(text, '\n') + 1;
    assert_null(strchr(source, '\\'));
    assert_memory_equal(source, "  ...\xC3\xA9", 7);
    assert_int_equal(strchr(strchr(source, '\n') + 1, '^') - strchr(source, '\n') - 1, 5 + 50);
    free(text);
    error_clear(&err);
}

static void long_message_lacks_its_middle(void **state) {
    (void)state;
    struct error err = {0};
    char *value = long_text(30000000, 5);
    error_at(&err, (struct place){.file = "a"}, "unknown name '%s'; did you mean 'b'?", value);
    size_t length = strlen(err.first->text);
    assert_in_range(length, 500, ERROR_TEXT_MAX);
    assert_memory_equal(err.first->text, "unknown name 'abcdeHERE", 23);
    assert_non_null(strstr(err.first->text, "..."));
    assert_string_equal(err.first->text + length - 19, "; did you mean 'b'?");
    free(value);
    error_clear(&err);
}

static void twenty_messages_are_shown_and_the_others_counted(void **state) {
    (void)state;
    struct error err = {0}, more = {0};
    for (size_t i = 1; i <= 15000; i++) {
        error_at(&err, (struct place){"a", "x", i, 1}, "wrong");
        error_at(&more, (struct place){"b", "x", i, 1}, "wrong");
    }
    error_move(&err, &more);
    assert_int_equal(err.count, 30000);
    assert_in_range(err.kept, ERRORS_SHOWN, 2 * ERRORS_KEPT);
    char *text = printed(&err);
    assert_in_range(strlen(text), 1, 2000);
    assert_non_null(strstr(text, "a:20:1: error: wrong\n"));
    assert_null(strstr(text, "a:21:1: error: wrong\n"));
    assert_non_null(strstr(text, "mlpsweep: and 29980 more\n"));
    free(text);
    error_clear(&err);
}

static void control_characters_never_reach_the_output(void **state) {
    (void)state;
    struct error err = {0};
    error_at(&err, (struct place){"a\x1b[2J", "k: \x1b]0;t\x07 x\xFF y", 1, 12}, "no '\x1b[31m'\n");
    assert_prints(&err, "a\\x1b[2J:1:12: error: no '\\x1b[31m' \n"
                        "  k: \\x1b]0;t\\x07 x\\xff y\n"
                        "                   ^\n");
}

static void interruption_is_not_called_an_error(void **state) {
    (void)state;
    struct error err = {0};
    error_set(&err, ERROR_INTERRUPTED, "interrupted");
    assert_prints(&err, "mlpsweep: interrupted\n");
}

static void warnings_are_called_so(void **state) {
    (void)state;
    struct error warnings = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    error_at(&warnings, (struct place){"a.yaml", "x: 1", 1, 4}, "odd");
    error_print_warnings(&warnings, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "a.yaml:1:4: warning: odd\n  x: 1\n     ^\n");
    free(text);
    error_clear(&warnings);
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
    assert_int_equal(err.kept, 3);
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
        cmocka_unit_test(long_source_line_is_cut_around_the_place),
        cmocka_unit_test(line_is_cut_between_characters),
        cmocka_unit_test(long_message_lacks_its_middle),
        cmocka_unit_test(twenty_messages_are_shown_and_the_others_counted),
        cmocka_unit_test(control_characters_never_reach_the_output),
        cmocka_unit_test(interruption_is_not_called_an_error),
        cmocka_unit_test(warnings_are_called_so),
        cmocka_unit_test(moved_messages_follow_those_that_were_there),
        cmocka_unit_test(moving_into_an_empty_error_brings_the_kind),
        cmocka_unit_test(moving_nothing_changes_nothing),
        cmocka_unit_test(cleared_error_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
