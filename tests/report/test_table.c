/* Tables character by character: as text within a given width, as csv by RFC 4180, as json; with
 * any letters and bytes in them. */
#include "report/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* What table_write writes. Owns: to be freed. */
static char *written(const struct table *table, enum table_format format) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    table_write(table, format, out);
    fclose(out);
    return text;
}

static void assert_writes(const struct table *table, enum table_format format,
                          const char *expected) {
    char *text = written(table, format);
    assert_string_equal(text, expected);
    free(text);
}

/* What one of the functions for a single value writes. Owns: static. */
static const char *value_text(void (*write)(const struct sql_value *cell, FILE *out),
                              struct sql_value cell) {
    static char text[200];
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    write(&cell, out);
    fclose(out);
    return text;
}

static void text_aligns_numbers_to_the_right_and_texts_to_the_left(void **state) {
    (void)state;
    static const char *names[] = {"name", "n", "loss", "note"};
    struct sql_value cells[] = {
        sql_text("relu"),    sql_integer(5),   sql_real(0.25),        sql_text("x"),
        sql_text("sigmoid"), sql_integer(-12), sql_real(1234567.891), sql_null(),
        sql_null(),          sql_null(),       sql_real(1e-9),        sql_text("longer than it"),
    };
    const struct table table = {3, 4, names, cells};
    assert_writes(&table, TABLE_TEXT,
                  "name       n         loss  note\n"
                  "relu       5         0.25  x\n"
                  "sigmoid  -12  1.23457e+06  \n"
                  "                    1e-09  longer than it\n");
}

static void text_counts_letters_not_bytes(void **state) {
    (void)state;
    static const char *names[] = {"Größe", "ключ", "n"};
    struct sql_value cells[] = {sql_text("ä"),   sql_text("a"),       sql_integer(1),
                                sql_text("abc"), sql_text("активна"), sql_integer(22)};
    const struct table table = {2, 3, names, cells};
    assert_writes(&table, TABLE_TEXT,
                  "Größe  ключ      n\n"
                  "ä      a         1\n"
                  "abc    активна  22\n");
    assert_int_equal(table_width("Größe"), 5);
    assert_int_equal(table_width("活性"), 2);
    assert_int_equal(table_width(""), 0);
}

static void text_keeps_each_row_on_its_line(void **state) {
    (void)state;
    static const char *names[] = {"a\nb", "c"};
    struct sql_value cells[] = {sql_text("one\ntwo\r\n\tthree"), sql_text("x")};
    const struct table table = {1, 2, names, cells};
    assert_writes(&table, TABLE_TEXT,
                  "a b              c\n"
                  "one two   three  x\n");
}

static void table_without_rows_is_its_header(void **state) {
    (void)state;
    static const char *names[] = {"a", "b"};
    const struct table table = {0, 2, names, NULL};
    assert_writes(&table, TABLE_TEXT, "a  b\n");
    assert_writes(&table, TABLE_CSV, "a,b\n");
    assert_writes(&table, TABLE_JSON, "[]\n");
}

/* RFC 4180: fields with commas, quotes and line breaks are quoted, quotes are doubled. */
static void csv_quotes_what_needs_it_and_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"with blanks ", "with blanks "},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"\"", "\"\"\"\""},
        {"a\nb", "\"a\nb\""},
        {"a\r\nb", "\"a\r\nb\""},
        {"a\rb", "\"a\rb\""},
        {"100%d %s", "100%d %s"},
        {"%n,", "\"%n,\""},
        {"sgd(momentum=0.9, nesterov=true)", "\"sgd(momentum=0.9, nesterov=true)\""},
        {"Größe; 'x'\t", "Größe; 'x'\t"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(value_text(table_csv_field, sql_text(cases[i].text)), cases[i].field);
}

static void json_escapes_quotes_backslashes_and_control_characters(void **state) {
    (void)state;
    static const struct {
        const char *text, *string;
    } cases[] = {
        {"", "\"\""},
        {"plain / 'text'", "\"plain / 'text'\""},
        {"\"", "\"\\\"\""},
        {"\\n", "\"\\\\n\""},
        {"a\nb\tc", "\"a\\u000ab\\u0009c\""},
        {"\x01\x1F", "\"\\u0001\\u001f\""},
        {"\x7F", "\"\x7F\""},
        {"Größe 活性", "\"Größe 活性\""},
        {"100%d", "\"100%d\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(value_text(table_json_value, sql_text(cases[i].text)), cases[i].string);
}

static void null_nan_and_infinity_have_their_place_in_each_format(void **state) {
    (void)state;
    static const struct {
        struct sql_value cell;
        const char *text, *csv, *json;
    } cases[] = {
        {{.type = SQL_NULL}, "", "", "null"},
        {{.type = SQL_REAL, .real = (double)INFINITY}, "inf", "inf", "null"},
        {{.type = SQL_REAL, .real = -(double)INFINITY}, "-inf", "-inf", "null"},
        {{.type = SQL_INTEGER, .integer = INT64_MIN},
         "-9223372036854775808",
         "-9223372036854775808",
         "-9223372036854775808"},
        {{.type = SQL_REAL, .real = 0.1}, "0.1", "0.1", "0.1"},
        {{.type = SQL_REAL, .real = 1.0 / 3},
         "0.333333",
         "0.3333333333333333",
         "0.3333333333333333"},
        {{.type = SQL_REAL, .real = 1e300}, "1e+300", "1e+300", "1e+300"},
        {{.type = SQL_REAL, .real = 123456789}, "1.23457e+08", "123456789", "123456789"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(table_value_text(&cases[i].cell, &arena), cases[i].text);
        assert_string_equal(value_text(table_csv_field, cases[i].cell), cases[i].csv);
        assert_string_equal(value_text(table_json_value, cases[i].cell), cases[i].json);
    }
    assert_int_equal(sql_real((double)NAN).type, SQL_NULL);
    arena_close(&arena);
}

static void machine_formats_write_whole_tables(void **state) {
    (void)state;
    static const char *names[] = {"a,b", "n"};
    struct sql_value cells[] = {sql_text("x\"y"), sql_integer(1), sql_null(), sql_real(0.5)};
    const struct table table = {2, 2, names, cells};
    assert_writes(&table, TABLE_CSV, "\"a,b\",n\n\"x\"\"y\",1\n,0.5\n");
    assert_writes(&table, TABLE_JSON,
                  "[\n {\"a,b\": \"x\\\"y\", \"n\": 1},\n {\"a,b\": null, \"n\": 0.5}\n]\n");
    assert_writes(&table, TABLE_JSONL,
                  "{\"a,b\": \"x\\\"y\", \"n\": 1}\n{\"a,b\": null, \"n\": 0.5}\n");
}

static void text_shows_what_a_terminal_would_obey(void **state) {
    (void)state;
    static const char *names[] = {"a\x1b[31m", "n"};
    struct sql_value cells[] = {sql_text("\x1b]0;title\x07"), sql_integer(1)};
    const struct table table = {1, 2, names, cells};
    assert_writes(&table, TABLE_TEXT,
                  "a\\x1b[31m         n\n"
                  "\\x1b]0;title\\x07  1\n");
}

static void bytes_beyond_text_have_their_place_in_each_format(void **state) {
    (void)state;
    static const struct {
        struct sql_value cell;
        const char *text, *csv, *json;
    } cases[] = {
        {{.type = SQL_BLOB, .text = "\0\xFF'", .length = 3},
         "x'00ff27'",
         "x'00ff27'",
         "\"x'00ff27'\""},
        {{.type = SQL_BLOB, .text = "", .length = 0}, "x''", "x''", "\"x''\""},
        {{.type = SQL_TEXT, .text = "a\xFFz", .length = 3},
         "a\\xffz",
         "a\xFFz",
         "\"a\xEF\xBF\xBDz\""},
        {{.type = SQL_TEXT, .text = "\xC3", .length = 1}, "\\xc3", "\xC3", "\"\xEF\xBF\xBD\""},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(table_value_text(&cases[i].cell, &arena), cases[i].text);
        assert_string_equal(value_text(table_csv_field, cases[i].cell), cases[i].csv);
        assert_string_equal(value_text(table_json_value, cases[i].cell), cases[i].json);
    }
    arena_close(&arena);
}

static void text_goes_on_behind_a_nul(void **state) {
    (void)state;
    struct arena arena = {0};
    struct sql_value cell = {.type = SQL_TEXT, .text = "a\0,b", .length = 4};
    char csv[20] = "";
    FILE *out = fmemopen(csv, sizeof csv, "w");
    assert_non_null(out);
    table_csv_field(&cell, out);
    fclose(out);
    assert_memory_equal(csv, "\"a\0,b\"", 7);
    assert_string_equal(table_value_text(&cell, &arena), "a\\x00,b");
    assert_string_equal(value_text(table_json_value, cell), "\"a\\u0000,b\"");
    arena_close(&arena);
}

static void formats_have_their_names(void **state) {
    (void)state;
    assert_string_equal(table_formats[TABLE_TEXT], "table");
    assert_string_equal(table_formats[TABLE_CSV], "csv");
    assert_string_equal(table_formats[TABLE_JSON], "json");
    assert_null(table_formats[TABLE_JSON + 1]);
}

/* What table_write_text writes. */
static const char *text_within(const struct table *table, size_t room, size_t keys) {
    static char text[2000];
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    table_write_text(table, room, keys, out);
    fclose(out);
    return text;
}

static void columns_that_do_not_fit_stand_in_blocks_behind_the_keys(void **state) {
    (void)state;
    static const char *names[] = {"rank", "variant", "accuracy", "loss"};
    struct sql_value cells[] = {sql_integer(1),  sql_text("adam"), sql_text("0.9532 ±0.0021"),
                                sql_real(0.25),  sql_integer(2),   sql_text("sgd"),
                                sql_text("0.9"), sql_real(0.5)};
    const struct table table = {2, 4, names, cells};
    assert_string_equal(text_within(&table, 36, 2), "rank  variant  accuracy        loss\n"
                                                    "   1  adam     0.9532 ±0.0021  0.25\n"
                                                    "   2  sgd      0.9              0.5\n");
    assert_string_equal(text_within(&table, 34, 2), "rank  variant  accuracy\n"
                                                    "   1  adam     0.9532 ±0.0021\n"
                                                    "   2  sgd      0.9\n"
                                                    "\n"
                                                    "rank  variant  loss\n"
                                                    "   1  adam     0.25\n"
                                                    "   2  sgd       0.5\n");
    assert_string_equal(text_within(&table, 0, 2), text_within(&table, 100, 2));
}

static void tables_are_no_wider_than_there_is_room(void **state) {
    (void)state;
    static const char *names[] = {"id", "a long name of a column", "b", "c"};
    struct sql_value cells[] = {sql_text("0123456789abcdef0123456789abcdef"),
                                sql_text("the quick brown fox jumps over the lazy dog, twice"),
                                sql_integer(1234567), sql_text("äöüäöüäöüäöü")};
    const struct table table = {1, 4, names, cells};
    for (size_t room = 20; room < 130; room++)
        for (size_t keys = 0; keys < 5; keys++) {
            char copy[2000], *rest = copy;
            snprintf(copy, sizeof copy, "%s", text_within(&table, room, keys));
            for (char *line; (line = strtok_r(rest, "\n", &rest));)
                if (table_width(line) > room)
                    fail_msg("%zu columns in %zu: %s", table_width(line), room, line);
        }
}

static void long_texts_lose_their_middle(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(table_shorten("topology=20-15", 14, &arena), "topology=20-15");
    assert_string_equal(table_shorten("topology=20-15", 9, &arena), "topo…0-15");
    assert_string_equal(table_shorten("äöüäöü", 4, &arena), "ä…öü");
    assert_string_equal(table_shorten("abc", 1, &arena), "…");
    assert_string_equal(table_shorten("abc", 0, &arena), "abc");
    arena_close(&arena);
}

static void paragraphs_are_broken_at_blanks_and_words_where_they_must_be(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t room, column, indent;
        const char *lines;
    } cases[] = {
        {"one two three", 0, 0, 2, "one two three\n"},
        {"one two three", 7, 0, 2, "one two\n  three\n"},
        {"one two three", 9, 4, 4, "one\n    two\n    three\n"},
        {"abcdefghijkl xyz", 5, 0, 1, "abcde\n fghi\n jkl\n xyz\n"},
        {"76 % of it", 4, 0, 0, "76 %\nof\nit\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        assert_non_null(out);
        table_write_wrapped(cases[i].text, cases[i].room, cases[i].column, cases[i].indent, out);
        fclose(out);
        assert_string_equal(text, cases[i].lines);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_aligns_numbers_to_the_right_and_texts_to_the_left),
        cmocka_unit_test(text_counts_letters_not_bytes),
        cmocka_unit_test(text_keeps_each_row_on_its_line),
        cmocka_unit_test(table_without_rows_is_its_header),
        cmocka_unit_test(csv_quotes_what_needs_it_and_nothing_else),
        cmocka_unit_test(json_escapes_quotes_backslashes_and_control_characters),
        cmocka_unit_test(null_nan_and_infinity_have_their_place_in_each_format),
        cmocka_unit_test(machine_formats_write_whole_tables),
        cmocka_unit_test(text_shows_what_a_terminal_would_obey),
        cmocka_unit_test(bytes_beyond_text_have_their_place_in_each_format),
        cmocka_unit_test(text_goes_on_behind_a_nul),
        cmocka_unit_test(columns_that_do_not_fit_stand_in_blocks_behind_the_keys),
        cmocka_unit_test(tables_are_no_wider_than_there_is_room),
        cmocka_unit_test(long_texts_lose_their_middle),
        cmocka_unit_test(paragraphs_are_broken_at_blanks_and_words_where_they_must_be),
        cmocka_unit_test(formats_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
