/* `--set K=V` over what the file says: values, axes that it replaces, seeds, and where its errors
 * are placed. */
#include "plan/plan.h"

#include "test.h"

static const char text[] = "datasets:\n"
                           "  points: {format: libsvm, train: points, features: 2}\n"
                           "base: {dataset: mnist, epochs: 10, seed: 3}\n"
                           "sweep:\n"
                           "  topology: [[20, 15], [64], []]\n"
                           "  optimizer: [adam, sgd]\n"
                           "  init_seed: [1, 2]\n"
                           "repeats: 2\n";

static bool parse(const char *const *overrides, struct arena *arena, struct plan *plan,
                  struct error *err) {
    struct plan_options options = {.sets = overrides};
    while (overrides[options.set_count])
        options.set_count++;
    return plan_parse("a.yaml", text, sizeof text - 1, &options, arena, plan, err);
}

static struct plan parsed(const char *const *overrides, struct arena *arena) {
    struct plan plan;
    struct error err = {0};
    assert_ok(parse(overrides, arena, &plan, &err), err);
    return plan;
}

static void without_overrides_the_file_is_the_plan(void **state) {
    (void)state;
    struct arena arena = {0};
    struct plan plan = parsed((const char *const[]){NULL}, &arena);
    assert_int_equal(plan.count, 3 * 2 * 2 * 2);
    assert_int_equal(plan.variants, 6);
    assert_int_equal(plan.axis_count, 2);
    assert_ptr_equal(plan.text, text);
    assert_string_equal(plan.file, "a.yaml");
    assert_null(plan.question);
    arena_close(&arena);
}

static void override_replaces_the_value_of_every_trial(void **state) {
    (void)state;
    static const struct {
        const char *override, *knob, *value;
        size_t count;
    } cases[] = {
        {"epochs=5", "epochs", "5", 24},
        {"dataset=fashion-mnist", "dataset", "fashion-mnist", 24},
        {"dataset=points", "dataset", "points", 24},
        {"scale=standard", "scale", "standard", 24},
        {"learning_rate=1e-2", "learning_rate", "0.01", 24},
        {"train_rows=all", "train_rows", "all", 24},
        {"topology=[100, 50]", "topology", "[100, 50]", 8},
        {"topology=100-50", "topology", "[100, 50]", 8},
        {"topology=[]", "topology", "[]", 8},
        {"topology=64x2", "topology", "[64, 64]", 8},
        {"optimizer=sgd(momentum=0.9, nesterov=true)", "optimizer",
         "sgd(momentum=0.9, nesterov=true)", 12},
        {"init_seed=7", "init_seed", "7", 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct plan plan = parsed((const char *const[]){cases[i].override, NULL}, &arena);
        const struct knob *knob = knob_find(cases[i].knob);
        assert_int_equal(plan.count, cases[i].count);
        for (size_t t = 0; t < plan.count; t++)
            assert_string_equal(knob_text(knob, &plan.trials[t].trial, &arena), cases[i].value);
        for (size_t a = 0; a < plan.axis_count; a++)
            assert_ptr_not_equal(plan.axes[a].knob, knob);
        arena_close(&arena);
    }
}

static void collapsed_axis_leaves_the_label(void **state) {
    (void)state;
    struct arena arena = {0};
    struct plan plan = parsed((const char *const[]){"topology=[5]", NULL}, &arena);
    assert_string_equal(plan.trials[0].label, "optimizer=adam");
    plan = parsed((const char *const[]){"topology=[5]", "optimizer=adam", NULL}, &arena);
    assert_string_equal(plan.trials[0].label, "");
    assert_int_equal(plan.axis_count, 0);
    arena_close(&arena);
}

static void seeds_and_repeats_count_too(void **state) {
    (void)state;
    struct arena arena = {0};
    struct plan plan = parsed((const char *const[]){"repeats=1", "seed=40", NULL}, &arena);
    assert_int_equal(plan.count, 12);
    for (size_t i = 0; i < plan.count; i++)
        assert_int_equal(plan.trials[i].trial.seed, 40);
    plan = parsed((const char *const[]){"repeats=3", NULL}, &arena);
    assert_int_equal(plan.count, 36);
    assert_int_equal(plan.trials[2].trial.seed, 5);
    arena_close(&arena);
}

static void last_override_of_a_knob_wins(void **state) {
    (void)state;
    struct arena arena = {0};
    struct plan plan = parsed((const char *const[]){"epochs=5", "epochs=6", NULL}, &arena);
    assert_int_equal(plan.trials[0].trial.epochs, 6);
    arena_close(&arena);
}

static void override_gives_the_dataset_that_a_file_lacks(void **state) {
    (void)state;
    static const char bare[] = "base: {epochs: 2}\n";
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    static const char *const sets[] = {"dataset=mnist"};
    const struct plan_options options = {.sets = sets, .set_count = 1};
    assert_ok(plan_parse("bare.yaml", bare, sizeof bare - 1, &options, &arena, &plan, &err), err);
    assert_int_equal(plan.count, 1);
    arena_close(&arena);
}

static void what_cannot_be_read_is_a_usage_error(void **state) {
    (void)state;
    static const struct {
        const char *override, *message;
    } cases[] = {
        {"epochs", "--set is written K=V, not 'epochs'"},
        {"", "--set is written K=V, not ''"},
        {"=5", "--set: unknown knob ''"},
        {"epoch=5", "--set: unknown knob 'epoch'; did you mean 'epochs'?"},
        {"repeat=5", "--set: unknown knob 'repeat'; did you mean 'repeats'?"},
        {"frobnicate=5", "--set: unknown knob 'frobnicate'"},
        {"epochs=", "--set epochs=: epochs must be a whole number, not ''"},
        {"epochs= 5", "--set epochs= 5: epochs must be a whole number, not ' 5'"},
        {"epochs=0", "--set epochs=0: epochs is 0, outside 1..1000000"},
        {"epochs=5=6", "--set epochs=5=6: epochs must be a whole number, not '5=6'"},
        {"repeats=0", "--set repeats=0: repeats must be a whole number in 1..1000000"},
        {"repeats=x", "--set repeats=x: repeats must be a whole number in 1..1000000"},
        {"activation=rellu",
         "--set activation=rellu: unknown activation 'rellu'; did you mean 'relu'?"},
        {"optimizer=sgd(momentum=2)",
         "--set optimizer=sgd(momentum=2): momentum is 2, outside 0..1"},
        {"dataset=mnits", "--set dataset=mnits: unknown dataset 'mnits'; did you mean 'mnist'?"},
        {"topology=a", "--set topology=a: topology must be a list of widths such as [20, 15], not "
                       "'a'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct plan plan;
        if (parse((const char *const[]){cases[i].override, NULL}, &arena, &plan, &err))
            fail_msg("--set '%s' is taken", cases[i].override);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_int_equal(err.count, 1);
        assert_string_equal(err.first->text, cases[i].message);
        error_clear(&err);
        arena_close(&arena);
    }
}

static void contradiction_that_an_override_makes_is_placed_there(void **state) {
    (void)state;
    static const char houses[] = "datasets: {houses: {format: libsvm, train: h, features: 8, task: "
                                 "regression}}\n"
                                 "base: {dataset: houses}\n";
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    static const char *const sets[] = {"loss=cross_entropy"};
    const struct plan_options options = {.sets = sets, .set_count = 1};
    assert_false(plan_parse("h.yaml", houses, sizeof houses - 1, &options, &arena, &plan, &err));
    assert_int_equal(err.count, 1);
    assert_string_equal(err.first->file, "--set");
    assert_string_equal(err.first->text,
                        "the loss cross_entropy does not fit houses, whose task is regression");
    error_clear(&err);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_overrides_the_file_is_the_plan),
        cmocka_unit_test(override_replaces_the_value_of_every_trial),
        cmocka_unit_test(collapsed_axis_leaves_the_label),
        cmocka_unit_test(seeds_and_repeats_count_too),
        cmocka_unit_test(last_override_of_a_knob_wins),
        cmocka_unit_test(override_gives_the_dataset_that_a_file_lacks),
        cmocka_unit_test(what_cannot_be_read_is_a_usage_error),
        cmocka_unit_test(contradiction_that_an_override_makes_is_placed_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
