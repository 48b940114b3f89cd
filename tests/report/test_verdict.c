/* Verdicts on random curves whose truth is known: noise alone must hardly ever be called
 * overfitting, and growth beneath the noise must be found. */
#include "report/verdict.h"

#include "base/rng.h"

#include <math.h>

#include "test.h"

enum { SEEDS = 6, EPOCHS = 40 };

/* Curves of some seeds that a test makes up. */
struct curves {
    double val[SEEDS][EPOCHS], probe[SEEDS][EPOCHS], accuracy[SEEDS][EPOCHS];
    struct verdict_curve list[SEEDS];
};

/* Independent noise of mean 0 and standard deviation 1, by the sum of twelve uniform draws. */
static double noise(uint32_t a, uint32_t b, uint32_t c) {
    struct rng rng = {{20260704, 11}};
    double sum = 0;
    for (uint32_t i = 0; i < 3; i++) {
        struct rng_words words = rng_draw(rng, a, b, c, i);
        for (size_t w = 0; w < 4; w++)
            sum += (double)rng_unit(words.word[w]);
    }
    return sum - 6;
}

/* Loss falls to a level by epoch 10 or so, then its gap grows by `growth` an epoch and accuracy
 * changes by `drift`; every epoch of every seed has its own noise of `sd` times the level. */
static void make(struct curves *curves, uint32_t run, double sd, double growth, double drift) {
    for (size_t s = 0; s < SEEDS; s++) {
        for (size_t e = 0; e < EPOCHS; e++) {
            uint32_t r = (uint32_t)run, i = (uint32_t)s, t = (uint32_t)e * 4;
            double falling = 2 * exp(-(double)e), after = e > 10 ? (double)(e - 10) : 0;
            curves->val[s][e] = 1 + falling + growth * after + sd * noise(r, i, t);
            curves->probe[s][e] = 0.9 + falling + sd * noise(r, i, t + 1);
            curves->accuracy[s][e] =
                0.9 - 0.2 * falling + drift * after + 0.01 * sd * noise(r, i, t + 2);
        }
        curves->list[s] = (struct verdict_curve){s, EPOCHS, curves->val[s], curves->probe[s],
                                                 curves->accuracy[s]};
    }
}

static enum verdict_kind verdict_on(uint32_t run, double sd, double growth, double drift) {
    struct curves curves;
    make(&curves, run, sd, growth, drift);
    return verdict_of(curves.list, SEEDS, SEEDS, true).kind;
}

static bool is_overfitting(enum verdict_kind kind) {
    return kind == VERDICT_OVERFITS || kind == VERDICT_OVERCONFIDENT;
}

/* 200 experiments of six seeds whose curves are flat but for noise, of 3 to 20 % of the loss. */
static void noise_alone_overfits_in_at_most_one_case_of_twenty(void **state) {
    (void)state;
    size_t alarms = 0;
    for (uint32_t run = 0; run < 200; run++)
        alarms += is_overfitting(verdict_on(run, 0.03 + 0.17 * run / 199.0, 0, 0));
    if (alarms > 10)
        fail_msg("%zu false alarms", alarms);
}

/* The noise of the minimum, seen by each trial alone, always looks like a growing gap. */
static void a_minimum_of_noise_alone_is_followed_by_a_rise(void **state) {
    (void)state;
    struct curves curves;
    make(&curves, 0, 0.1, 0, 0);
    for (size_t s = 0; s < SEEDS; s++) {
        size_t best = 0;
        for (size_t e = 1; e < EPOCHS; e++)
            best = curves.val[s][e] < curves.val[s][best] ? e : best;
        assert_true(curves.val[s][best] < 0.9);
    }
    assert_false(is_overfitting(verdict_of(curves.list, SEEDS, SEEDS, true).kind));
}

static void growing_gap_is_found_beneath_the_noise(void **state) {
    (void)state;
    size_t found = 0;
    for (uint32_t run = 0; run < 50; run++)
        found += is_overfitting(verdict_on(1000 + run, 0.05, 0.01, 0));
    assert_true(found >= 48);
}

static void overconfidence_is_told_from_lost_accuracy(void **state) {
    (void)state;
    assert_int_equal(verdict_on(1, 0.01, 0.02, 0.001), VERDICT_OVERCONFIDENT);
    assert_int_equal(verdict_on(2, 0.01, 0.02, -0.001), VERDICT_OVERFITS);
    struct curves curves;
    make(&curves, 3, 0.01, 0.02, 0);
    assert_int_equal(verdict_of(curves.list, SEEDS, SEEDS, false).kind, VERDICT_OVERFITS);
}

/* The training file as validation file: whatever the loss does, there is no gap. */
static void rise_without_a_gap_is_no_overfitting(void **state) {
    (void)state;
    struct curves curves;
    make(&curves, 4, 0.01, 0.02, 0);
    for (size_t s = 0; s < SEEDS; s++)
        for (size_t e = 0; e < EPOCHS; e++)
            curves.probe[s][e] = curves.val[s][e] + 0.001 * noise(4, (uint32_t)s, (uint32_t)e);
    assert_int_equal(verdict_of(curves.list, SEEDS, SEEDS, true).kind, VERDICT_FLUCTUATES);
}

static void flat_curve_stands_still(void **state) {
    (void)state;
    assert_int_equal(verdict_on(5, 0.005, 0, 0), VERDICT_STANDS);
}

static void falling_curve_still_falls(void **state) {
    (void)state;
    struct curves curves;
    make(&curves, 6, 0.002, 0, 0);
    for (size_t s = 0; s < SEEDS; s++)
        for (size_t e = 0; e < EPOCHS; e++)
            curves.val[s][e] -= 0.015 * (double)e;
    assert_int_equal(verdict_of(curves.list, SEEDS, SEEDS, true).kind, VERDICT_FALLS);
}

static void few_epochs_are_not_judged(void **state) {
    (void)state;
    struct curves curves;
    make(&curves, 7, 0.01, 0, 0);
    for (size_t epochs = 1; epochs < 6; epochs++) {
        for (size_t s = 0; s < SEEDS; s++)
            curves.list[s].epochs = epochs;
        assert_int_equal(verdict_of(curves.list, SEEDS, SEEDS, true).kind, VERDICT_SHORT);
    }
}

static void one_seed_cannot_tell(void **state) {
    (void)state;
    struct curves curves;
    make(&curves, 8, 0.01, 0.02, 0);
    assert_int_equal(verdict_of(curves.list, 1, 1, true).kind, VERDICT_ONE_SEED);
    make(&curves, 8, 0.005, 0, 0);
    assert_int_equal(verdict_of(curves.list, 1, 1, true).kind, VERDICT_STANDS);
}

static void nothing_is_judged_without_epochs_or_validation(void **state) {
    (void)state;
    assert_int_equal(verdict_of(NULL, 0, 0, true).kind, VERDICT_NONE);
    struct curves curves;
    make(&curves, 9, 0.01, 0, 0);
    for (size_t s = 0; s < SEEDS; s++)
        for (size_t e = 0; e < EPOCHS; e++)
            curves.val[s][e] = (double)NAN;
    assert_int_equal(verdict_of(curves.list, SEEDS, SEEDS, true).kind, VERDICT_UNVALIDATED);
}

/* Early stopping ends seeds at different epochs: the end of each is its own. */
static void seeds_of_different_length_are_judged_by_their_own_ends(void **state) {
    (void)state;
    struct curves curves;
    make(&curves, 10, 0.01, 0.02, 0);
    for (size_t s = 0; s < SEEDS; s++)
        curves.list[s].epochs = EPOCHS - 3 * s;
    struct verdict v = verdict_of(curves.list, SEEDS, SEEDS, true);
    assert_int_equal(v.kind, VERDICT_OVERCONFIDENT);
    assert_int_equal(v.epochs, EPOCHS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_alone_overfits_in_at_most_one_case_of_twenty),
        cmocka_unit_test(a_minimum_of_noise_alone_is_followed_by_a_rise),
        cmocka_unit_test(growing_gap_is_found_beneath_the_noise),
        cmocka_unit_test(overconfidence_is_told_from_lost_accuracy),
        cmocka_unit_test(rise_without_a_gap_is_no_overfitting),
        cmocka_unit_test(flat_curve_stands_still),
        cmocka_unit_test(falling_curve_still_falls),
        cmocka_unit_test(few_epochs_are_not_judged),
        cmocka_unit_test(one_seed_cannot_tell),
        cmocka_unit_test(nothing_is_judged_without_epochs_or_validation),
        cmocka_unit_test(seeds_of_different_length_are_judged_by_their_own_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
