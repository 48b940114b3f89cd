/* Where a net's parameters lie and how many there are; and dead units and deviations of a probe, on
 * a net of 2-3-2-1 that can be followed by hand. Whole passes: test_reference.c. */
#include "nn/net.h"

#include "nn/probe.h"
#include "nn/stack.h"

#include <math.h>
#include <string.h>

#include "test.h"

static struct net_shape shape_of(size_t layers, const uint32_t *width, const char *activation) {
    struct net_shape shape = {.layers = layers,
                              .activation = choice_default(&activations, activation),
                              .loss = choice_default(&losses, "cross_entropy")};
    memcpy(shape.width, width, (layers + 1) * sizeof *width);
    return shape;
}

static void net_of_the_notebook_has_16175_parameters(void **state) {
    (void)state;
    struct net_shape shape = shape_of(3, (const uint32_t[]){784, 20, 15, 10}, "relu");
    assert_int_equal(net_parameter_count(&shape), 16175);
}

static void linear_model_is_one_layer(void **state) {
    (void)state;
    struct net_shape shape = shape_of(1, (const uint32_t[]){784, 10}, "relu");
    assert_int_equal(net_parameter_count(&shape), 7850);
}

/* Kernel and biases of each layer, without a gap. */
static void parameters_stand_in_layer_order(void **state) {
    (void)state;
    static const uint32_t width[] = {5, 7, 3, 4, 2};
    struct arena arena = {0};
    struct net_shape shape = shape_of(4, width, "relu");
    struct net net;
    net_create(&net, &shape, 1, &arena);
    size_t offset = 0;
    for (size_t l = 0; l < 4; l++) {
        assert_ptr_equal(net.layer[l].kernel, net.parameters + offset);
        assert_ptr_equal(net.layer[l].kernel_gradient, net.gradient + offset);
        offset += (size_t)width[l] * width[l + 1];
        assert_ptr_equal(net.layer[l].bias, net.parameters + offset);
        assert_ptr_equal(net.layer[l].bias_gradient, net.gradient + offset);
        offset += width[l + 1];
    }
    assert_int_equal(net.parameter_count, offset);
    arena_close(&arena);
}

/* A 2-3-2-1 net over one batch of four samples, with weights that can be followed by hand. */
struct small {
    struct arena arena;
    struct stack stack;
    struct net net;
    struct probe probe;
};

static void open_small(struct small *small, const char *activation) {
    static const float first[] = {1, 0, -1, 0, 1, -1}, second[] = {1, -1, 1, -1, 0, 0};
    static const float x[] = {1, 2, 3, 0.5F, 2, 2, 0.25F, 4};
    *small = (struct small){0};
    struct net_shape shape = shape_of(3, (const uint32_t[]){2, 3, 2, 1}, activation);
    struct net *net = &small->net;
    net_create(net, &shape, 4, &small->arena);
    stack_create(&small->stack, &net, 1, 4, 1, panel_kernel_here(), &small->arena);
    memcpy(net->layer[0].kernel, first, sizeof first);
    memcpy(net->layer[1].kernel, second, sizeof second);
    probe_create(&small->probe, &shape, &small->arena);
    stack_forward(&small->stack, &(struct minibatch){.count = 4, .dense = x}, NULL);
    net_forward(net, 4, NULL, NULL);
}

/* Unit 2 of the first layer and unit 1 of the second are 0 for all samples. */
static void hidden_units_that_are_0_for_a_whole_batch_are_dead(void **state) {
    (void)state;
    struct small small;
    open_small(&small, "relu");
    probe_add(&small.probe, &small.net, 4);
    assert_true(probe_dead_units(&small.probe, &small.net, 0) == 1 / 3.0);
    assert_true(probe_dead_units(&small.probe, &small.net, 1) == 0.5);
    assert_true(isnan(probe_dead_units(&small.probe, &small.net, 2)));
    assert_true(probe_all_dead_units(&small.probe, &small.net) == 0.4);
    arena_close(&small.arena);
}

static void unit_that_was_alive_in_an_earlier_batch_is_not_dead(void **state) {
    (void)state;
    struct small small;
    open_small(&small, "relu");
    small.probe.alive[2] = true;
    probe_add(&small.probe, &small.net, 4);
    assert_true(probe_dead_units(&small.probe, &small.net, 0) == 0);
    probe_clear(&small.probe, &small.net.shape);
    probe_add(&small.probe, &small.net, 4);
    assert_true(probe_dead_units(&small.probe, &small.net, 0) == 1 / 3.0);
    arena_close(&small.arena);
}

static void nothing_is_dead_where_units_cannot_die(void **state) {
    (void)state;
    struct small small;
    open_small(&small, "tanh");
    probe_add(&small.probe, &small.net, 4);
    assert_true(isnan(probe_dead_units(&small.probe, &small.net, 0)));
    assert_true(isnan(probe_all_dead_units(&small.probe, &small.net)));
    arena_close(&small.arena);
}

/* Every unit of it would count as dead: none is above 0. */
static void dead_units_of_a_net_of_nan_are_unknown(void **state) {
    (void)state;
    struct small small;
    open_small(&small, "relu");
    for (size_t i = 0; i < 12; i++)
        small.net.layer[0].output[i] = (float)NAN;
    net_forward(&small.net, 4, NULL, NULL);
    probe_add(&small.probe, &small.net, 4);
    assert_true(isnan(probe_dead_units(&small.probe, &small.net, 0)));
    assert_true(isnan(probe_dead_units(&small.probe, &small.net, 1)));
    assert_true(isnan(probe_all_dead_units(&small.probe, &small.net)));
    arena_close(&small.arena);
}

/* One pass over sums of squares would give 0 here. */
static void deviation_of_values_far_from_0_has_no_cancellation(void **state) {
    (void)state;
    enum { COUNT = 5003 };
    static float x[COUNT];
    double mean = 0, squares = 0;
    struct running_moments moments = {0};
    for (size_t i = 0; i < COUNT; i++) {
        x[i] = 30000.0F + (float)((i * 7919) % 1009) / 1009;
        mean += (double)x[i] / COUNT;
    }
    for (size_t i = 0; i < COUNT; i++)
        squares += pow((double)x[i] - mean, 2);
    for (size_t from = 0; from < COUNT; from += 256)
        running_moments_add(&moments, x + from, COUNT - from < 256 ? COUNT - from : 256);
    double sd = sqrt(squares / COUNT);
    assert_true(sd > 0.25 && fabs(running_moments_sd(&moments) - sd) < 1e-9 * sd);
    moments = (struct running_moments){0};
    running_moments_add(&moments, x, 0);
    assert_true(isnan(running_moments_sd(&moments)));
}

/* A softmax needs all real numbers, and a target may be negative. */
static void output_layer_is_linear_whatever_the_activation(void **state) {
    (void)state;
    struct small small;
    open_small(&small, "relu");
    struct net *net = &small.net;
    net->layer[2].kernel[0] = -2;
    net->layer[2].bias[0] = -0.5F;
    const float *z = net_forward(net, 4, NULL, NULL);
    for (size_t i = 0; i < 4; i++)
        assert_true(z[i] == -2 * net->layer[1].output[i] - 0.5F);
    assert_ptr_equal(z, net->layer[2].output);
    assert_ptr_equal(net_output_delta(net), net->layer[2].delta);
    arena_close(&small.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_of_the_notebook_has_16175_parameters),
        cmocka_unit_test(linear_model_is_one_layer),
        cmocka_unit_test(parameters_stand_in_layer_order),
        cmocka_unit_test(hidden_units_that_are_0_for_a_whole_batch_are_dead),
        cmocka_unit_test(unit_that_was_alive_in_an_earlier_batch_is_not_dead),
        cmocka_unit_test(nothing_is_dead_where_units_cannot_die),
        cmocka_unit_test(dead_units_of_a_net_of_nan_are_unknown),
        cmocka_unit_test(deviation_of_values_far_from_0_has_no_cancellation),
        cmocka_unit_test(output_layer_is_linear_whatever_the_activation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
