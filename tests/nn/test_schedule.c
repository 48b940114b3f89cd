/* Learning rates of a hundred steps against the formulas in double precision, and `plateau` against
 * rates worked out by hand. Against Keras: test_keras.c. */
#include "nn/schedule.h"

#include <math.h>

#include "inputs.h"
#include "test.h"

/* Ten epochs of ten steps. */
static double rate(const char *text, uint64_t step) {
    struct choice choice = inputs_choice(&schedules, text);
    struct schedule_time time = {step, 100, (step - 1) / 10};
    struct schedule_memory memory = {0};
    return schedule_rate(&choice, 0.5, &time, &memory);
}

static void assert_near(double got, double expected) {
    if (!(fabs(got - expected) <= 1e-5 * fabs(expected) + 1e-12))
        fail_msg("%.12g, not %.12g", got, expected);
}

/* numerics.md in double precision. */
static void rates_follow_their_formulas(void **state) {
    (void)state;
    for (uint64_t step = 1; step <= 100; step++) {
        double epoch = (double)((step - 1) / 10), t = (double)(step - 1);
        assert_near(rate("constant", step), 0.5);
        assert_near(rate("step(every=3)", step), 0.5 * pow(0.1, floor(epoch / 3)));
        assert_near(rate("step(every=1, factor=0.7)", step), 0.5 * pow(0.7, epoch));
        assert_near(rate("exponential(rate=0.8)", step), 0.5 * pow(0.8, epoch));
        assert_near(rate("cosine", step), 0.25 * (1 + cos(acos(-1) * t / 100)));
        assert_near(rate("cosine(final=0.1)", step), 0.1 + 0.2 * (1 + cos(acos(-1) * t / 100)));
        assert_near(rate("linear(final=0.1)", step), 0.5 - 0.4 * t / 100);
    }
}

static void warm_up_grows_from_one_nth(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t i = 0; (entry = registry_row(&schedules, i)); i++) {
        char text[80];
        snprintf(text, sizeof text, "%s(warmup=8)", entry->name);
        for (uint64_t step = 1; step <= 8; step++)
            assert_near(rate(text, step), 0.5 * (double)step / 8);
        assert_near(rate(text, 9), 0.5);
    }
}

static void decay_begins_after_the_warm_up(void **state) {
    (void)state;
    for (uint64_t step = 21; step <= 100; step++) {
        double t = (double)(step - 21) / 80;
        assert_near(rate("cosine(warmup=20)", step), 0.25 * (1 + cos(acos(-1) * t)));
        assert_near(rate("linear(warmup=20)", step), 0.5 * (1 - t));
    }
}

static void plateau_lowers_the_rate_when_nothing_improves(void **state) {
    (void)state;
    static const double losses[] = {1, 0.9, 0.95, 0.9, 0.89, 0.95, 0.95, 0.95, 0.95};
    static const double rates[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125};
    struct choice choice = inputs_choice(&schedules, "plateau(patience=2)");
    struct schedule_memory memory = {0};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        struct schedule_time time = {i + 1, 9, i};
        schedule_observe(&choice, losses[i], &memory);
        assert_near(schedule_rate(&choice, 1, &time, &memory), rates[i]);
    }
}

static void plateau_needs_an_improvement_by_min_delta(void **state) {
    (void)state;
    struct choice choice =
        inputs_choice(&schedules, "plateau(patience=1, min_delta=0.1, factor=0.1)");
    struct schedule_memory memory = {0};
    struct schedule_time time = {1, 9, 1};
    schedule_observe(&choice, 1, &memory);
    schedule_observe(&choice, 0.89, &memory);
    assert_near(schedule_rate(&choice, 1, &time, &memory), 1);
    schedule_observe(&choice, 0.8, &memory);
    assert_near(schedule_rate(&choice, 1, &time, &memory), 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_follow_their_formulas),
        cmocka_unit_test(warm_up_grows_from_one_nth),
        cmocka_unit_test(decay_begins_after_the_warm_up),
        cmocka_unit_test(plateau_lowers_the_rate_when_nothing_improves),
        cmocka_unit_test(plateau_needs_an_improvement_by_min_delta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
