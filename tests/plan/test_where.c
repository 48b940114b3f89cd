/* `--where`: which trials of a plan stay. Of a database: tests/cli/test_narrowed.c. */
#include "plan/plan.h"

#include "test.h"

static const char text[] = "base: {dataset: mnist}\n"
                           "sweep:\n"
                           "  topology: [[20, 15], 64x3, []]\n"
                           "  optimizer: [adam, sgd, sgd(momentum=0.9)]\n"
                           "  learning_rate: [auto, 0.01, 0.1]\n"
                           "  train_rows: [all, 1000]\n"
                           "repeats: 4\n";

enum { WHERES_MAX = 4 };

static bool parse(const char *const *wheres, struct arena *arena, struct plan *plan,
                  struct error *err) {
    struct plan_options options = {.wheres = wheres};
    while (wheres[options.where_count])
        options.where_count++;
    return plan_parse("a.yaml", text, sizeof text - 1, &options, arena, plan, err);
}

static void trials_that_satisfy_a_condition_stay(void **state) {
    (void)state;
    static const struct {
        const char *wheres[WHERES_MAX];
        size_t variants, trials;
    } cases[] = {
        /* auto is 0.01 for sgd: 3 + 2 + 2 rates, 3 topologies, 2 sizes */
        {{NULL}, 42, 168},
        {{"topology=20-15"}, 14, 56},
        {{"topology=[20, 15]"}, 14, 56},
        {{"topology=64x3,[]"}, 28, 112},
        {{"topology!=64x3"}, 28, 112},
        {{"optimizer=adam"}, 18, 72},
        {{"optimizer=sgd"}, 24, 96},
        {{"optimizer=sgd()"}, 12, 48},
        {{"optimizer=sgd(momentum=0.9)"}, 12, 48},
        {{"optimizer=sgd(momentum=0.9),adam"}, 30, 120},
        {{"optimizer!=sgd"}, 18, 72},
        {{"optimizer.momentum=0.9"}, 12, 48},
        {{"optimizer.momentum<0.9"}, 12, 48},
        {{"optimizer.momentum!=0.9"}, 30, 120},
        {{"learning_rate=auto"}, 18, 72},
        {{"learning_rate=0.01"}, 18, 72},
        {{"learning_rate<0.01"}, 6, 24},
        {{"learning_rate<=0.01"}, 24, 96},
        {{"learning_rate>0.01"}, 18, 72},
        {{"learning_rate>=1e-2"}, 36, 144},
        {{"train_rows=all"}, 21, 84},
        {{"train_rows>1000"}, 21, 84},
        {{"train_rows<=1000"}, 21, 84},
        {{"seed=2"}, 42, 42},
        {{"seed>=2", "seed!=3"}, 42, 84},
        {{"seed=1,4", "optimizer=adam", "topology=[]"}, 6, 12},
        {{"epochs=11"}, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct plan plan;
        assert_ok(parse(cases[i].wheres, &arena, &plan, &err), err);
        if (plan.variants != cases[i].variants || plan.count != cases[i].trials)
            fail_msg("--where %s leaves %zu variants, %zu trials", cases[i].wheres[0],
                     plan.variants, plan.count);
        for (size_t t = 0; t < plan.count; t++)
            assert_in_range(plan.trials[t].variant, 0, plan.variants - 1);
        arena_close(&arena);
    }
}

static void labels_stay_those_of_the_whole_plan(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    assert_ok(parse((const char *const[]){"optimizer=adam", "topology=[]", "train_rows=1000",
                                          "seed=3", "learning_rate=0.1", NULL},
                    &arena, &plan, &err),
              err);
    assert_int_equal(plan.count, 1);
    assert_string_equal(plan.trials[0].label,
                        "topology=none optimizer=adam learning_rate=0.1 train_rows=1000");
    arena_close(&arena);
}

static void what_cannot_be_read_is_a_usage_error(void **state) {
    (void)state;
    static const struct {
        const char *where, *message;
    } cases[] = {
        {"epochs", "--where epochs: a condition is written K=V, K!=V, K<V or K>=V"},
        {"", "--where : a condition is written K=V, K!=V, K<V or K>=V"},
        {"=5", "--where =5: a condition is written K=V, K!=V, K<V or K>=V"},
        {"epochs!5", "--where epochs!5: a condition is written K=V, K!=V, K<V or K>=V"},
        {"epoch=5", "--where epoch=5: unknown knob 'epoch'; did you mean 'epochs'?"},
        {"epochs=x", "--where epochs=x: epochs must be a whole number, not 'x'"},
        {"epochs=1,", "--where epochs=1,: epochs must be a whole number, not ''"},
        {"epochs<1,2", "--where epochs<1,2: epochs must be a whole number, not '1,2'"},
        {"topology<5", "--where topology<5: topology has no order: only = and != are for it"},
        {"optimizer>=sgd",
         "--where optimizer>=sgd: optimizer has no order: only = and != are for it"},
        {"optimizer.momentun=1",
         "--where optimizer.momentun=1: no optimizer has an argument 'momentun'; did you mean "
         "'momentum'?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct plan plan;
        if (parse((const char *const[]){cases[i].where, NULL}, &arena, &plan, &err))
            fail_msg("--where '%s' is taken", cases[i].where);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.first->text, cases[i].message);
        error_clear(&err);
        arena_close(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_that_satisfy_a_condition_stay),
        cmocka_unit_test(labels_stay_those_of_the_whole_plan),
        cmocka_unit_test(what_cannot_be_read_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
