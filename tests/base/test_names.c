/* Which wrong names get a suggestion and which must not, over a short list of names. The program's
 * own names: tests/trial/test_knob.c. */
#include "base/names.h"

#include <string.h>

#include "test.h"

static const char *at(const void *context, size_t i) {
    return ((const char *const *)context)[i];
}

static const char *const list[] = {"relu",       "tanh",          "sigmoid",    "linear",
                                   "mse",        "learning_rate", "batch_size", "he_normal",
                                   "he_uniform", "adam",          "sgd",        NULL};
static const struct synonym synonyms[] = {
    {"lr", "learning_rate"}, {"mae", NULL}, {"elu", NULL}, {"nadam", NULL}, {"swish", "silu"}};
static const struct names names = {at, list, synonyms, sizeof synonyms / sizeof *synonyms};

static void other_spellings_of_a_name_are_near(void **state) {
    (void)state;
    static const struct {
        const char *word, *near;
    } cases[] = {
        {"rellu", "relu"},
        {"rlu", "relu"},
        {"reul", "relu"},
        {"RELU", "relu"},
        {"tahn", "tanh"},
        {"sigmiod", "sigmoid"},
        {"liner", "linear"},
        {"he_nrmal", "he_normal"},
        {"LearningRate", "learning_rate"},
        {"batch-size", "batch_size"},
        {"lerning_rat", "learning_rate"},
        {"sdg", "sgd"},
        {"bathc_sise", "batch_size"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *near = names_near(&names, cases[i].word);
        if (!near)
            fail_msg("nothing is near '%s'", cases[i].word);
        assert_string_equal(near, cases[i].near);
    }
}

static void word_that_means_something_else_is_near_to_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {"mae",      "elu", "nadam",    "mce", "mas", "sqd",
                                        "softplus", "xyz", "momentum", "q",   ""};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (names_near(&names, cases[i]))
            fail_msg("'%s' is near '%s'", names_near(&names, cases[i]), cases[i]);
}

static void beginning_of_one_name_alone_is_near(void **state) {
    (void)state;
    assert_string_equal(names_near(&names, "learn"), "learning_rate");
    assert_string_equal(names_near(&names, "sig"), "sigmoid");
    assert_null(names_near(&names, "he_"));
    assert_string_equal(names_near(&names, "he_n"), "he_normal");
}

static void other_words_of_the_field_are_near_if_their_name_is_known(void **state) {
    (void)state;
    assert_string_equal(names_near(&names, "lr"), "learning_rate");
    assert_string_equal(names_near(&names, "LR"), "learning_rate");
    assert_null(names_near(&names, "swish"));
}

static void no_names_are_near_to_nothing(void **state) {
    (void)state;
    static const char *const none[] = {NULL};
    assert_null(names_near(&(struct names){.at = at, .context = none}, "relu"));
}

static void words_and_names_beyond_any_length_are_near_to_nothing(void **state) {
    (void)state;
    char word[1000];
    memset(word, 'r', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const itself[] = {word, "relu", NULL};
    const struct names long_names = {.at = at, .context = itself};
    assert_null(names_near(&long_names, word));
    assert_string_equal(names_near(&long_names, "relu"), "relu");
}

static void assert_message(const char *word, const struct names *known, const char *message) {
    struct error err = {0};
    assert_false(error_unknown(&err, (struct place){0}, "colour", word, known));
    assert_string_equal(err.first->text, message);
    error_clear(&err);
}

static void message_suggests_or_lists_what_is_known(void **state) {
    (void)state;
    static const char *const colours[] = {"red", "green", "blue", NULL};
    static const char *const many[] = {"a name that is as long as a line of text, so that a few of "
                                       "them are more than one reads, 1",
                                       "a name that is as long as a line of text, so that a few of "
                                       "them are more than one reads, 2",
                                       "a name that is as long as a line of text, so that a few of "
                                       "them are more than one reads, 3",
                                       "a name that is as long as a line of text, so that a few of "
                                       "them are more than one reads, 4",
                                       NULL};
    const struct names few = {.at = at, .context = colours},
                       long_list = {.at = at, .context = many};
    assert_message("gren", &few, "unknown colour 'gren'; did you mean 'green'?");
    assert_message("mauve", &few, "unknown colour 'mauve' (known: red, green, blue)");
    assert_message("mauve", &long_list, "unknown colour 'mauve'");
    assert_string_equal(names_hint(&few, "gren", "--").text, "; did you mean '--green'?");
    assert_string_equal(names_hint(&few, "mauve", "--").text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_spellings_of_a_name_are_near),
        cmocka_unit_test(word_that_means_something_else_is_near_to_nothing),
        cmocka_unit_test(beginning_of_one_name_alone_is_near),
        cmocka_unit_test(other_words_of_the_field_are_near_if_their_name_is_known),
        cmocka_unit_test(no_names_are_near_to_nothing),
        cmocka_unit_test(words_and_names_beyond_any_length_are_near_to_nothing),
        cmocka_unit_test(message_suggests_or_lists_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
