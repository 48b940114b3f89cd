/* Every knob, by looping over the table: defaults, limits and all rows of its table are read,
 * written, and read back the same; what is wrong is refused with its message. That knobs change
 * training: tests/run/test_knobs.c. */
#include "trial/knob.h"

#include "data/generator.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

static const struct place here = {"a.yaml", NULL, 6, 17};

static const struct data_source declared[] = {{.name = "housing", .task = TASK_REGRESSION},
                                              {.name = "letters"}};
static const struct dataset_decls decls = {declared, 2};

static struct trial parsed(const char *name, const char *text) {
    struct trial trial = trial_default();
    struct error err = {0};
    const struct knob *knob = knob_find(name);
    assert_non_null(knob);
    assert_ok(knob_parse(knob, text, here, &decls, &trial, &err), err);
    return trial;
}

/* The message of a text that must be refused. Owns: static. */
static const char *refused(const struct knob *knob, const char *text) {
    static char message[500];
    struct trial trial = trial_default();
    struct error err = {0};
    if (knob_parse(knob, text, here, &decls, &trial, &err))
        fail_msg("%s takes '%s'", knob->name, text);
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_int_equal(err.count, 1);
    assert_string_equal(err.first->file, "a.yaml");
    assert_int_equal(err.first->line, 6);
    snprintf(message, sizeof message, "%s", err.first->text);
    error_clear(&err);
    return message;
}

static void assert_round_trip(const struct knob *knob, const struct trial *trial) {
    struct arena arena = {0};
    const char *text = knob_text(knob, trial, &arena);
    struct trial again = trial_default();
    struct error err = {0};
    assert_ok(knob_parse(knob, text, here, &decls, &again, &err), err);
    if (!knob_equal(knob, trial, &again))
        fail_msg("%s: '%s' reads back as '%s'", knob->name, text, knob_text(knob, &again, &arena));
    arena_close(&arena);
}

static void every_knob_is_found_by_its_name_and_by_no_other(void **state) {
    (void)state;
    for (size_t i = 0; i < knob_count; i++) {
        assert_ptr_equal(knob_find(knobs[i].name), &knobs[i]);
        assert_string_equal(knob_names.at(NULL, i), knobs[i].name);
        assert_true(strlen(knobs[i].help) > 0);
    }
    assert_null(knob_names.at(NULL, knob_count));
    assert_null(knob_find("Epochs"));
    assert_null(knob_find(""));
}

static void every_default_is_what_it_says_and_reads_back(void **state) {
    (void)state;
    struct arena arena = {0};
    struct trial trial = trial_default();
    for (size_t i = 0; i < knob_count; i++) {
        if (!knobs[i].fallback)
            continue;
        assert_string_equal(knob_text(&knobs[i], &trial, &arena), knobs[i].fallback);
        assert_round_trip(&knobs[i], &trial);
    }
    arena_close(&arena);
}

static void only_the_dataset_has_no_default(void **state) {
    (void)state;
    for (size_t i = 0; i < knob_count; i++)
        assert_int_equal(!knobs[i].fallback, knobs[i].type == KNOB_DATASET);
    assert_null(trial_default().dataset);
}

/* The least value, the largest (just below it where that is not allowed), and one in between. */
static void limits_are_allowed_and_read_back(void **state) {
    (void)state;
    for (size_t i = 0; i < knob_count; i++) {
        const struct knob *knob = &knobs[i];
        if (knob->type != KNOB_WHOLE && knob->type != KNOB_NUMBER)
            continue;
        double last = knob->below_maximum ? nextafter(knob->maximum, 0) : knob->maximum;
        double least = knob->above_minimum ? nextafter(knob->minimum, 1) : knob->minimum;
        double values[] = {least > 0 && least < 1e-300 ? 1e-300 : least, last,
                           floor((knob->minimum + last) / 2)};
        for (size_t v = 0; v < 3; v++) {
            char text[64];
            snprintf(text, sizeof text, knob->type == KNOB_WHOLE ? "%.0f" : "%.17g", values[v]);
            struct trial trial = parsed(knob->name, text);
            assert_round_trip(knob, &trial);
        }
    }
}

static void values_out_of_range_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < knob_count; i++) {
        const struct knob *knob = &knobs[i];
        if (knob->type != KNOB_WHOLE && knob->type != KNOB_NUMBER)
            continue;
        double values[] = {knob->minimum - 1, knob->maximum * 1.5 + 1, 1e30, knob->maximum};
        for (size_t v = 0; v < (knob->below_maximum ? 4 : 3); v++) {
            char text[400];
            snprintf(text, sizeof text, "%.0f", values[v]);
            assert_non_null(strstr(refused(knob, text), ", outside "));
        }
    }
}

static void number_of_another_type_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",    "ten", "true", "nan", "inf",  "0x",
                                        "1,5", "1 ",  "[1]",  "1e",  "auto1"};
    for (size_t i = 0; i < knob_count; i++)
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            if (knobs[i].type == KNOB_WHOLE || knobs[i].type == KNOB_NUMBER)
                assert_non_null(strstr(refused(&knobs[i], texts[t]), "must be a"));
}

static void numbers_of_yaml_may_be_hexadecimal_or_octal(void **state) {
    (void)state;
    assert_int_equal(parsed("batch_size", "0x1F").batch_size, 31);
    assert_int_equal(parsed("batch_size", "0o17").batch_size, 15);
    assert_true(parsed("learning_rate", "0x10").learning_rate == 16);
}

static void learning_rate_is_above_zero(void **state) {
    (void)state;
    static const char *const cases[] = {"0", "-0", "1e-400"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_non_null(strstr(refused(knob_find("learning_rate"), cases[i]), "outside (0, "));
}

static void fraction_is_no_whole_number(void **state) {
    (void)state;
    for (size_t i = 0; i < knob_count; i++)
        if (knobs[i].type == KNOB_WHOLE)
            assert_non_null(strstr(refused(&knobs[i], "2.5"), "must be a whole number"));
}

static void messages_tell_what_is_wrong_and_what_is_right(void **state) {
    (void)state;
    static const struct {
        const char *knob, *text, *message;
    } cases[] = {
        {"epochs", "many", "epochs must be a whole number, not 'many'"},
        {"train_rows", "half", "train_rows must be a whole number or 'all', not 'half'"},
        {"learning_rate", "slow", "learning_rate must be a number or 'auto', not 'slow'"},
        {"validation_split", "1", "validation_split is 1, outside [0, 1)"},
        {"validation_split", "1.5", "validation_split is 1.5, outside [0, 1)"},
        {"seed", "-1", "seed is -1, outside 0..9007199254740992"},
        {"split_seed", "sead", "split_seed must be a whole number or 'seed', not 'sead'"},
        {"loss", "crossentropi", "unknown loss 'crossentropi'; did you mean 'cross_entropy'?"},
        {"optimizer", "sgd(momentum=2)", "momentum is 2, outside 0..1"},
        {"activation", "rellu", "unknown activation 'rellu'; did you mean 'relu'?"},
        {"dataset", "mnits", "unknown dataset 'mnits'; did you mean 'mnist'?"},
        {"dataset", "hosing", "unknown dataset 'hosing'; did you mean 'housing'?"},
        {"topology", "wide", "topology must be a list of widths such as [20, 15], not 'wide'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(refused(knob_find(cases[i].knob), cases[i].text), cases[i].message);
}

/* 2^53 + 1 is no double: it must not become another number unnoticed. */
static void whole_number_is_taken_exactly_or_refused(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct knob *knob = knob_find("seed");
    struct trial trial = parsed("seed", "9007199254740991");
    assert_string_equal(knob_text(knob, &trial, &arena), "9007199254740991");
    refused(knob, "9007199254740993");
    arena_close(&arena);
}

static void whole_number_may_have_an_exponent(void **state) {
    (void)state;
    assert_int_equal(parsed("epochs", "1e3").epochs, 1000);
    assert_int_equal(parsed("batch_size", "100.0").batch_size, 100);
}

/* The numbers behind `auto`, `all` and `seed`. */
static void automatic_words_are_read_and_written(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < knob_count; i++) {
        if (!knobs[i].automatic)
            continue;
        struct trial trial = parsed(knobs[i].name, knobs[i].automatic);
        assert_string_equal(knob_text(&knobs[i], &trial, &arena), knobs[i].automatic);
        assert_round_trip(&knobs[i], &trial);
    }
    assert_int_equal(parsed("train_rows", "all").train_rows, 0);
    assert_true(isnan(parsed("learning_rate", "auto").learning_rate));
    assert_null(parsed("loss", "auto").loss.entry);
    assert_true(parsed("init_seed", "seed").init_seed == SEED_AUTO);
    arena_close(&arena);
}

/* A value other than the default for the argument; two turns for two such values. */
static double other_value(const struct argument *argument, size_t turn) {
    if (argument->type == ARGUMENT_FLAG)
        return argument->fallback == 0;
    if (argument->type == ARGUMENT_WORD)
        return argument->words[turn] ? (double)turn : 0;
    double value = turn ? argument->maximum : argument->minimum;
    return value == argument->fallback ? (argument->minimum + argument->maximum) / 2 : value;
}

/* Where row r of the knob's table belongs. */
static struct choice *choice_at(const struct knob *knob, size_t r, struct trial *trial) {
    if (knob->type == KNOB_DATASET) {
        trial->dataset = generator_source(r);
        return &trial->generator;
    }
    return (void *)((char *)trial + knob->offset);
}

static void every_row_of_every_table_reads_back_with_its_arguments(void **state) {
    (void)state;
    const struct entry *row;
    for (size_t i = 0; i < knob_count; i++)
        for (size_t r = 0; knobs[i].rows && (row = registry_row(knobs[i].rows, r)); r++)
            for (size_t turn = 0; turn < 3; turn++) {
                struct trial trial = trial_default();
                struct choice *choice = choice_at(&knobs[i], r, &trial);
                *choice = choice_default(knobs[i].rows, row->name);
                for (size_t a = 0; turn < 2 && a < ARGUMENTS_MAX && row->arguments[a].name; a++)
                    choice->arguments[a] = other_value(&row->arguments[a], turn);
                assert_round_trip(&knobs[i], &trial);
            }
}

static void defaults_of_arguments_are_in_their_range(void **state) {
    (void)state;
    const struct entry *row;
    for (size_t i = 0; i < knob_count; i++)
        for (size_t r = 0; knobs[i].rows && (row = registry_row(knobs[i].rows, r)); r++)
            for (size_t a = 0; a < ARGUMENTS_MAX && row->arguments[a].name; a++) {
                const struct argument *argument = &row->arguments[a];
                if (argument->type != ARGUMENT_WORD)
                    assert_true(argument->fallback >= argument->minimum &&
                                argument->fallback <= argument->maximum);
            }
}

static void datasets_are_those_declared_and_the_built_in(void **state) {
    (void)state;
    assert_ptr_equal(parsed("dataset", "letters").dataset, &declared[1]);
    for (size_t i = 0; data_builtin(i); i++)
        assert_ptr_equal(parsed("dataset", data_builtin(i)->name).dataset, data_builtin(i));
    struct trial trial = trial_default();
    struct error err = {0};
    assert_false(knob_parse(knob_find("dataset"), "letters", here, NULL, &trial, &err));
    error_clear(&err);
}

static void generators_are_data_sets_with_arguments(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct knob *knob = knob_find("dataset");
    struct trial plain = parsed("dataset", "moons"),
                 noisy = parsed("dataset", "moons( noise=0.30, rows=500 )");
    assert_string_equal(plain.dataset->name, "moons");
    assert_ptr_equal(plain.dataset, noisy.dataset);
    assert_false(knob_equal(knob, &plain, &noisy));
    assert_string_equal(knob_text(knob, &plain, &arena), "moons");
    assert_string_equal(knob_text(knob, &noisy, &arena), "moons(rows=500, noise=0.3)");
    assert_string_equal(knob_column(knob, &noisy, &arena).text, "moons");
    assert_string_equal(knob_arguments_json(knob, &noisy, &arena),
                        "{\"rows\":500,\"seed\":1,\"noise\":0.3}");
    struct trial copy = parsed("dataset", "mnist");
    assert_string_equal(knob_arguments_json(knob, &copy, &arena), "{}");
    knob_set(knob, knob_field(knob, &noisy), &copy);
    assert_true(knob_equal(knob, &noisy, &copy));
    copy.generator.arguments[0] = 501;
    assert_false(knob_equal(knob, &noisy, &copy));
    assert_int_equal(parsed("dataset", "teacher(inputs=3)").dataset->task, TASK_REGRESSION);
    arena_close(&arena);
}

static void generators_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"moons(factor=0.5)", "unknown argument 'factor'"},
        {"moons(noise=-1)", "noise is -1, outside 0..1000"},
        {"spirals(classes=1)", "classes is 1, outside 2..100"},
        {"teacher(rows=0)", "rows is 0, outside 1..10000000"},
        {"mnist(rows=5)", "unknown dataset 'mnist(rows=5)'"},
        {"moon", "unknown dataset 'moon'; did you mean 'moons'?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strstr(refused(knob_find("dataset"), cases[i][0]), cases[i][1]))
            fail_msg("%s: %s", cases[i][0], refused(knob_find("dataset"), cases[i][0]));
}

static void declared_dataset_hides_the_built_in_of_its_name(void **state) {
    (void)state;
    const struct data_source own = {.name = "mnist"};
    const struct dataset_decls mine = {&own, 1};
    struct trial trial = trial_default();
    struct error err = {0};
    assert_ok(knob_parse(knob_find("dataset"), "mnist", here, &mine, &trial, &err), err);
    assert_ptr_equal(trial.dataset, &own);
}

static struct trial resolved(void) {
    struct trial trial = trial_default();
    trial.dataset = data_builtin(0);
    trial_resolve(&trial);
    return trial;
}

static void resolved_defaults_are_known_as_defaults(void **state) {
    (void)state;
    struct trial trial = resolved();
    for (size_t i = 0; i < knob_count; i++)
        assert_int_equal(knob_is_default(&knobs[i], &trial), knobs[i].type != KNOB_DATASET);
}

/* 0.01 is what `auto` stands for with sgd, and 0.001 is not. */
static void automatic_default_depends_on_the_other_knobs(void **state) {
    (void)state;
    struct trial trial = parsed("optimizer", "sgd");
    const struct knob *rate = knob_find("learning_rate");
    trial.dataset = data_builtin(0);
    trial_resolve(&trial);
    assert_true(trial.learning_rate == 0.01);
    assert_true(knob_is_default(rate, &trial));
    trial.learning_rate = 0.001;
    assert_false(knob_is_default(rate, &trial));
    trial.seed = 7;
    assert_false(knob_is_default(knob_find("split_seed"), &trial));
    trial.split_seed = 7;
    assert_true(knob_is_default(knob_find("split_seed"), &trial));
}

static void columns_are_numbers_names_and_short_topologies(void **state) {
    (void)state;
    struct arena arena = {0};
    struct trial trial = resolved();
    trial.optimizer = parsed("optimizer", "sgd(momentum=0.9)").optimizer;
    static const struct {
        const char *knob;
        enum sql_type type;
        double number;
        const char *text;
    } cases[] = {
        {"dataset", SQL_TEXT, 0, "mnist"},         {"train_rows", SQL_NULL, 0, NULL},
        {"topology", SQL_TEXT, 0, "20-15"},        {"optimizer", SQL_TEXT, 0, "sgd"},
        {"epochs", SQL_INTEGER, 10, NULL},         {"learning_rate", SQL_REAL, 0.001, NULL},
        {"loss", SQL_TEXT, 0, "cross_entropy"},    {"init_seed", SQL_INTEGER, 1, NULL},
        {"validation_split", SQL_REAL, 0.1, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sql_value cell = knob_column(knob_find(cases[i].knob), &trial, &arena);
        assert_int_equal(cell.type, cases[i].type);
        if (cases[i].text)
            assert_string_equal(cell.text, cases[i].text);
        else if (cell.type != SQL_NULL)
            assert_true(sql_number(&cell) == cases[i].number);
    }
    arena_close(&arena);
}

static void arguments_are_a_json_object(void **state) {
    (void)state;
    static const struct {
        const char *knob, *text, *json;
    } cases[] = {
        {"activation", "relu", "{}"},
        {"optimizer", "sgd", "{\"momentum\":0,\"nesterov\":false}"},
        {"optimizer", "sgd(nesterov=true, momentum=0.9)", "{\"momentum\":0.9,\"nesterov\":true}"},
        {"optimizer", "adam", "{\"beta1\":0.9,\"beta2\":0.999,\"epsilon\":1e-07}"},
        {"initializer", "variance_scaling(mode=fan_out)",
         "{\"scale\":1,\"mode\":\"fan_out\",\"distribution\":\"truncated_normal\"}"},
        {"loss", "auto", "{}"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial trial = parsed(cases[i].knob, cases[i].text);
        const char *json = knob_arguments_json(knob_find(cases[i].knob), &trial, &arena);
        assert_string_equal(json, cases[i].json);
    }
    arena_close(&arena);
}

/* Moves over a JSON number, true, false or a plain string; NULL: it is none. */
static const char *after_value(const char *at) {
    if (*at == '"')
        return (at = strchr(at + 1, '"')) ? at + 1 : NULL;
    if (strncmp(at, "true", 4) == 0 || strncmp(at, "false", 5) == 0)
        return at + (*at == 't' ? 4 : 5);
    size_t length = strspn(at, "0123456789+-.eE");
    double number;
    bool leads_with_a_digit = strspn(*at == '-' ? at + 1 : at, "0123456789") > 0;
    return leads_with_a_digit && text_to_number(at, length, &number) ? at + length : NULL;
}

/* How many members a flat JSON object has; -1: it is none. */
static int members_of(const char *json) {
    int members = 0;
    if (strcmp(json, "{}") == 0)
        return 0;
    for (const char *at = json; *at == (members ? ',' : '{');) {
        const char *end = at[1] == '"' ? strchr(at + 2, '"') : NULL;
        if (!end || end[1] != ':' || !(at = after_value(end + 2)))
            return -1;
        members++;
        if (strcmp(at, "}") == 0)
            return members;
    }
    return -1;
}

static void arguments_of_every_row_are_valid_json(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct entry *row;
    for (size_t i = 0; i < knob_count; i++)
        for (size_t r = 0; knobs[i].rows && (row = registry_row(knobs[i].rows, r)); r++)
            for (size_t turn = 0; turn < 2; turn++) {
                struct trial trial = trial_default();
                struct choice *choice = choice_at(&knobs[i], r, &trial);
                int count = 0;
                *choice = choice_default(knobs[i].rows, row->name);
                for (; count < ARGUMENTS_MAX && row->arguments[count].name; count++)
                    choice->arguments[count] = other_value(&row->arguments[count], turn);
                const char *json = knob_arguments_json(&knobs[i], &trial, &arena);
                if (members_of(json) != count)
                    fail_msg("%s", json);
            }
    assert_int_equal(members_of("{\"a\":.5}"), -1);
    assert_int_equal(members_of("{\"a\":nan}"), -1);
    assert_int_equal(members_of("{\"a\":1,}"), -1);
    arena_close(&arena);
}

static void only_tables_with_arguments_have_a_column_for_them(void **state) {
    (void)state;
    assert_true(knob_has_arguments(knob_find("optimizer")));
    assert_true(knob_has_arguments(knob_find("initializer")));
    assert_false(knob_has_arguments(knob_find("epochs")));
    assert_false(knob_has_arguments(knob_find("scale")));
}

static void knobs_are_equal_only_with_equal_values(void **state) {
    (void)state;
    static const struct {
        const char *knob, *one, *other;
    } cases[] = {
        {"dataset", "mnist", "fashion-mnist"},
        {"epochs", "10", "11"},
        {"learning_rate", "0.1", "0.2"},
        {"learning_rate", "0.1", "auto"},
        {"topology", "20", "20-20"},
        {"loss", "mse", "auto"},
        {"optimizer", "sgd", "sgd(momentum=0.1)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct knob *knob = knob_find(cases[i].knob);
        struct trial one = parsed(cases[i].knob, cases[i].one), again = one;
        struct trial other = parsed(cases[i].knob, cases[i].other);
        assert_true(knob_equal(knob, &one, &again));
        assert_false(knob_equal(knob, &one, &other));
        assert_false(knob_equal(knob, &other, &one));
    }
}

static void name_that_is_near_to_none_is_answered_with_those_there_are(void **state) {
    (void)state;
    assert_non_null(
        strstr(refused(knob_find("dataset"), "cifar"), "unknown dataset 'cifar' (known: "));
    assert_non_null(strstr(refused(knob_find("loss"), "hinge"),
                           "unknown loss 'hinge' (known: cross_entropy, mse"));
    assert_non_null(strstr(refused(knob_find("scale"), "zero"),
                           "unknown scale 'zero' (known: none, unit, standard, minmax)"));
}

static void what_other_programs_call_it_is_near(void **state) {
    (void)state;
    static const struct {
        const char *word, *knob;
    } cases[] = {{"lr", "learning_rate"}, {"lrate", "learning_rate"},  {"bs", "batch_size"},
                 {"hidden", "topology"},  {"layers", "topology"},      {"init", "initializer"},
                 {"act", "activation"},   {"batchsize", "batch_size"}, {"optim", "optimizer"},
                 {"random_state", "seed"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(names_near(&knob_names, cases[i].word), cases[i].knob);
    assert_non_null(strstr(refused(knob_find("initializer"), "glorot"), "'glorot_uniform'?"));
    assert_non_null(strstr(refused(knob_find("initializer"), "xavier_normal"), "'glorot_normal'?"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_knob_is_found_by_its_name_and_by_no_other),
        cmocka_unit_test(every_default_is_what_it_says_and_reads_back),
        cmocka_unit_test(only_the_dataset_has_no_default),
        cmocka_unit_test(limits_are_allowed_and_read_back),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(number_of_another_type_is_refused),
        cmocka_unit_test(numbers_of_yaml_may_be_hexadecimal_or_octal),
        cmocka_unit_test(learning_rate_is_above_zero),
        cmocka_unit_test(fraction_is_no_whole_number),
        cmocka_unit_test(messages_tell_what_is_wrong_and_what_is_right),
        cmocka_unit_test(whole_number_is_taken_exactly_or_refused),
        cmocka_unit_test(whole_number_may_have_an_exponent),
        cmocka_unit_test(automatic_words_are_read_and_written),
        cmocka_unit_test(every_row_of_every_table_reads_back_with_its_arguments),
        cmocka_unit_test(defaults_of_arguments_are_in_their_range),
        cmocka_unit_test(datasets_are_those_declared_and_the_built_in),
        cmocka_unit_test(generators_are_data_sets_with_arguments),
        cmocka_unit_test(generators_that_cannot_be_are_refused),
        cmocka_unit_test(declared_dataset_hides_the_built_in_of_its_name),
        cmocka_unit_test(resolved_defaults_are_known_as_defaults),
        cmocka_unit_test(automatic_default_depends_on_the_other_knobs),
        cmocka_unit_test(columns_are_numbers_names_and_short_topologies),
        cmocka_unit_test(arguments_are_a_json_object),
        cmocka_unit_test(arguments_of_every_row_are_valid_json),
        cmocka_unit_test(only_tables_with_arguments_have_a_column_for_them),
        cmocka_unit_test(knobs_are_equal_only_with_equal_values),
        cmocka_unit_test(name_that_is_near_to_none_is_answered_with_those_there_are),
        cmocka_unit_test(what_other_programs_call_it_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
