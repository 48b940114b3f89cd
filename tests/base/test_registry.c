/* Choices over a table made up here, in which every type of argument and every mistake in a call
 * occurs. The program's own tables: tests/trial/test_knob.c. */
#include "base/registry.h"

#include <string.h>

#include "inputs.h"
#include "test.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

/* A row with more behind its entry than the entry, as the real tables have. */
struct paint {
    struct entry entry;
    int price;
};

static const struct paint rows[] = {
    {{"plain", "takes nothing", {{0}}}, 1},
    {{"flat", "takes one number", {{"depth", "", ARGUMENT_NUMBER, -1, 2.5, 0.1, 0}}}, 2},
    {{"full",
      "takes one of each",
      {{"amount", "", ARGUMENT_NUMBER, 0, 1, 0.5, 0},
       {"coats", "", ARGUMENT_WHOLE, 1, 10, 2, 0},
       {"shiny", "", ARGUMENT_FLAG, 0, 1, 1, 0},
       {"colour", "", ARGUMENT_WORD, 0, 0, 2, colours}}},
     3},
};

static const struct registry paints = REGISTRY("paint", rows);

static const struct place here = {"a.yaml", NULL, 4, 10};

static void every_row_is_found_by_its_name(void **state) {
    (void)state;
    const struct entry *row;
    for (size_t i = 0; (row = registry_row(&paints, i)); i++) {
        assert_ptr_equal(row, &rows[i].entry);
        assert_ptr_equal(registry_find(&paints, row->name), row);
    }
    assert_null(registry_row(&paints, sizeof rows / sizeof *rows));
    assert_null(registry_find(&paints, "Plain"));
}

static void bare_name_takes_the_defaults(void **state) {
    (void)state;
    struct choice choice = inputs_choice(&paints, "full");
    static const double expected[] = {0.5, 2, 1, 2};
    assert_ptr_equal(choice.entry, &rows[2].entry);
    assert_memory_equal(choice.arguments, expected, sizeof expected);
    struct choice standard = choice_default(&paints, "full");
    assert_true(choice_equal(&choice, &standard));
}

static void arguments_are_read_in_any_order_and_with_any_spaces(void **state) {
    (void)state;
    struct choice choice =
        inputs_choice(&paints, "full( colour = red,shiny=false , coats=7,amount=.25 )");
    static const double expected[] = {0.25, 7, 0, 0};
    assert_memory_equal(choice.arguments, expected, sizeof expected);
}

static void empty_parentheses_take_the_defaults(void **state) {
    (void)state;
    struct choice empty = inputs_choice(&paints, "full()"), bare = inputs_choice(&paints, "full"),
                  none = inputs_choice(&paints, "plain( )");
    assert_true(choice_equal(&empty, &bare));
    assert_ptr_equal(none.entry, &rows[0].entry);
}

static void limits_themselves_are_allowed(void **state) {
    (void)state;
    assert_true(inputs_choice(&paints, "flat(depth=-1)").arguments[0] == -1);
    assert_true(inputs_choice(&paints, "flat(depth=2.5)").arguments[0] == 2.5);
    assert_true(inputs_choice(&paints, "full(coats=10)").arguments[1] == 10);
}

/* One message each; here is column 10. */
static void what_is_wrong_is_said_where_it_stands(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t column;
        const char *message;
    } cases[] = {
        {"ful", 10, "unknown paint 'ful'; did you mean 'full'?"},
        {"flta(depth=1)", 10, "unknown paint 'flta'; did you mean 'flat'?"},
        {"varnish", 10, "unknown paint 'varnish' (known: plain, flat, full)"},
        {"", 10, "unknown paint '' (known: plain, flat, full)"},
        {"flat(depht=1)", 15, "unknown argument 'depht'; did you mean 'depth'?"},
        {"flat(depth=1, height=2)", 24, "unknown argument 'height' (known: depth)"},
        {"plain(depth=1)", 16, "plain takes no arguments"},
        {"flat(depth=1, depth=2)", 24, "depth is given twice"},
        {"flat(1)", 15, "an argument is written name=value, not '1'"},
        {"flat(depth=1,)", 23, "an argument is written name=value, not ''"},
        {"flat(depth=)", 21, "depth must be a number, not ''"},
        {"flat(depth=deep)", 21, "depth must be a number, not 'deep'"},
        {"flat(depth=  3)", 23, "depth is 3, outside -1..2.5"},
        {"flat(depth=-1.5)", 21, "depth is -1.5, outside -1..2.5"},
        {"full(coats=1.5)", 21, "coats must be a whole number, not '1.5'"},
        {"full(coats=0)", 21, "coats is 0, outside 1..10"},
        {"full(coats=99999999999999999999)", 21, "coats is 99999999999999999999, outside 1..10"},
        {"full(coats=10.0000000001)", 21, "coats must be a whole number, not '10.0000000001'"},
        {"full(amount=1.0000000001)", 22, "amount is 1.0000000001, outside 0..1"},
        {"full(colour=pink)", 22, "colour is red, green or blue, not 'pink'"},
        {"full(amount=1, shiny=yes)", 31, "shiny must be true or false, not 'yes'"},
        {"full(amount=1, shiny=1)", 31, "shiny must be true or false, not '1'"},
        {"flat(depth=1", 22, "'flat(depth=1' lacks its closing parenthesis"},
        {"flat(depth=1) x", 24, "'flat(depth=1) x' goes on behind its closing parenthesis"},
        {"flat(", 15, "'flat(' lacks its closing parenthesis"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct choice choice;
        struct error err = {0};
        if (choice_parse(&paints, cases[i].text, here, &choice, &err))
            fail_msg("'%s' is read", cases[i].text);
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_int_equal(err.count, 1);
        assert_string_equal(err.first->text, cases[i].message);
        assert_string_equal(err.first->file, "a.yaml");
        assert_int_equal(err.first->line, 4);
        assert_int_equal(err.first->column, cases[i].column);
        error_clear(&err);
    }
}

static void every_wrong_argument_gets_its_message(void **state) {
    (void)state;
    struct choice choice;
    struct error err = {0};
    assert_false(choice_parse(&paints, "full(coats=0, amount=2, gloss=1)", here, &choice, &err));
    assert_int_equal(err.count, 3);
    assert_int_equal(err.first->column, 21);
    assert_int_equal(err.first->next->column, 31);
    assert_int_equal(err.first->next->next->column, 34);
    error_clear(&err);
}

static void overlong_name_is_unknown(void **state) {
    (void)state;
    char name[500];
    struct choice choice;
    struct error err = {0};
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(choice_parse(&paints, name, here, &choice, &err));
    assert_int_equal(err.count, 1);
    error_clear(&err);
    memcpy(name, "flat(", 5);
    memcpy(name + sizeof name - 4, "=1)", 3);
    assert_false(choice_parse(&paints, name, here, &choice, &err));
    assert_int_equal(err.count, 1);
    error_clear(&err);
}

static void text_names_what_differs_from_the_defaults_and_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *written, *text;
    } cases[] = {
        {"plain", "plain"},
        {"plain()", "plain"},
        {"flat(depth=0.1)", "flat"},
        {"flat(depth=1e-1)", "flat"},
        {"flat(depth=0.25)", "flat(depth=0.25)"},
        {"full(amount=0.5, coats=3)", "full(coats=3)"},
        {"full(colour=red, shiny=false)", "full(shiny=false, colour=red)"},
        {"full(colour=blue)", "full"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct choice choice = inputs_choice(&paints, cases[i].written);
        assert_string_equal(choice_text(&choice, &arena), cases[i].text);
    }
    arena_close(&arena);
}

/* Two values other than the default, so that a lost argument shows. */
static double other_value(const struct argument *argument, size_t turn) {
    switch (argument->type) {
    case ARGUMENT_NUMBER:
    case ARGUMENT_WHOLE:
        return turn ? argument->maximum : argument->minimum;
    case ARGUMENT_FLAG:
        return argument->fallback == 0;
    case ARGUMENT_WORD:
        return (double)turn;
    }
    return 0;
}

static void every_row_reads_back_what_it_writes(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct entry *row;
    for (size_t i = 0; (row = registry_row(&paints, i)); i++)
        for (size_t turn = 0; turn < 2; turn++) {
            struct choice choice = choice_default(&paints, row->name);
            for (size_t a = 0; a < ARGUMENTS_MAX && row->arguments[a].name; a++)
                choice.arguments[a] = other_value(&row->arguments[a], turn);
            struct choice again = inputs_choice(&paints, choice_text(&choice, &arena));
            assert_true(choice_equal(&choice, &again));
        }
    arena_close(&arena);
}

static void choices_are_equal_only_with_the_same_row_and_arguments(void **state) {
    (void)state;
    struct choice flat = inputs_choice(&paints, "flat"),
                  deep = inputs_choice(&paints, "flat(depth=1)"),
                  full = inputs_choice(&paints, "full");
    struct choice red = inputs_choice(&paints, "full(colour=red)"), none = {0};
    assert_true(choice_equal(&flat, &flat));
    assert_false(choice_equal(&flat, &deep));
    assert_false(choice_equal(&flat, &full));
    assert_false(choice_equal(&full, &red));
    assert_true(choice_equal(&none, &none));
    assert_false(choice_equal(&none, &flat));
}

static void argument_is_written_by_its_type(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct argument *arguments = rows[2].entry.arguments;
    assert_string_equal(argument_text(&arguments[0], 0.75, &arena), "0.75");
    assert_string_equal(argument_text(&arguments[1], 3, &arena), "3");
    assert_string_equal(argument_text(&arguments[2], 1, &arena), "true");
    assert_string_equal(argument_text(&arguments[2], 0, &arena), "false");
    assert_string_equal(argument_text(&arguments[3], 1, &arena), "green");
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_by_its_name),
        cmocka_unit_test(bare_name_takes_the_defaults),
        cmocka_unit_test(arguments_are_read_in_any_order_and_with_any_spaces),
        cmocka_unit_test(empty_parentheses_take_the_defaults),
        cmocka_unit_test(limits_themselves_are_allowed),
        cmocka_unit_test(what_is_wrong_is_said_where_it_stands),
        cmocka_unit_test(every_wrong_argument_gets_its_message),
        cmocka_unit_test(overlong_name_is_unknown),
        cmocka_unit_test(text_names_what_differs_from_the_defaults_and_nothing_else),
        cmocka_unit_test(every_row_reads_back_what_it_writes),
        cmocka_unit_test(choices_are_equal_only_with_the_same_row_and_arguments),
        cmocka_unit_test(argument_is_written_by_its_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
