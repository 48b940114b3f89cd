/* Losses against their definitions in double precision, and gradients against finite differences of
 * these; ties, NaN and huge logits. Other arguments and label smoothing: test_keras.c. */
#include "nn/loss.h"

#include <math.h>
#include <string.h>

#include "test.h"

enum { OUTPUTS_MAX = 10, BATCH_MAX = 40, SIZE = OUTPUTS_MAX * BATCH_MAX };

/* A minibatch with all that a loss needs; z [outputs x batch]. */
struct case_of_loss {
    struct choice choice;
    struct loss_target target;
    float z[SIZE], delta[SIZE], scratch[LOSS_SCRATCH * BATCH_MAX + SIZE];
    uint16_t labels[BATCH_MAX];
    float targets[BATCH_MAX];
    int32_t predicted[BATCH_MAX];
};

static void prepare(struct case_of_loss *it, struct choice choice, bool classes, size_t outputs,
                    size_t batch) {
    *it = (struct case_of_loss){.choice = choice};
    it->target = (struct loss_target){.outputs = outputs,
                                      .batch = batch,
                                      .labels = classes ? it->labels : NULL,
                                      .targets = classes ? NULL : it->targets,
                                      .scratch = it->scratch};
    for (size_t i = 0; i < outputs * batch; i++)
        it->z[i] = (float)((i * 7919 + 13) % 601) * 0.01F - 3.0F;
    for (size_t i = 0; i < batch; i++) {
        it->labels[i] = (uint16_t)(i * 5 % outputs);
        it->targets[i] = (float)(i * 31 % 17) * 0.25F - 2.0F;
    }
}

static struct loss_sums measure(struct case_of_loss *it, float *delta) {
    struct loss_sums sums = {0};
    loss_measure(&it->choice, &it->target, it->z, delta, it->predicted, &sums);
    return sums;
}

static const struct {
    size_t outputs, batch;
} sizes[] = {{2, 1}, {2, 5}, {3, 16}, {10, 7}, {10, 40}};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Calls the body for every row of `losses`, each task it is for, and each size. */
static void for_each_case(void (*body)(struct case_of_loss *it)) {
    const struct entry *entry;
    for (size_t r = 0; (entry = registry_row(&losses, r)); r++) {
        struct choice choice = choice_default(&losses, entry->name);
        assert_true(loss_of(&choice)->for_classes || loss_of(&choice)->for_values);
        for (size_t s = 0; s < SIZES; s++) {
            struct case_of_loss it;
            if (loss_of(&choice)->for_classes) {
                prepare(&it, choice, true, sizes[s].outputs, sizes[s].batch);
                body(&it);
            }
            if (loss_of(&choice)->for_values) {
                prepare(&it, choice, false, 1, sizes[s].batch);
                body(&it);
            }
        }
    }
}

/* Softmax of sample i in double precision. */
static void softmax_of(const struct case_of_loss *it, size_t i, double p[OUTPUTS_MAX]) {
    double total = 0;
    for (size_t k = 0; k < it->target.outputs; k++)
        total += p[k] = exp((double)it->z[k * it->target.batch + i]);
    for (size_t k = 0; k < it->target.outputs; k++)
        p[k] /= total;
}

static double cross_entropy_of(const struct case_of_loss *it, size_t i) {
    double p[OUTPUTS_MAX];
    softmax_of(it, i, p);
    return -log(p[it->labels[i]]);
}

/* The mean over outputs of a function of the difference from what they should be. */
static double mean_error(const struct case_of_loss *it, size_t i, double (*error)(double d)) {
    double p[OUTPUTS_MAX], sum = 0;
    if (!it->target.labels)
        return error((double)it->z[i] - (double)it->targets[i]);
    softmax_of(it, i, p);
    for (size_t k = 0; k < it->target.outputs; k++)
        sum += error(p[k] - (k == it->labels[i]));
    return sum / (double)it->target.outputs;
}

static double square(double d) {
    return d * d;
}

static double huber(double d) {
    return fabs(d) <= 1 ? d * d / 2 : fabs(d) - 0.5;
}

static double mse_of(const struct case_of_loss *it, size_t i) {
    return mean_error(it, i, square);
}

static double mae_of(const struct case_of_loss *it, size_t i) {
    return mean_error(it, i, fabs);
}

static double huber_of(const struct case_of_loss *it, size_t i) {
    return mean_error(it, i, huber);
}

/* numerics.md in double precision: the loss of sample i. */
static const struct {
    const char *name;
    double (*value)(const struct case_of_loss *it, size_t i);
} references[] = {
    {"cross_entropy", cross_entropy_of}, {"mse", mse_of}, {"mae", mae_of}, {"huber", huber_of}};

/* The loss of sample i by the row's definition. */
static double reference(const struct case_of_loss *it, size_t i) {
    for (size_t r = 0; r < sizeof references / sizeof *references; r++)
        if (strcmp(references[r].name, it->choice.entry->name) == 0)
            return references[r].value(it, i);
    fail_msg("no reference for loss %s", it->choice.entry->name);
    return 0;
}

static void assert_loss_is_the_reference(struct case_of_loss *it) {
    double expected = 0, got = measure(it, it->delta).loss;
    for (size_t i = 0; i < it->target.batch; i++)
        expected += reference(it, i);
    if (!(fabs(got - expected) <= 1e-6 * fabs(expected)))
        fail_msg("%s: %.9g, not %.9g", it->choice.entry->name, got, expected);
}

static void loss_is_the_sum_over_samples_of_its_definition(void **state) {
    (void)state;
    for_each_case(assert_loss_is_the_reference);
}

static double slope_at(struct case_of_loss *it, size_t at) {
    float z = it->z[at], low = z - 0x1p-10F, high = z + 0x1p-10F;
    it->z[at] = high;
    double above = reference(it, at % it->target.batch);
    it->z[at] = low;
    double below = reference(it, at % it->target.batch);
    it->z[at] = z;
    return (above - below) / ((double)high - (double)low);
}

static void assert_gradient_is_the_slope(struct case_of_loss *it) {
    measure(it, it->delta);
    for (size_t i = 0; i < it->target.outputs * it->target.batch; i++) {
        double slope = slope_at(it, i), got = (double)it->delta[i] * (double)it->target.batch;
        if (!(fabs(got - slope) <= 2e-6 * fmax(1, fabs(slope))))
            fail_msg("%s: %.9g, not %.9g", it->choice.entry->name, got, slope);
    }
}

static void gradient_is_the_slope_of_the_batch_mean(void **state) {
    (void)state;
    for_each_case(assert_gradient_is_the_slope);
}

static void assert_sums_need_no_gradient(struct case_of_loss *it) {
    struct loss_sums with = measure(it, it->delta), without = measure(it, NULL);
    assert_memory_equal(&with, &without, sizeof with);
}

static void sums_are_the_same_bits_without_a_gradient(void **state) {
    (void)state;
    for_each_case(assert_sums_need_no_gradient);
}

static void assert_sums_are_added_to(struct case_of_loss *it) {
    struct loss_sums once = measure(it, NULL);
    struct loss_sums sums = {.loss = 1000, .correct = 100, .absolute_error = 10};
    loss_measure(&it->choice, &it->target, it->z, NULL, it->predicted, &sums);
    assert_true(sums.loss == 1000 + once.loss);
    assert_true(sums.correct == 100 + once.correct);
    assert_true(sums.absolute_error == 10 + once.absolute_error);
}

static void batch_is_added_to_the_sums(void **state) {
    (void)state;
    for_each_case(assert_sums_are_added_to);
}

static void assert_right_ones_are_counted(struct case_of_loss *it) {
    size_t batch = it->target.batch, correct = 0;
    double absolute = 0;
    struct loss_sums sums = measure(it, NULL);
    for (size_t i = 0; i < batch; i++) {
        size_t best = 0;
        for (size_t k = 1; k < it->target.outputs; k++)
            if (it->z[k * batch + i] > it->z[best * batch + i])
                best = k;
        assert_int_equal(it->predicted[i], best);
        correct += it->target.labels && best == it->labels[i];
        absolute += it->target.labels ? 0 : fabs((double)(it->z[i] - it->targets[i]));
    }
    assert_true(sums.correct == (double)correct);
    assert_true(fabs(sums.absolute_error - absolute) <= 1e-6 * absolute);
}

static void right_predictions_and_absolute_errors_are_counted(void **state) {
    (void)state;
    for_each_case(assert_right_ones_are_counted);
}

static void assert_tie_goes_to_the_first(struct case_of_loss *it) {
    for (size_t i = 0; i < it->target.outputs * it->target.batch; i++)
        it->z[i] = 0.5F;
    measure(it, NULL);
    for (size_t i = 0; i < it->target.batch; i++)
        assert_int_equal(it->predicted[i], 0);
}

static void equal_outputs_predict_the_first(void **state) {
    (void)state;
    for_each_case(assert_tie_goes_to_the_first);
}

static void assert_nan_shows(struct case_of_loss *it) {
    for (size_t k = 0; k < it->target.outputs; k++) {
        size_t at = k * it->target.batch + it->target.batch / 2;
        float z = it->z[at];
        it->z[at] = (float)NAN;
        assert_true(isnan(measure(it, it->delta).loss));
        it->z[at] = z;
    }
}

/* Divergence is noticed by it. */
static void loss_is_nan_when_any_output_is_nan(void **state) {
    (void)state;
    for_each_case(assert_nan_shows);
}

static void assert_huge_logit_is_no_trouble(struct case_of_loss *it) {
    static const float huge[] = {1e3F, -1e3F, 1e18F, -1e18F};
    for (size_t h = 0; it->target.labels && h < sizeof huge / sizeof *huge; h++)
        for (size_t k = 0; k < it->target.outputs; k++) {
            float z = it->z[k * it->target.batch];
            it->z[k * it->target.batch] = huge[h];
            assert_true(isfinite(measure(it, it->delta).loss));
            for (size_t i = 0; i < it->target.outputs * it->target.batch; i++)
                assert_true(isfinite(it->delta[i]));
            it->z[k * it->target.batch] = z;
        }
}

static void huge_logit_does_not_overflow(void **state) {
    (void)state;
    for_each_case(assert_huge_logit_is_no_trouble);
}

static void assert_gradient_sums_to_zero(struct case_of_loss *it) {
    size_t batch = it->target.batch;
    measure(it, it->delta);
    for (size_t i = 0; it->target.labels && i < batch; i++) {
        double sum = 0;
        for (size_t k = 0; k < it->target.outputs; k++)
            sum += (double)it->delta[k * batch + i];
        assert_true(fabs(sum) * (double)batch < 1e-6);
    }
}

/* A softmax does not see what is added to all outputs. */
static void gradient_of_classes_sums_to_zero_over_outputs(void **state) {
    (void)state;
    for_each_case(assert_gradient_sums_to_zero);
}

static void certain_and_right_costs_nothing(void **state) {
    (void)state;
    struct case_of_loss it;
    prepare(&it, choice_default(&losses, "cross_entropy"), true, 10, 7);
    for (size_t i = 0; i < 7; i++)
        for (size_t k = 0; k < 10; k++)
            it.z[k * 7 + i] = k == it.labels[i] ? 200.0F : 0.0F;
    struct loss_sums sums = measure(&it, it.delta);
    assert_true(sums.loss == 0);
    assert_true(sums.correct == 7);
}

/* Keras 2.2.4 clips here, at 16.118; numerics.md does not. */
static void certain_and_wrong_costs_the_whole_distance(void **state) {
    (void)state;
    struct case_of_loss it;
    prepare(&it, choice_default(&losses, "cross_entropy"), true, 2, 1);
    it.z[0] = -100.0F;
    it.z[1] = 100.0F;
    assert_true(measure(&it, it.delta).loss == 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_is_the_sum_over_samples_of_its_definition),
        cmocka_unit_test(gradient_is_the_slope_of_the_batch_mean),
        cmocka_unit_test(sums_are_the_same_bits_without_a_gradient),
        cmocka_unit_test(batch_is_added_to_the_sums),
        cmocka_unit_test(right_predictions_and_absolute_errors_are_counted),
        cmocka_unit_test(equal_outputs_predict_the_first),
        cmocka_unit_test(loss_is_nan_when_any_output_is_nan),
        cmocka_unit_test(huge_logit_does_not_overflow),
        cmocka_unit_test(gradient_of_classes_sums_to_zero_over_outputs),
        cmocka_unit_test(certain_and_right_costs_nothing),
        cmocka_unit_test(certain_and_wrong_costs_the_whole_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
