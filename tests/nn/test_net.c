#include "nn/net.h"

#include "nn/stack.h"

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
    assert_int_equal(net_first_count(&shape), 784 * 20);
    assert_int_equal(net_first_count(&shape) + net_rest_count(&shape), 16175);
}

static void linear_model_is_one_layer(void **state) {
    (void)state;
    struct net_shape shape = shape_of(1, (const uint32_t[]){784, 10}, "relu");
    assert_int_equal(net_first_count(&shape), 7840);
    assert_int_equal(net_rest_count(&shape), 10);
    assert_int_equal(net_bias_offset(&shape, 0), 0);
}

/* Biases of layer 1, then kernel and biases of each later layer, without a gap. */
static void parameters_after_the_first_kernel_stand_in_layer_order(void **state) {
    (void)state;
    static const uint32_t width[] = {5, 7, 3, 4, 2};
    struct net_shape shape = shape_of(4, width, "relu");
    size_t offset = 0;
    for (size_t l = 0; l < 4; l++) {
        if (l > 0) {
            assert_int_equal(net_kernel_offset(&shape, l), offset);
            offset += (size_t)width[l] * width[l + 1];
        }
        assert_int_equal(net_bias_offset(&shape, l), offset);
        offset += width[l + 1];
    }
    assert_int_equal(net_rest_count(&shape), offset);
}

/* A 2-3-2-1 net over one batch of four samples, with weights that can be followed by hand. */
struct small {
    struct arena arena;
    struct stack stack;
};

static struct net *open_small(struct small *small, const char *activation, bool alive[5]) {
    static const float first[] = {1, 0, -1, 0, 1, -1}, second[] = {1, -1, 1, -1, 0, 0};
    static const float x[] = {1, 2, 3, 0.5F, 2, 2, 0.25F, 4};
    *small = (struct small){0};
    struct net_shape shape = shape_of(3, (const uint32_t[]){2, 3, 2, 1}, activation);
    stack_create(&small->stack, &shape, 1, 4, panel_kernel_here(), &small->arena);
    struct net *net = &small->stack.nets[0];
    memcpy(net->first, first, sizeof first);
    memcpy(net->rest + net_kernel_offset(&shape, 1), second, sizeof second);
    memset(alive, 0, 5 * sizeof *alive);
    stack_forward(&small->stack, &(struct minibatch){.count = 4, .dense = x});
    net_forward(net, 4);
    return net;
}

static void hidden_units_that_are_0_for_a_whole_batch_are_not_alive(void **state) {
    (void)state;
    struct small small;
    bool alive[5];
    struct net *net = open_small(&small, "relu", alive);
    net_mark_alive(net, 4, alive);
    static const bool expected[] = {true, true, false, true, false};
    assert_memory_equal(alive, expected, sizeof expected);
    arena_close(&small.arena);
}

static void mark_of_life_is_only_ever_set(void **state) {
    (void)state;
    struct small small;
    bool alive[5];
    struct net *net = open_small(&small, "relu", alive);
    alive[2] = true;
    net_mark_alive(net, 4, alive);
    assert_true(alive[2]);
    arena_close(&small.arena);
}

static void nothing_is_marked_where_units_cannot_die(void **state) {
    (void)state;
    struct small small;
    bool alive[5], none[5] = {false};
    struct net *net = open_small(&small, "tanh", alive);
    net_mark_alive(net, 4, alive);
    assert_memory_equal(alive, none, sizeof none);
    arena_close(&small.arena);
}

/* A softmax needs all real numbers, and a target may be negative. */
static void output_layer_is_linear_whatever_the_activation(void **state) {
    (void)state;
    struct small small;
    bool alive[5];
    struct net *net = open_small(&small, "relu", alive);
    net->rest[net_kernel_offset(&net->shape, 2)] = -2;
    net->rest[net_bias_offset(&net->shape, 2)] = -0.5F;
    const float *z = net_forward(net, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(z[i] == -2 * net->output[1][i] - 0.5F);
    assert_ptr_equal(z, net->output[2]);
    assert_ptr_equal(net_output_delta(net), net->delta[2]);
    arena_close(&small.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_of_the_notebook_has_16175_parameters),
        cmocka_unit_test(linear_model_is_one_layer),
        cmocka_unit_test(parameters_after_the_first_kernel_stand_in_layer_order),
        cmocka_unit_test(hidden_units_that_are_0_for_a_whole_batch_are_not_alive),
        cmocka_unit_test(mark_of_life_is_only_ever_set),
        cmocka_unit_test(nothing_is_marked_where_units_cannot_die),
        cmocka_unit_test(output_layer_is_linear_whatever_the_activation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
