/* Numbers from text and to text, in the YAML 1.2 core schema's forms and no others, with random
 * doubles read back; UTF-8, and what is shown of control characters. */
#include "base/text.h"

#include "base/rng.h"
#include "base/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static void numbers_of_the_core_schema_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double number;
    } cases[] = {
        {"0", 0},
        {"7", 7},
        {"-7", -7},
        {"+7", 7},
        {"007", 7},
        {"0.1", 0.1},
        {".5", 0.5},
        {"5.", 5},
        {"-.5", -0.5},
        {"1e3", 1000},
        {"1E3", 1000},
        {"1e+3", 1000},
        {"1e-3", 0.001},
        {"5.e1", 50},
        {".5e1", 5},
        {"1e-400", 0},
        {"60000", 6e4},
        {"1e308", 1e308},
        {"4.9e-324", 4.9e-324},
        {"0.30000000000000004", 0.1 + 0.2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double number = -1;
        if (!text_to_number(cases[i].text, strlen(cases[i].text), &number) ||
            number != cases[i].number)
            fail_msg("'%s' is read as %g", cases[i].text, number);
    }
}

static void numbers_of_an_experiment_file_have_other_bases_too(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double number;
    } cases[] = {{"0x10", 16}, {"0xFf", 255}, {"0o17", 15}, {"0o0", 0}, {"1e3", 1000}, {"010", 10}};
    static const char *const none[] = {"0x",    "0o",  "0o8", "0xg", "-0x1",
                                       "0x1p3", "0X1", "0b1", "0x 1"};
    double number;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(text_to_yaml_number(cases[i].text, strlen(cases[i].text), &number));
        assert_true(number == cases[i].number);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(text_to_yaml_number(none[i], strlen(none[i]), &number));
}

static void what_is_no_finite_decimal_number_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"",     " ",     "-",     "+",    ".",   "-.",   "e3",
                                        "1e",   "1e+",   "1e-",   "--1",  "1 ",  " 1",   "1,5",
                                        "0x10", "0o17",  "inf",   ".inf", "nan", ".nan", "1e400",
                                        "1_0",  "1.2.3", "1e3.5", "true", "ten", "1e5x"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double number;
        if (text_to_number(cases[i], strlen(cases[i]), &number))
            fail_msg("'%s' is read as %g", cases[i], number);
    }
}

static void only_the_given_length_is_read(void **state) {
    (void)state;
    double number;
    uint64_t whole;
    assert_true(text_to_number("12345", 2, &number));
    assert_true(number == 12);
    assert_true(text_to_whole("12345", 2, &whole));
    assert_int_equal(whole, 12);
}

static void endless_number_is_refused(void **state) {
    (void)state;
    char text[4096];
    double number;
    memset(text, '1', sizeof text);
    assert_false(text_to_number(text, sizeof text, &number));
}

static void whole_numbers_are_read_up_to_64_bits(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t whole;
    } cases[] = {{"0", 0},
                 {"42", 42},
                 {"0042", 42},
                 {"9007199254740993", UINT64_C(9007199254740993)},
                 {"18446744073709551615", UINT64_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t whole;
        assert_true(text_to_whole(cases[i].text, strlen(cases[i].text), &whole));
        assert_true(whole == cases[i].whole);
    }
}

static void what_is_no_bare_whole_number_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"",
                                        "-1",
                                        "+1",
                                        "1.0",
                                        "1e3",
                                        " 1",
                                        "1 ",
                                        "x",
                                        "18446744073709551616",
                                        "99999999999999999999999"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t whole;
        if (text_to_whole(cases[i], strlen(cases[i]), &whole))
            fail_msg("'%s' is read as a whole number", cases[i]);
    }
}

static void numbers_are_written_as_short_as_they_go(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0, "0"},
                 {0.1, "0.1"},
                 {16, "16"},
                 {1e-7, "1e-07"},
                 {-0.25, "-0.25"},
                 {0.001, "0.001"},
                 {1.0 / 3, "0.3333333333333333"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {5e-324, "5e-324"},
                 {0.999, "0.999"},
                 {(double)NAN, "nan"},
                 {123456, "123456"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[TEXT_NUMBER_MAX];
        assert_string_equal(text_from_number(cases[i].number, out), cases[i].text);
    }
}

/* `20`, not `2e+01`: both read back, and one is shorter. */
static void round_numbers_are_written_without_exponent_where_that_is_shorter(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {{10, "10"}, {20, "20"}, {100, "100"}, {-300, "-300"}, {1000, "1000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[TEXT_NUMBER_MAX];
        assert_string_equal(text_from_number(cases[i].number, out), cases[i].text);
    }
}

static void written_number_reads_back_as_the_same_double(void **state) {
    (void)state;
    struct rng rng = rng_stream(1, RNG_PROBE);
    for (uint32_t i = 0; i < 20000; i++) {
        struct rng_words words = rng_draw(rng, i, 0, 0, 0);
        uint64_t bits = (uint64_t)words.word[0] << 32 | words.word[1];
        double number, again;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        char out[TEXT_NUMBER_MAX];
        text_from_number(number, out);
        if (!text_to_number(out, strlen(out), &again) || again != number)
            fail_msg("%a is written as %s", number, out);
    }
}

static void characters_are_those_of_utf8(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t bytes;
    } cases[] = {
        {"a", 1},
        {"\xC3\xA4", 2},
        {"\xE2\x82\xAC", 3},
        {"\xF0\x9F\x98\x80", 4},
        {"", 0},
        {"\x80", 0},
        {"\xC3", 0},
        {"\xC3(", 0},
        {"\xC0\xAF", 0},
        {"\xE0\x80\xAF", 0},
        {"\xED\xA0\x80", 0},
        {"\xF4\x90\x80\x80", 0},
        {"\xE2\x82", 0},
        {"\xFF", 0},
        {"\xF0\x8F\xBF\xBF", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_character(cases[i].text, strlen(cases[i].text)), cases[i].bytes);
    assert_int_equal(text_character("\0", 1), 1);
}

static void what_a_terminal_would_obey_is_shown(void **state) {
    (void)state;
    static const struct {
        const char *text, *visible;
    } cases[] = {
        {"plain \xC3\xA4\xE2\x82\xAC", "plain \xC3\xA4\xE2\x82\xAC"},
        {"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
        {"one\ntwo\tthree\r", "one two three "},
        {"\x7F\xC2\x9B"
         "1m",
         "\\x7f\\xc2\\x9b1m"},
        {"a\xE2\x80\xAE"
         "b",
         "a\\xe2\\x80\\xaeb"},
        {"\xFF", "\\xff"},
        {"", ""},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(text_visible(cases[i].text, strlen(cases[i].text), &arena),
                            cases[i].visible);
    assert_ptr_equal(text_visible(cases[0].text, 5, &arena), cases[0].text);
    assert_string_equal(text_visible("a\0b", 3, &arena), "a\\x00b");
    arena_close(&arena);
}

static void items_end_at_separators_outside_parentheses_and_brackets(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char separator;
        size_t length;
    } cases[] = {{"", ',', 0},
                 {",a", ',', 0},
                 {"adam", ',', 4},
                 {"adam,sgd", ',', 4},
                 {"adam sgd", ',', 8},
                 {"adam sgd", ' ', 4},
                 {"[20, 15],[8]", ',', 8},
                 {"sgd(momentum=0.9, nesterov=true) seed=1", ' ', 32},
                 {"a([1,2],3),b", ',', 10},
                 {"a),b", ',', 2},
                 {"a(b,c", ',', 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_item_length(cases[i].text, cases[i].separator), cases[i].length);
}

static void json_strings_escape_what_they_must(void **state) {
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {{"", "\"\""},
                 {"sgd(momentum=0.9)", "\"sgd(momentum=0.9)\""},
                 {"a\"b\\c", "\"a\\\"b\\\\c\""},
                 {"a\nb\x01", "\"a\\u000ab\\u0001\""},
                 {"\xC3\xA9/", "\"\xC3\xA9/\""},
                 {"a\xFFz", "\"a\xEF\xBF\xBDz\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stream stream;
        text_write_json(cases[i].text, stream_open(&stream));
        assert_string_equal(stream_close(&stream), cases[i].json);
        free(stream.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_the_core_schema_are_read),
        cmocka_unit_test(numbers_of_an_experiment_file_have_other_bases_too),
        cmocka_unit_test(what_is_no_finite_decimal_number_is_refused),
        cmocka_unit_test(only_the_given_length_is_read),
        cmocka_unit_test(endless_number_is_refused),
        cmocka_unit_test(whole_numbers_are_read_up_to_64_bits),
        cmocka_unit_test(what_is_no_bare_whole_number_is_refused),
        cmocka_unit_test(numbers_are_written_as_short_as_they_go),
        cmocka_unit_test(round_numbers_are_written_without_exponent_where_that_is_shorter),
        cmocka_unit_test(written_number_reads_back_as_the_same_double),
        cmocka_unit_test(characters_are_those_of_utf8),
        cmocka_unit_test(what_a_terminal_would_obey_is_shown),
        cmocka_unit_test(items_end_at_separators_outside_parentheses_and_brackets),
        cmocka_unit_test(json_strings_escape_what_they_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
