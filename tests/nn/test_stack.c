#include "nn/stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { INPUTS_MAX = 784, BATCH_MAX = 256, NETS_MAX = 8, OUTPUTS = 10 };

static const size_t batches[] = {1, 7, 32, 100, 256};
enum { BATCHES = sizeof batches / sizeof *batches };

/* First widths of the nets of one cohort; 0 ends. */
static const uint32_t cohorts[][NETS_MAX + 1] = {
    {20, 20},       {20, 20, 20},     {1, 2, 3, 5, 7},
    {200, 20, 100}, {64, 64, 64, 64}, {37, 150, 13, 8, 90, 21, 5, 16},
    {12, 24, 36},   {1, 200},         {200, 1},
};
enum { COHORTS = sizeof cohorts / sizeof *cohorts };

static const uint32_t inputs_of[] = {784, 100, 5};
enum { INPUTS = sizeof inputs_of / sizeof *inputs_of };

static float x[BATCH_MAX * INPUTS_MAX], scratch[LOSS_SCRATCH * BATCH_MAX];
static uint16_t labels[BATCH_MAX];
static int32_t predicted[BATCH_MAX];

/* (-1, 1), no two alike nearby. */
static void fill(float *values, size_t n, uint32_t state) {
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525U + 1013904223U;
        values[i] = ((float)(state >> 9) - 0x1p22F) * 0x1p-22F;
    }
}

static struct net_shape shape_of(uint32_t inputs, uint32_t width) {
    return (struct net_shape){.layers = 3,
                              .width = {inputs, width, 15, OUTPUTS},
                              .activation = choice_default(&activations, "tanh"),
                              .loss = choice_default(&losses, "cross_entropy")};
}

static size_t count_of(const uint32_t *widths) {
    size_t n = 0;
    while (widths[n])
        n++;
    return n;
}

static void fill_net(struct net *net, uint32_t seed) {
    fill(net->first, net_first_count(&net->shape), seed);
    fill(net->rest, net_rest_count(&net->shape), seed + 1000);
}

/* A stack of nets whose parameters are told by their width and seeds[s] (NULL: by place) alone. */
static void create(struct stack *stack, uint32_t inputs, const uint32_t *widths, size_t count,
                   const uint32_t *seeds, enum fuse fuse, struct arena *arena) {
    struct net_shape shapes[NETS_MAX] = {0};
    for (size_t s = 0; s < count; s++)
        shapes[s] = shape_of(inputs, widths[s]);
    stack_create(stack, shapes, count, BATCH_MAX, fuse, arena);
    for (size_t s = 0; s < count; s++)
        fill_net(&stack->nets[s], seeds ? seeds[s] : (uint32_t)s);
}

/* Forward, loss and backward of all nets, as training does it. */
static void pass(struct stack *stack, size_t batch) {
    stack_forward(stack, batch, x);
    for (size_t s = 0; s < stack->count; s++) {
        struct net *net = &stack->nets[s];
        struct loss_target target = {OUTPUTS, batch, labels, NULL, scratch};
        struct loss_sums sums = {0};
        const float *z = net_forward(net, batch);
        loss_of(&net->shape.loss)->measure(&target, z, net_output_delta(net), predicted, &sums);
        net_backward(net, batch);
    }
    stack_backward(stack, batch, x);
}

static bool same_bits(const float *a, const float *b, size_t n) {
    return memcmp(a, b, n * sizeof *a) == 0;
}

/* Every number of net s of one stack and net t of another after a pass. */
static void assert_same_net(const struct stack *one, size_t s, const struct stack *other, size_t t,
                            size_t batch) {
    const struct net *a = &one->nets[s], *b = &other->nets[t];
    const struct net_shape *shape = &a->shape;
    for (size_t l = 0; l < shape->layers; l++)
        if (!same_bits(a->output[l], b->output[l], shape->width[l + 1] * batch))
            fail_msg("layer %zu of a net of %u differs at batch %zu", l, shape->width[1], batch);
    if (!same_bits(a->rest_gradient, b->rest_gradient, net_rest_count(shape)) ||
        !same_bits(stack_gradient(one, s), stack_gradient(other, t), net_first_count(shape)))
        fail_msg("gradient of a net of %u differs at batch %zu", shape->width[1], batch);
}

static void assert_cohort_equals_each_alone(uint32_t inputs, const uint32_t *widths,
                                            enum fuse fuse) {
    struct arena arena = {0};
    struct stack together, alone[NETS_MAX];
    size_t count = count_of(widths);
    create(&together, inputs, widths, count, NULL, fuse, &arena);
    for (uint32_t s = 0; s < count; s++)
        create(&alone[s], inputs, &widths[s], 1, &s, fuse, &arena);
    for (size_t b = 0; b < BATCHES; b++) {
        stack_check(&together, batches[b], true, &arena);
        pass(&together, batches[b]);
        for (size_t s = 0; s < count; s++) {
            pass(&alone[s], batches[b]);
            assert_same_net(&together, s, &alone[s], 0, batches[b]);
        }
    }
    arena_close(&arena);
}

static void guarded_cohort_has_the_bits_of_each_net_alone(void **state) {
    (void)state;
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t c = 0; c < COHORTS; c++)
            assert_cohort_equals_each_alone(inputs_of[i], cohorts[c], FUSE_AUTO);
}

static void cohort_that_is_not_fused_has_the_bits_of_each_net_alone(void **state) {
    (void)state;
    for (size_t c = 0; c < COHORTS; c++)
        assert_cohort_equals_each_alone(784, cohorts[c], FUSE_OFF);
}

static void forced_cohort_computes_the_same_numbers_if_not_bits(void **state) {
    (void)state;
    struct arena arena = {0};
    struct stack together, alone;
    static const uint32_t widths[] = {37, 8, 21};
    create(&together, 784, widths, 3, NULL, FUSE_ALWAYS, &arena);
    for (size_t b = 0; b < BATCHES; b++) {
        pass(&together, batches[b]);
        for (uint32_t s = 0; s < 3; s++) {
            create(&alone, 784, &widths[s], 1, &s, FUSE_ALWAYS, &arena);
            pass(&alone, batches[b]);
            const float *a = stack_gradient(&together, s), *e = stack_gradient(&alone, 0);
            for (size_t i = 0; i < 784 * widths[s]; i++)
                assert_true(fabsf(a[i] - e[i]) < 1e-4F);
        }
    }
    arena_close(&arena);
}

/* Rows between the blocks, and another net's NaN, must not reach a net. */
static void net_that_diverged_leaves_the_others_alone(void **state) {
    (void)state;
    struct arena arena = {0};
    struct stack together, alone;
    static const uint32_t widths[] = {37, 64, 21};
    create(&together, 784, widths, 3, NULL, FUSE_AUTO, &arena);
    for (size_t i = 0; i < net_first_count(&together.nets[1].shape); i++)
        together.nets[1].first[i] = (float)NAN;
    for (size_t b = 0; b < BATCHES; b++) {
        stack_check(&together, batches[b], true, &arena);
        pass(&together, batches[b]);
        pass(&together, batches[b]); /* the second meets what the first left behind */
        for (uint32_t s = 0; s < 3; s += 2) {
            create(&alone, 784, &widths[s], 1, &s, FUSE_AUTO, &arena);
            pass(&alone, batches[b]);
            assert_same_net(&together, s, &alone, 0, batches[b]);
        }
    }
    arena_close(&arena);
}

static void check_leaves_weights_as_they_are(void **state) {
    (void)state;
    struct arena arena = {0};
    struct stack stack, fresh;
    const uint32_t *widths = cohorts[5];
    create(&stack, 784, widths, 8, NULL, FUSE_AUTO, &arena);
    create(&fresh, 784, widths, 8, NULL, FUSE_AUTO, &arena);
    for (size_t b = 0; b < BATCHES; b++)
        stack_check(&stack, batches[b], true, &arena);
    assert_true(same_bits(stack.weights, fresh.weights, stack.capacity * 784));
    for (size_t s = 0; s < 8; s++)
        assert_true(same_bits(stack.nets[s].rest, fresh.nets[s].rest,
                              net_rest_count(&stack.nets[s].shape)));
    arena_close(&arena);
}

static void forced_product_that_passes_the_check_keeps_the_bits(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t c = 0; c < COHORTS; c++)
        for (size_t b = 0; b < BATCHES; b++) {
            struct stack forced, apart;
            size_t count = count_of(cohorts[c]);
            create(&forced, 784, cohorts[c], count, NULL, FUSE_ALWAYS, &arena);
            create(&apart, 784, cohorts[c], count, NULL, FUSE_OFF, &arena);
            bool keeps = stack_check(&forced, batches[b], false, &arena);
            stack_forward(&forced, batches[b], x);
            stack_forward(&apart, batches[b], x);
            bool same = true;
            for (size_t s = 0; s < count; s++)
                same &= same_bits(forced.nets[s].output[0], apart.nets[s].output[0],
                                  cohorts[c][s] * batches[b]);
            assert_true(same || !keeps);
            arena_close(&arena);
        }
}

/* Sharing pays only where the check lets it stand: what matrix.c measured must hold here too. */
static void rule_of_a_known_core_passes_the_check(void **state) {
    (void)state;
    static const char *const known[] = {"Haswell", "Zen", "SkylakeX", "Cooperlake"};
    static const size_t measured[] = {8, 32, 100, 256};
    struct arena arena = {0};
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= strcmp(known[i], matrix_core()) == 0;
    for (size_t c = 0; is_known && c < COHORTS; c++)
        for (size_t b = 0; b < sizeof measured / sizeof *measured; b++) {
            struct stack stack;
            create(&stack, 784, cohorts[c], count_of(cohorts[c]), NULL, FUSE_AUTO, &arena);
            if (!stack_check(&stack, measured[b], true, &arena))
                fail_msg("%s: cohort %zu is not shared at batch %zu", matrix_core(), c,
                         measured[b]);
            arena_close(&arena);
        }
}

static void lone_net_needs_no_check(void **state) {
    (void)state;
    struct arena arena = {0};
    struct stack stack;
    create(&stack, 784, cohorts[0], 1, NULL, FUSE_AUTO, &arena);
    assert_true(stack_check(&stack, 32, true, &arena));
    arena_close(&arena);
}

static void kept_nets_close_ranks_and_go_on_as_if_alone(void **state) {
    (void)state;
    static const bool keeps[][NETS_MAX] = {
        {true, false, true, true, false, false, true, false},
        {false, false, false, false, false, false, false, true},
        {true, true, true, true, true, true, true, true},
        {false, true, false, false, false, false, false, false},
        {true, true, true, true, false, false, false, false},
    };
    const uint32_t *widths = cohorts[5];
    for (size_t k = 0; k < sizeof keeps / sizeof *keeps; k++) {
        struct arena arena = {0};
        struct stack stack, alone;
        size_t kept = 0;
        create(&stack, 784, widths, NETS_MAX, NULL, FUSE_AUTO, &arena);
        stack_check(&stack, 32, true, &arena);
        pass(&stack, 32);
        stack_keep(&stack, keeps[k]);
        for (size_t b = 0; b < BATCHES; b++) {
            stack_check(&stack, batches[b], true, &arena);
            pass(&stack, batches[b]);
            kept = 0;
            for (uint32_t s = 0; s < NETS_MAX; s++) {
                if (!keeps[k][s])
                    continue;
                create(&alone, 784, &widths[s], 1, &s, FUSE_AUTO, &arena);
                pass(&alone, batches[b]);
                assert_same_net(&stack, kept++, &alone, 0, batches[b]);
            }
        }
        assert_int_equal(stack.count, kept);
        arena_close(&arena);
    }
}

static void nets_can_be_taken_out_one_after_another(void **state) {
    (void)state;
    struct arena arena = {0};
    struct stack stack, alone;
    uint32_t left[NETS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
    const uint32_t *widths = cohorts[5];
    create(&stack, 784, widths, NETS_MAX, NULL, FUSE_AUTO, &arena);
    for (size_t count = NETS_MAX; count > 1; count--) {
        bool keep[NETS_MAX];
        size_t out = count / 2;
        for (size_t s = 0; s < count; s++)
            keep[s] = s != out;
        stack_keep(&stack, keep);
        memmove(left + out, left + out + 1, (count - 1 - out) * sizeof *left);
        assert_int_equal(stack.count, count - 1);
        stack_check(&stack, 7, true, &arena);
        pass(&stack, 7);
        for (size_t s = 0; s + 1 < count; s++) {
            create(&alone, 784, &widths[left[s]], 1, &left[s], FUSE_AUTO, &arena);
            pass(&alone, 7);
            assert_same_net(&stack, s, &alone, 0, 7);
        }
    }
    arena_close(&arena);
}

static int prepare(void **state) {
    (void)state;
    matrix_use_one_thread();
    fill(x, BATCH_MAX * INPUTS_MAX, 99);
    for (size_t i = 0; i < BATCH_MAX; i++)
        labels[i] = (uint16_t)(i * 7 % OUTPUTS);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guarded_cohort_has_the_bits_of_each_net_alone),
        cmocka_unit_test(cohort_that_is_not_fused_has_the_bits_of_each_net_alone),
        cmocka_unit_test(forced_cohort_computes_the_same_numbers_if_not_bits),
        cmocka_unit_test(net_that_diverged_leaves_the_others_alone),
        cmocka_unit_test(check_leaves_weights_as_they_are),
        cmocka_unit_test(forced_product_that_passes_the_check_keeps_the_bits),
        cmocka_unit_test(rule_of_a_known_core_passes_the_check),
        cmocka_unit_test(lone_net_needs_no_check),
        cmocka_unit_test(kept_nets_close_ranks_and_go_on_as_if_alone),
        cmocka_unit_test(nets_can_be_taken_out_one_after_another),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
