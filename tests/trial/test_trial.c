/* What stands for values that are not given (loss, seeds), and sizes of nets counted by hand. */
#include "trial/trial.h"

#include "trial/knob.h"

#include "test.h"

static struct trial trial_on(enum task task) {
    static const struct data_source sources[] = {
        [TASK_CLASSIFICATION] = {.name = "digits", .task = TASK_CLASSIFICATION},
        [TASK_REGRESSION] = {.name = "housing", .task = TASK_REGRESSION},
    };
    struct trial trial = trial_default();
    trial.dataset = &sources[task];
    return trial;
}

static struct trial with_widths(const char *topology) {
    struct trial trial = trial_on(TASK_CLASSIFICATION);
    struct error err = {0};
    assert_ok(topology_parse(topology, (struct place){0}, &trial.topology, &err), err);
    return trial;
}

static void loss_follows_the_task(void **state) {
    (void)state;
    struct trial classes = trial_on(TASK_CLASSIFICATION), values = trial_on(TASK_REGRESSION);
    trial_resolve(&classes);
    trial_resolve(&values);
    assert_string_equal(classes.loss.entry->name, "cross_entropy");
    assert_string_equal(values.loss.entry->name, "mse");
}

static void seeds_that_are_not_given_are_the_seed(void **state) {
    (void)state;
    struct trial trial = trial_on(TASK_CLASSIFICATION);
    trial.seed = 42;
    trial.order_seed = 7;
    trial_resolve(&trial);
    assert_int_equal(trial.split_seed, 42);
    assert_int_equal(trial.init_seed, 42);
    assert_int_equal(trial.order_seed, 7);
}

static void what_is_given_is_not_replaced(void **state) {
    (void)state;
    struct trial trial = trial_on(TASK_CLASSIFICATION);
    struct error err = {0};
    trial.learning_rate = 0;
    trial.split_seed = 0;
    assert_ok(knob_parse(knob_find("loss"), "mse", (struct place){0}, NULL, &trial, &err), err);
    trial_resolve(&trial);
    assert_true(trial.learning_rate == 0);
    assert_int_equal(trial.split_seed, 0);
    assert_string_equal(trial.loss.entry->name, "mse");
}

static void resolving_twice_is_resolving_once(void **state) {
    (void)state;
    struct trial once = trial_on(TASK_CLASSIFICATION);
    trial_resolve(&once);
    struct trial twice = once;
    trial_resolve(&twice);
    for (size_t i = 0; i < knob_count; i++)
        assert_true(knob_equal(&knobs[i], &once, &twice));
}

static void sizes_of_a_net_are_those_counted_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *topology;
        size_t inputs, outputs;
        uint64_t parameters, multiply_adds;
    } cases[] = {
        {"[20, 15]", 784, 10, 16175, 16130},
        {"[200, 150]", 784, 10, 188660, 188300},
        {"[]", 784, 10, 7850, 7840},
        {"[7]", 5, 1, 50, 42},
        {"1000000x32", 784, 10, UINT64_C(31000826000010), UINT64_C(31000794000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial trial = with_widths(cases[i].topology);
        size_t inputs = cases[i].inputs, outputs = cases[i].outputs;
        assert_true(trial_parameters(&trial, inputs, outputs) == cases[i].parameters);
        assert_true(trial_multiply_adds(&trial, inputs, outputs) == cases[i].multiply_adds);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_follows_the_task),
        cmocka_unit_test(seeds_that_are_not_given_are_the_seed),
        cmocka_unit_test(what_is_given_is_not_replaced),
        cmocka_unit_test(resolving_twice_is_resolving_once),
        cmocka_unit_test(sizes_of_a_net_are_those_counted_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
