/* The gradient of everything between the inputs and the loss, against finite differences, over the
 * product of the tables: a new row is covered at once. */
#include "base/rng.h"
#include "nn/matrix.h"
#include "nn/penalty.h"
#include "nn/stack.h"

#include <math.h>
#include <string.h>

#include "test.h"

enum { BATCH = 24, INPUTS = 6, OUTPUTS = 3, SEED = 3 };

static float inputs[BATCH * INPUTS], targets[BATCH];
static uint16_t labels[BATCH];
static uint32_t rows_of_batch[BATCH];

/* One way to train a small net. */
struct setting {
    struct choice activation, loss, normalization;
    bool classes;
    double dropout, l1, l2, smoothing;
};

struct subject {
    struct arena arena;
    struct stack stack;
    struct net net;
    const struct setting *setting;
    float scratch[(LOSS_SCRATCH + OUTPUTS) * BATCH];
};

/* With weights drawn from a seed. */
static void create(struct subject *it, const struct setting *setting, uint64_t seed) {
    struct net_shape shape = {.layers = 3,
                              .width = {INPUTS, 8, 7, setting->classes ? OUTPUTS : 1},
                              .activation = setting->activation,
                              .normalization = setting->normalization,
                              .dropout = setting->dropout,
                              .loss = setting->loss};
    *it = (struct subject){.setting = setting};
    struct net *net = &it->net;
    net_create(net, &shape, BATCH, &it->arena);
    stack_create(&it->stack, &net, 1, BATCH, 1, panel_kernel_here(), &it->arena);
    struct rng rng = rng_stream(seed, RNG_WEIGHTS);
    for (size_t i = 0; i < net->parameter_count; i++)
        net->parameters[i] += rng_unit(rng_draw(rng, (uint32_t)i, 0, 0, 0).word[0]) - 0.5F;
}

/* The loss of the batch, penalty included; with `learns`, its gradient too. */
static double loss_of_batch(struct subject *it, bool learns) {
    const struct setting *s = it->setting;
    struct loss_target target = {.outputs = s->classes ? OUTPUTS : 1,
                                 .batch = BATCH,
                                 .labels = s->classes ? labels : NULL,
                                 .targets = s->classes ? NULL : targets,
                                 .smoothing = (float)s->smoothing,
                                 .scratch = it->scratch};
    struct loss_sums sums = {0};
    int32_t predicted[BATCH];
    struct minibatch x = {.count = BATCH, .dense = inputs};
    struct net_training training = {SEED, 1, rows_of_batch};
    stack_forward(&it->stack, &x, NULL);
    const float *z = net_forward(&it->net, BATCH, &training, NULL);
    loss_measure(&s->loss, &target, z, learns ? net_output_delta(&it->net) : NULL, predicted,
                 &sums);
    if (learns) {
        net_backward(&it->net, BATCH, NULL);
        net_kernel_gradients(&it->net, BATCH);
        struct team_job job = stack_backward(&it->stack, &x, NULL, 1);
        team_run_all(NULL, &job, 1);
        penalty_add_gradient(&it->net, s->l1, s->l2, NULL);
    }
    return sums.loss / BATCH + penalty_value(&it->net, s->l1, s->l2);
}

/* Loss after a step of h along direction d, from parameters w. */
static double loss_at(struct subject *it, const float *w, const float *d, double h) {
    for (size_t i = 0; i < it->net.parameter_count; i++)
        it->net.parameters[i] = (float)((double)w[i] + h * (double)d[i]);
    return loss_of_batch(it, false);
}

/* Two-sided difference; NaN at a kink, where the two sides differ. */
static double slope_along(struct subject *it, const float *w, const float *d, double tolerance) {
    const double h = 0.0006;
    double low = loss_at(it, w, d, -h), here = loss_at(it, w, d, 0), high = loss_at(it, w, d, h);
    return fabs(high - 2 * here + low) / h > tolerance ? (double)NAN : (high - low) / (2 * h);
}

/* Along random directions from one point. Counts those along which the loss has a slope, and those
 * of them where the gradient gives another. */
static void compare(const struct setting *setting, uint64_t seed, size_t *tested, size_t *misses) {
    enum { DIRECTIONS = 6 };
    struct subject it;
    create(&it, setting, seed);
    size_t n = it.net.parameter_count;
    float *w = arena_alloc(&it.arena, n, sizeof *w), *d = arena_alloc(&it.arena, n, sizeof *d);
    float *gradient = arena_alloc(&it.arena, n, sizeof *gradient);
    loss_of_batch(&it, true);
    memcpy(w, it.net.parameters, n * sizeof *w);
    memcpy(gradient, it.net.gradient, n * sizeof *gradient);
    struct rng rng = rng_stream(seed, RNG_PROBE);
    for (uint32_t k = 0; k < DIRECTIONS; k++) {
        double product = 0, length = 0;
        for (size_t i = 0; i < n; i++) {
            d[i] = rng_unit(rng_draw(rng, (uint32_t)i, k, 0, 0).word[0]) - 0.5F;
            product += (double)d[i] * (double)gradient[i];
            length += pow((double)gradient[i], 2);
        }
        double tolerance = 0.01 * (sqrt(length) + 0.05);
        double slope = slope_along(&it, w, d, tolerance);
        *tested += isnan(slope) ? 0 : 1;
        *misses += fabs(slope - product) > tolerance;
    }
    arena_close(&it.arena);
}

/* A point near a kink tells nothing: goes on from point to point until enough is tested. */
static void assert_gradient(const struct setting *setting) {
    enum { POINTS = 30, ENOUGH = 12 };
    size_t tested = 0, misses = 0;
    for (uint64_t seed = 1; seed <= POINTS && tested < ENOUGH; seed++)
        compare(setting, seed, &tested, &misses);
    if (misses || tested < ENOUGH)
        fail_msg("%s, %s, %s, dropout %g, l1 %g, l2 %g: %zu of %zu directions off",
                 setting->activation.entry->name, setting->loss.entry->name,
                 setting->normalization.entry->name, setting->dropout, setting->l1, setting->l2,
                 misses, tested);
}

static void assert_all_regularizations(struct setting setting) {
    for (int bits = 0; bits < 4; bits++) {
        setting.dropout = bits & 1 ? 0.3 : 0;
        setting.l1 = bits & 2 ? 0.02 : 0;
        setting.l2 = bits & 2 ? 0.05 : 0;
        setting.smoothing = setting.classes && bits & 2 ? 0.2 : 0;
        assert_gradient(&setting);
    }
}

static void gradient_is_the_slope_of_the_loss_for_every_combination_of_rows(void **state) {
    (void)state;
    const struct entry *activation, *loss, *normalization;
    for (size_t a = 0; (activation = registry_row(&activations, a)); a++)
        for (size_t l = 0; (loss = registry_row(&losses, l)); l++)
            for (size_t n = 0; (normalization = registry_row(&normalizations, n)); n++) {
                struct setting setting = {
                    .activation = choice_default(&activations, activation->name),
                    .loss = choice_default(&losses, loss->name),
                    .normalization = choice_default(&normalizations, normalization->name)};
                for (int classes = 0; classes <= 1; classes++) {
                    setting.classes = classes;
                    if (classes ? loss_of(&setting.loss)->for_classes
                                : loss_of(&setting.loss)->for_values)
                        assert_all_regularizations(setting);
                }
            }
}

static void clipped_gradient_has_the_norm_and_the_direction(void **state) {
    (void)state;
    struct setting setting = {.activation = choice_default(&activations, "tanh"),
                              .loss = choice_default(&losses, "mse"),
                              .normalization = choice_default(&normalizations, "none")};
    struct subject it;
    create(&it, &setting, SEED);
    loss_of_batch(&it, true);
    double before = 0, after = 0, product = 0;
    float first = it.net.gradient[0];
    for (size_t i = 0; i < it.net.parameter_count; i++)
        before += pow((double)it.net.gradient[i], 2);
    penalty_clip_gradient(&it.net, 2 * sqrt(before));
    assert_true(it.net.gradient[0] == first);
    penalty_clip_gradient(&it.net, 0.01);
    for (size_t i = 0; i < it.net.parameter_count; i++)
        after += pow((double)it.net.gradient[i], 2);
    product = (double)it.net.gradient[0] / (double)first;
    assert_true(fabs(sqrt(after) - 0.01) < 1e-7);
    assert_true(fabs(product - 0.01 / sqrt(before)) < 1e-6);
    arena_close(&it.arena);
}

/* Inference after training on one batch again and again is that of the batch itself. */
static void running_statistics_come_to_those_of_the_batch(void **state) {
    (void)state;
    struct setting setting = {.activation = choice_default(&activations, "tanh"),
                              .loss = choice_default(&losses, "mse"),
                              .normalization = choice_default(&normalizations, "batch")};
    struct subject it;
    create(&it, &setting, SEED);
    struct minibatch x = {.count = BATCH, .dense = inputs};
    float trained[BATCH];
    for (size_t i = 0; i < 2500; i++)
        loss_of_batch(&it, false);
    memcpy(trained, it.net.layer[2].output, sizeof trained);
    stack_forward(&it.stack, &x, NULL);
    const float *inferred = net_forward(&it.net, BATCH, NULL, NULL);
    for (size_t i = 0; i < BATCH; i++)
        assert_true(fabs((double)(trained[i] - inferred[i])) < 1e-4);
    arena_close(&it.arena);
}

static int prepare(void **state) {
    (void)state;
    matrix_use_one_thread();
    for (uint32_t i = 0; i < BATCH; i++) {
        struct rng rng = rng_stream(SEED, RNG_ORDER);
        for (uint32_t j = 0; j < INPUTS; j++)
            inputs[i * INPUTS + j] = 2 * rng_unit(rng_draw(rng, i, j, 0, 0).word[0]) - 1;
        targets[i] = inputs[i * INPUTS] - inputs[i * INPUTS + 1];
        labels[i] = (uint16_t)(i % OUTPUTS);
        rows_of_batch[i] = 1000 + 7 * i;
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_the_slope_of_the_loss_for_every_combination_of_rows),
        cmocka_unit_test(clipped_gradient_has_the_norm_and_the_direction),
        cmocka_unit_test(running_statistics_come_to_those_of_the_batch),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
