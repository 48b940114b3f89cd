/* The numbers that outcome.h makes of a trial's curves, by hand on a few epochs. On real trainings,
 * against a program in Python: tests/reference/check_derived.py. */
#include "trial/outcome.h"

#include <math.h>

#include "test.h"

enum { EPOCHS_MAX = 16 };

/* Epochs 1 to n of a validation loss; the rest is made so that each number can be told by hand:
 * probe_loss 0.25 below, accuracies 1 - loss / 10, epoch e of e seconds. */
struct curve {
    size_t count;
    struct epoch_record epochs[EPOCHS_MAX];
};

static struct curve curve_of(const double *val_loss, size_t count) {
    struct curve curve = {.count = count};
    for (size_t i = 0; i < count; i++)
        curve.epochs[i] = (struct epoch_record){.epoch = i + 1,
                                                .val_loss = val_loss[i],
                                                .val_accuracy = 1 - val_loss[i] / 10,
                                                .probe_loss = val_loss[i] - 0.25,
                                                .probe_accuracy = 1 - val_loss[i] / 20,
                                                .epoch_seconds = (double)(i + 1)};
    return curve;
}

#define CURVE(...)                                                                                 \
    curve_of((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static struct overfitting measured(struct curve curve) {
    const struct choice loss = choice_default(&monitors, "val_loss");
    return overfitting_measure(curve.epochs, curve.count, &loss);
}

static void assert_near(double got, double expected) {
    if (!(fabs(got - expected) <= 1e-12))
        fail_msg("%.17g, not %.17g", got, expected);
}

static void best_epoch_has_the_lowest_loss(void **state) {
    (void)state;
    struct overfitting it = measured(CURVE(3, 2, 1, 1.5, 2));
    assert_int_equal(it.best_epoch, 3);
    assert_near(it.best_val_loss, 1);
    assert_near(it.final_val_loss, 2);
}

static void first_of_equal_losses_is_the_best(void **state) {
    (void)state;
    assert_int_equal(measured(CURVE(2, 1, 1, 1)).best_epoch, 2);
}

static void best_accuracy_has_its_own_epoch(void **state) {
    (void)state;
    struct curve curve = CURVE(3, 1, 2, 2.5);
    curve.epochs[2].val_accuracy = 0.99;
    curve.epochs[3].val_accuracy = 0.99;
    struct overfitting it = measured(curve);
    assert_int_equal(it.best_epoch, 2);
    assert_int_equal(it.best_accuracy_epoch, 3);
}

/* All numbers of the best epoch are of the one that the monitor finds; GL is of losses. */
static void monitor_decides_which_epoch_is_the_best(void **state) {
    (void)state;
    const struct choice accuracy = choice_default(&monitors, "val_accuracy");
    struct curve curve = CURVE(3, 1, 2, 2.5, 4);
    curve.epochs[2].val_accuracy = 0.99;
    curve.epochs[3].val_accuracy = 0.99;
    struct overfitting it = overfitting_measure(curve.epochs, curve.count, &accuracy);
    assert_int_equal(it.best_epoch, 3);
    assert_int_equal(it.best_accuracy_epoch, 3);
    assert_near(it.best_val_loss, 2);
    assert_near(it.val_accuracy_at_best, 0.99);
    assert_int_equal(it.wasted_epochs, 2);
    assert_near(it.wasted_seconds, 4 + 5);
    assert_near(it.gl_at_end, 300);
    assert_string_equal(it.stopping[0].criterion, "patience(epochs=3)");
    assert_int_equal(it.stopping[0].stop_epoch, 0);
}

/* Losses are at their best in epoch 1, accuracies in epoch 3. */
static void criteria_look_at_what_is_monitored(void **state) {
    (void)state;
    const struct choice accuracy = choice_default(&monitors, "val_accuracy");
    struct curve curve = CURVE(1, 2, 2, 2, 2, 2, 2, 2);
    curve.epochs[2].val_accuracy = 0.99;
    for (size_t i = 0; i < curve.count; i++)
        curve.epochs[i].test_accuracy = (double)NAN;
    struct stopping by_loss = measured(curve).stopping[0];
    struct stopping by_accuracy =
        overfitting_measure(curve.epochs, curve.count, &accuracy).stopping[0];
    assert_int_equal(by_loss.stop_epoch, 4);
    assert_int_equal(by_accuracy.stop_epoch, 6);
    assert_near(by_accuracy.accuracy_change, 0);
}

static void gaps_are_validation_minus_probe_loss(void **state) {
    (void)state;
    struct curve curve = CURVE(3, 1, 2);
    curve.epochs[1].probe_loss = 0.5;
    curve.epochs[2].probe_loss = 0.125;
    struct overfitting it = measured(curve);
    assert_near(it.gap_at_best, 0.5);
    assert_near(it.gap_at_end, 1.875);
}

static void accuracy_gap_is_probe_minus_validation(void **state) {
    (void)state;
    struct curve curve = CURVE(3, 1, 2);
    curve.epochs[2].probe_accuracy = 0.75;
    curve.epochs[2].val_accuracy = 0.5;
    assert_near(measured(curve).accuracy_gap_at_end, 0.25);
}

static void epochs_after_the_best_are_wasted(void **state) {
    (void)state;
    struct overfitting it = measured(CURVE(3, 1, 2, 1.5, 2));
    assert_int_equal(it.wasted_epochs, 3);
    assert_near(it.wasted_fraction, 0.6);
    assert_near(it.wasted_seconds, 3 + 4 + 5);
}

static void nothing_is_wasted_when_the_last_epoch_is_the_best(void **state) {
    (void)state;
    struct overfitting it = measured(CURVE(3, 2, 1));
    assert_int_equal(it.wasted_epochs, 0);
    assert_near(it.wasted_fraction, 0);
    assert_near(it.wasted_seconds, 0);
    assert_near(it.gl_at_end, 0);
    assert_int_equal(it.onset_epoch, 0);
}

/* GL(t) = 100 * (E_va / E_opt - 1), Prechelt 1998. */
static void generalization_loss_is_in_percent_of_the_best(void **state) {
    (void)state;
    assert_near(measured(CURVE(3, 2, 2.5)).gl_at_end, 25);
    assert_near(measured(CURVE(4, 0.5, 1, 0.75)).gl_at_end, 50);
}

static void generalization_loss_over_a_best_of_0_is_infinite_unless_it_ends_there(void **state) {
    (void)state;
    assert_true(isinf(measured(CURVE(1, 0, 0.5)).gl_at_end));
    assert_near(measured(CURVE(1, 0, 0)).gl_at_end, 0);
}

/* The first epoch after the best from which the smoothed loss stays above 1.05 times its minimum.
 */
static void onset_is_where_the_smoothed_loss_starts_to_stay_above_its_minimum(void **state) {
    (void)state;
    static const struct {
        double val_loss[8];
        uint64_t onset;
    } cases[] = {
        {{3, 2, 2, 2, 2.4, 2.8, 3, 3}, 4},     /* 2, 2, 2.13, ...: the mean with its neighbours */
        {{3, 2, 2, 2, 1, 2, 2, 2}, 7},         /* one low epoch is no level: 1.67, 1.67, 1.67, 2 */
        {{3, 2, 2, 2, 2, 2, 2.1, 2.05}, 0},    /* never left */
        {{3, 2, 2, 2, 2.5, 2.5, 2.1, 2.0}, 0}, /* was back at the end */
        {{1, 2, 3, 4, 5, 6, 7, 8}, 2},         {{8, 7, 6, 5, 4, 3, 2, 1}, 0},
        {{1, 1, 1, 1, 1, 1, 1, 1}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(measured(curve_of(cases[i].val_loss, 8)).onset_epoch, cases[i].onset);
}

static void single_epoch_is_its_own_best(void **state) {
    (void)state;
    struct overfitting it = measured(CURVE(2));
    assert_int_equal(it.best_epoch, 1);
    assert_int_equal(it.wasted_epochs, 0);
    assert_near(it.wasted_fraction, 0);
}

static void epochs_that_diverged_are_never_the_best(void **state) {
    (void)state;
    struct overfitting it = measured(CURVE((double)NAN, 3, 2, (double)INFINITY, 4));
    assert_int_equal(it.best_epoch, 3);
    assert_int_equal(it.best_accuracy_epoch, 3);
    assert_int_equal(it.wasted_epochs, 2);
}

static void regression_has_no_best_accuracy(void **state) {
    (void)state;
    struct curve curve = CURVE(3, 2, 4);
    for (size_t i = 0; i < curve.count; i++)
        curve.epochs[i].val_accuracy = curve.epochs[i].probe_accuracy = (double)NAN;
    struct overfitting it = measured(curve);
    assert_int_equal(it.best_epoch, 2);
    assert_int_equal(it.best_accuracy_epoch, 0);
    assert_true(isnan(it.accuracy_gap_at_end));
}

static void nothing_is_told_without_validation(void **state) {
    (void)state;
    struct curve curves[] = {CURVE((double)NAN, (double)NAN), {.count = 0}};
    for (size_t i = 0; i < 2; i++) {
        struct overfitting it = measured(curves[i]);
        assert_int_equal(it.best_epoch, 0);
        assert_int_equal(it.best_accuracy_epoch, 0);
        assert_int_equal(it.onset_epoch, 0);
        assert_true(isnan(it.wasted_epochs));
        assert_true(isnan(it.best_val_loss) && isnan(it.final_val_loss));
        assert_true(isnan(it.gap_at_best) && isnan(it.gap_at_end));
        assert_true(isnan(it.wasted_fraction) && isnan(it.wasted_seconds));
        assert_true(isnan(it.accuracy_gap_at_end) && isnan(it.gl_at_end));
    }
}

static void states_have_the_names_of_the_database(void **state) {
    (void)state;
    static const char *const names[] = {"planned",  "running", "done",
                                        "diverged", "failed",  "interrupted"};
    for (int i = TRIAL_PLANNED; i <= TRIAL_INTERRUPTED; i++)
        assert_string_equal(trial_state_name((enum trial_state)i), names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_epoch_has_the_lowest_loss),
        cmocka_unit_test(first_of_equal_losses_is_the_best),
        cmocka_unit_test(best_accuracy_has_its_own_epoch),
        cmocka_unit_test(monitor_decides_which_epoch_is_the_best),
        cmocka_unit_test(criteria_look_at_what_is_monitored),
        cmocka_unit_test(gaps_are_validation_minus_probe_loss),
        cmocka_unit_test(accuracy_gap_is_probe_minus_validation),
        cmocka_unit_test(epochs_after_the_best_are_wasted),
        cmocka_unit_test(nothing_is_wasted_when_the_last_epoch_is_the_best),
        cmocka_unit_test(generalization_loss_is_in_percent_of_the_best),
        cmocka_unit_test(generalization_loss_over_a_best_of_0_is_infinite_unless_it_ends_there),
        cmocka_unit_test(onset_is_where_the_smoothed_loss_starts_to_stay_above_its_minimum),
        cmocka_unit_test(single_epoch_is_its_own_best),
        cmocka_unit_test(epochs_that_diverged_are_never_the_best),
        cmocka_unit_test(regression_has_no_best_accuracy),
        cmocka_unit_test(nothing_is_told_without_validation),
        cmocka_unit_test(states_have_the_names_of_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
