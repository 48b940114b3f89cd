/* What changes a trial's id and what must not, for every knob; and ids that are fixed, since
 * results of earlier versions are found by them. */
#include "trial/fingerprint.h"

#include "trial/knob.h"

#include <string.h>

#include "test.h"

/* Fixed, so that ids do not move with anybody's files. */
static const char digest[] = "0123456789abcdef0123456789abcdef";

/* Sets knobs, written `name: value` and ended by NULL, in a trial on mnist, and resolves it. */
static struct trial trial_of(const char *const *settings) {
    struct trial trial = trial_default();
    struct error err = {0};
    trial.dataset = data_builtin(0);
    for (; *settings; settings++) {
        char name[32] = {0};
        size_t length = strcspn(*settings, ":");
        memcpy(name, *settings, length);
        const struct knob *knob = knob_find(name);
        assert_non_null(knob);
        assert_ok(knob_parse(knob, *settings + length + 2, (struct place){0}, NULL, &trial, &err),
                  err);
    }
    trial_resolve(&trial);
    return trial;
}

#define TRIAL(...) trial_of((const char *const[]){__VA_ARGS__, NULL})

static struct trial plain(void) {
    return trial_of((const char *const[]){NULL});
}

static struct fingerprint print_of(struct trial trial) {
    return trial_fingerprint(&trial, digest, 10);
}

static void ids_are_16_hexadecimal_digits(void **state) {
    (void)state;
    struct fingerprint it = print_of(plain());
    assert_int_equal(strlen(it.trial), ID_LENGTH);
    assert_int_equal(strlen(it.variant), ID_LENGTH);
    assert_int_equal(strspn(it.trial, "0123456789abcdef"), ID_LENGTH);
    assert_int_equal(strspn(it.variant, "0123456789abcdef"), ID_LENGTH);
}

static void defaults_written_out_change_nothing(void **state) {
    (void)state;
    struct fingerprint expected = print_of(plain());
    for (size_t i = 0; i < knob_count; i++) {
        if (!knobs[i].fallback)
            continue;
        char setting[200];
        snprintf(setting, sizeof setting, "%s: %s", knobs[i].name, knobs[i].fallback);
        struct fingerprint it = print_of(TRIAL(setting));
        assert_string_equal(it.trial, expected.trial);
        assert_string_equal(it.variant, expected.variant);
    }
}

static void what_automatic_values_stand_for_changes_nothing(void **state) {
    (void)state;
    struct fingerprint expected = print_of(plain());
    static const char *const settings[] = {"learning_rate: 0.001", "loss: cross_entropy",
                                           "split_seed: 1",        "init_seed: 1",
                                           "order_seed: 1",        "optimizer: adam(beta1=0.9)"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        assert_string_equal(print_of(TRIAL(settings[i])).trial, expected.trial);
}

static void other_spellings_of_a_value_change_nothing(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"learning_rate: 0.002", "learning_rate: 2e-3"},
        {"epochs: 1000", "epochs: 1e3"},
        {"topology: [64, 64]", "topology: 64x2"},
        {"optimizer: sgd(momentum=0.9, nesterov=true)",
         "optimizer: sgd( nesterov=true, momentum=.90)"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(print_of(TRIAL(pairs[i][0])).trial, print_of(TRIAL(pairs[i][1])).trial);
}

static void order_of_settings_changes_nothing(void **state) {
    (void)state;
    assert_string_equal(print_of(TRIAL("epochs: 3", "optimizer: sgd", "seed: 2")).trial,
                        print_of(TRIAL("seed: 2", "optimizer: sgd", "epochs: 3")).trial);
}

/* One value other than the default, also for knobs to come. Owns: static, until the next call. */
static const char *other_value(const struct knob *knob) {
    static char text[100];
    const char *value = knob->type == KNOB_WHOLE    ? "11"
                        : knob->type == KNOB_NUMBER ? "0.2"
                                                    : "[20]";
    for (size_t i = 0; knob->type == KNOB_CHOICE && i < 2; i++) {
        value = registry_row(knob->rows, i)->name;
        if (strcmp(value, knob->fallback) != 0 && strcmp(value, "cross_entropy") != 0)
            break;
    }
    snprintf(text, sizeof text, "%s: %s", knob->name, value);
    return text;
}

static void each_knob_changes_what_it_is_part_of(void **state) {
    (void)state;
    struct fingerprint standard = print_of(plain());
    for (size_t i = 0; i < knob_count; i++) {
        if (knobs[i].type == KNOB_DATASET)
            continue;
        struct fingerprint it = print_of(TRIAL(other_value(&knobs[i])));
        bool trial_changed = strcmp(it.trial, standard.trial) != 0;
        bool variant_changed = strcmp(it.variant, standard.variant) != 0;
        if (trial_changed != (knobs[i].role != KNOB_OF_MEASURE) ||
            variant_changed != (knobs[i].role == KNOB_OF_VARIANT))
            fail_msg("%s", knobs[i].name);
    }
}

static void no_two_single_changes_give_the_same_id(void **state) {
    (void)state;
    enum { KNOBS_MAX = 100 };
    struct fingerprint prints[KNOBS_MAX];
    size_t count = 0;
    for (size_t k = 0; k < knob_count; k++)
        if (knobs[k].type != KNOB_DATASET && knobs[k].role != KNOB_OF_MEASURE)
            prints[count++] = print_of(TRIAL(other_value(&knobs[k])));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(prints[i].trial, prints[j].trial);
}

static void argument_of_a_choice_changes_both_ids(void **state) {
    (void)state;
    struct fingerprint a = print_of(TRIAL("optimizer: sgd"));
    struct fingerprint b = print_of(TRIAL("optimizer: sgd(momentum=0.9)"));
    assert_string_not_equal(a.trial, b.trial);
    assert_string_not_equal(a.variant, b.variant);
}

/* A learning rate of 0.001 is the default of adam and not of sgd. */
static void default_of_another_optimizer_is_not_left_out(void **state) {
    (void)state;
    assert_string_not_equal(print_of(TRIAL("optimizer: sgd")).trial,
                            print_of(TRIAL("optimizer: sgd", "learning_rate: 0.001")).trial);
}

static void bytes_of_the_data_count_and_its_name_does_not(void **state) {
    (void)state;
    struct trial trial = plain(), renamed = trial;
    struct data_source source = *trial.dataset;
    source.name = "digits";
    renamed.dataset = &source;
    struct fingerprint it = trial_fingerprint(&trial, digest, 10);
    assert_string_equal(trial_fingerprint(&renamed, digest, 10).trial, it.trial);
    struct fingerprint other = trial_fingerprint(&trial, "1123456789abcdef0123456789abcdef", 10);
    assert_string_not_equal(other.trial, it.trial);
    assert_string_not_equal(other.variant, it.variant);
}

/* Results of earlier versions are found by these. Another id is another numerics version. */
static void ids_of_three_trials_are_these(void **state) {
    (void)state;
    assert_int_equal(NUMERICS_VERSION, 4);
    const struct {
        struct trial trial;
        const char *id, *variant;
    } golden[] = {
        {plain(), "1318af4fdb6a341c", "f37c1d425cacced0"},
        {TRIAL("initializer: normal", "batch_size: 100", "epochs: 40", "scale: none", "seed: 7"),
         "f66da27c992e424a", "d51837937ae054d5"},
        {TRIAL("topology: []", "optimizer: sgd(momentum=0.9)", "train_rows: 1000", "init_seed: 3"),
         "c298f3fe530a8f25", "a68080d055a7d8a6"},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        struct fingerprint it = print_of(golden[i].trial);
        if (strcmp(it.trial, golden[i].id) != 0 || strcmp(it.variant, golden[i].variant) != 0)
            fail_msg("trial %zu is \"%s\", \"%s\"", i, it.trial, it.variant);
    }
}

/* A net whose products are in panels has the version since which they are. */
static void kernels_that_became_large_change_the_id(void **state) {
    (void)state;
    struct trial trial = TRIAL("topology: [64, 64]"), large = TRIAL("topology: [64, 65]");
    const char *small_id = "3cfb1fa15b4fe0ca", *large_id = "23e93d93f439dc86";
    assert_string_equal(trial_fingerprint(&trial, digest, 10).trial, small_id);
    assert_string_equal(trial_fingerprint(&trial, digest, 64).trial, small_id);
    assert_string_not_equal(trial_fingerprint(&trial, digest, 65).trial, small_id);
    assert_string_equal(trial_fingerprint(&large, digest, 10).trial, large_id);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_16_hexadecimal_digits),
        cmocka_unit_test(defaults_written_out_change_nothing),
        cmocka_unit_test(what_automatic_values_stand_for_changes_nothing),
        cmocka_unit_test(other_spellings_of_a_value_change_nothing),
        cmocka_unit_test(order_of_settings_changes_nothing),
        cmocka_unit_test(each_knob_changes_what_it_is_part_of),
        cmocka_unit_test(no_two_single_changes_give_the_same_id),
        cmocka_unit_test(argument_of_a_choice_changes_both_ids),
        cmocka_unit_test(default_of_another_optimizer_is_not_left_out),
        cmocka_unit_test(bytes_of_the_data_count_and_its_name_does_not),
        cmocka_unit_test(ids_of_three_trials_are_these),
        cmocka_unit_test(kernels_that_became_large_change_the_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
