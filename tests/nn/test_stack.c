/* Nets in a stack against the same nets alone, bit for bit, in any company, with any kernel, dense
 * or sparse inputs, in panels or not. Whether the numbers are right: test_reference.c. */
#include "nn/stack.h"

#include "nn/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
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

static float x[BATCH_MAX * INPUTS_MAX]; /* about half of it 0 */
static float turned[BATCH_MAX * INPUTS_MAX];
static float scratch[(LOSS_SCRATCH + OUTPUTS) * BATCH_MAX];
static uint16_t labels[BATCH_MAX];
static int32_t predicted[BATCH_MAX];

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
    inputs_fill(net->parameters, net->parameter_count, seed);
}

/* A stack of nets whose parameters are told by their width and seeds[s] (NULL: by place) alone. */
static void create(struct stack *stack, uint32_t inputs, const uint32_t *widths, size_t count,
                   const uint32_t *seeds, const struct panel_kernel *kernel, struct arena *arena) {
    struct net *own = arena_alloc(arena, count, sizeof *own), *nets[NETS_MAX];
    for (size_t s = 0; s < count; s++) {
        struct net_shape shape = shape_of(inputs, widths[s]);
        nets[s] = &own[s];
        net_create(nets[s], &shape, BATCH_MAX, arena);
        fill_net(nets[s], seeds ? seeds[s] : (uint32_t)s);
    }
    stack_create(stack, nets, count, BATCH_MAX, 1, kernel, arena);
}

/* The first samples of x, dense or in lists. Owns: lists live in the arena. */
static struct minibatch minibatch_of(size_t inputs, size_t batch, bool lists, struct arena *arena) {
    if (!lists)
        return (struct minibatch){.count = batch, .dense = x, .turned = turned};
    struct csr *rows = arena_alloc(arena, 2, sizeof *rows), *columns = rows + 1;
    *rows = inputs_csr(x, batch, inputs, arena);
    *columns = csr_create(inputs, batch, batch * inputs, arena);
    csr_transpose(rows, columns);
    return (struct minibatch){.count = batch, .rows = rows, .columns = columns};
}

/* Net s has its gradient: the nets before it have had theirs. */
static void finish(void *context, size_t s) {
    size_t *finished = context;
    assert_int_equal(s, *finished);
    (*finished)++;
}

/* Forward, loss and backward of all nets, as training does it: both ways backward have the same
 * bits. */
static void pass_over(struct stack *stack, const struct minibatch *minibatch) {
    size_t batch = minibatch->count, finished = 0;
    stack_forward(stack, minibatch, NULL);
    for (size_t s = 0; s < stack->count; s++) {
        struct net *net = stack->nets[s];
        struct loss_target target = {OUTPUTS, batch, labels, NULL, 0, scratch};
        struct loss_sums sums = {0};
        const float *z = net_forward(net, batch, NULL, NULL);
        loss_measure(&net->shape.loss, &target, z, net_output_delta(net), predicted, &sums);
        net_backward(net, batch, NULL);
        net_kernel_gradients(net, batch);
    }
    const struct net *last = stack->nets[stack->count - 1];
    size_t weights = last->layer[0].inputs * last->layer[0].units;
    float *want = malloc(weights * sizeof *want);
    assert_non_null(want);
    struct team_job job = stack_backward(stack, minibatch, NULL, 1);
    team_run_all(NULL, &job, 1);
    memcpy(want, last->layer[0].kernel_gradient, weights * sizeof *want);
    memset(last->layer[0].kernel_gradient, 0xFF, weights * sizeof *want);
    stack_backward_each(stack, minibatch, finish, &finished);
    assert_int_equal(finished, stack->count);
    assert_memory_equal(want, last->layer[0].kernel_gradient, weights * sizeof *want);
    free(want);
}

static void pass(struct stack *stack, size_t batch) {
    struct minibatch minibatch = minibatch_of(stack->inputs, batch, false, NULL);
    pass_over(stack, &minibatch);
}

static bool same_bits(const float *a, const float *b, size_t n) {
    return memcmp(a, b, n * sizeof *a) == 0;
}

/* Every number of net s of one stack and net t of another after a pass. */
static void assert_same_net(const struct net *a, const struct net *b, size_t batch) {
    const struct net_shape *shape = &a->shape;
    for (size_t l = 0; l < shape->layers; l++)
        if (!same_bits(a->layer[l].output, b->layer[l].output, shape->width[l + 1] * batch))
            fail_msg("layer %zu of a net of %u differs at batch %zu", l, shape->width[1], batch);
    if (!same_bits(a->gradient, b->gradient, a->parameter_count))
        fail_msg("gradient of a net of %u differs at batch %zu", shape->width[1], batch);
}

/* The nets alone run on the first kernel that is here, on dense inputs. */
static void assert_cohort_equals_each_alone(uint32_t inputs, const uint32_t *widths,
                                            const struct panel_kernel *kernel, bool lists) {
    struct arena arena = {0};
    struct stack together, alone[NETS_MAX];
    size_t count = count_of(widths);
    create(&together, inputs, widths, count, NULL, kernel, &arena);
    for (uint32_t s = 0; s < count; s++)
        create(&alone[s], inputs, &widths[s], 1, &s, panel_kernel_here(), &arena);
    for (size_t b = 0; b < BATCHES; b++) {
        struct minibatch minibatch = minibatch_of(inputs, batches[b], lists, &arena);
        pass_over(&together, &minibatch);
        for (size_t s = 0; s < count; s++) {
            pass(&alone[s], batches[b]);
            assert_same_net(together.nets[s], alone[s].nets[0], batches[b]);
        }
    }
    arena_close(&arena);
}

static void cohort_has_the_bits_of_each_net_alone(void **state) {
    (void)state;
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t c = 0; c < COHORTS; c++)
            assert_cohort_equals_each_alone(inputs_of[i], cohorts[c], panel_kernel_here(), false);
}

static void lists_of_inputs_give_the_bits_of_dense_inputs(void **state) {
    (void)state;
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t c = 0; c < COHORTS; c++)
            assert_cohort_equals_each_alone(inputs_of[i], cohorts[c], panel_kernel_here(), true);
}

static void kernels_that_round_alike_give_the_same_bits(void **state) {
    (void)state;
    const struct panel_kernel *kernel;
    for (size_t k = 0; (kernel = panel_kernel(k)); k++)
        for (size_t c = 0; c < COHORTS && kernel->is_supported(); c++)
            if (kernel->is_fused == panel_kernel_here()->is_fused)
                assert_cohort_equals_each_alone(100, cohorts[c], kernel, c % 2 != 0);
}

/* Another net's NaN, in the same panel, must not reach a net. */
static void net_that_diverged_leaves_the_others_alone(void **state) {
    (void)state;
    struct arena arena = {0};
    struct stack together, alone;
    static const uint32_t widths[] = {37, 64, 21};
    create(&together, 784, widths, 3, NULL, panel_kernel_here(), &arena);
    for (size_t i = 0; i < together.nets[1]->parameter_count; i++)
        together.nets[1]->parameters[i] = (float)NAN;
    for (size_t b = 0; b < BATCHES; b++) {
        pass(&together, batches[b]);
        pass(&together, batches[b]); /* the second meets what the first left behind */
        for (uint32_t s = 0; s < 3; s += 2) {
            create(&alone, 784, &widths[s], 1, &s, panel_kernel_here(), &arena);
            pass(&alone, batches[b]);
            assert_same_net(together.nets[s], alone.nets[0], batches[b]);
        }
    }
    arena_close(&arena);
}

static void core_is_that_of_blas_and_says_where_rounding_differs(void **state) {
    (void)state;
    char core[STACK_CORE_MAX];
    size_t length = strlen(matrix_core());
    assert_memory_equal(stack_core(core), matrix_core(), length);
    assert_string_equal(core + length, panel_kernel_here()->is_fused ? "" : " unfused");
}

/* Goes on with the nets whose keep[s] is true. */
static void keep_nets(struct stack *stack, const bool *keep) {
    struct net *nets[NETS_MAX];
    size_t kept = 0;
    for (size_t s = 0; s < stack->count; s++)
        if (keep[s])
            nets[kept++] = stack->nets[s];
    stack_arrange(stack, nets, kept);
}

static void nets_that_are_kept_go_on_as_if_alone(void **state) {
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
        create(&stack, 784, widths, NETS_MAX, NULL, panel_kernel_here(), &arena);
        pass(&stack, 32);
        keep_nets(&stack, keeps[k]);
        for (size_t b = 0; b < BATCHES; b++) {
            pass(&stack, batches[b]);
            kept = 0;
            for (uint32_t s = 0; s < NETS_MAX; s++) {
                if (!keeps[k][s])
                    continue;
                create(&alone, 784, &widths[s], 1, &s, panel_kernel_here(), &arena);
                pass(&alone, batches[b]);
                assert_same_net(stack.nets[kept++], alone.nets[0], batches[b]);
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
    create(&stack, 784, widths, NETS_MAX, NULL, panel_kernel_here(), &arena);
    for (size_t count = NETS_MAX; count > 1; count--) {
        bool keep[NETS_MAX];
        size_t out = count / 2;
        for (size_t s = 0; s < count; s++)
            keep[s] = s != out;
        keep_nets(&stack, keep);
        memmove(left + out, left + out + 1, (count - 1 - out) * sizeof *left);
        assert_int_equal(stack.count, count - 1);
        pass(&stack, 7);
        for (size_t s = 0; s + 1 < count; s++) {
            create(&alone, 784, &widths[left[s]], 1, &left[s], panel_kernel_here(), &arena);
            pass(&alone, 7);
            assert_same_net(stack.nets[s], alone.nets[0], 7);
        }
    }
    arena_close(&arena);
}

/* Some steps of all nets on one minibatch each, with an optimizer's state of each net: in panels,
 * or by the nets' own arrays. Whether it is in panels may change before any step. */
static void train(struct stack *stack, float *const *states, const bool *in_panels, bool lists) {
    const struct choice adam = choice_default(&optimizers, "adam");
    const struct optimizer *optimizer = optimizer_of(&adam);
    for (uint64_t t = 1; t <= BATCHES; t++) {
        struct arena arena = {0};
        size_t batch = batches[t - 1];
        struct minibatch minibatch = minibatch_of(stack->inputs, batch, lists, &arena);
        float coefficients[OPTIMIZER_COEFFICIENTS] = {0};
        double carried = 0;
        optimizer->prepare(&(struct optimizer_step){adam.arguments, 0.01, t, &carried},
                           coefficients);
        if (in_panels[t - 1] && !stack->is_in_panels)
            stack_load_panels(stack, optimizer->states, states);
        if (!in_panels[t - 1] && stack->is_in_panels) {
            stack_write_back(stack, states);
            stack_leave_panels(stack);
        }
        pass_over(stack, &minibatch);
        const struct stack_step step = {optimizer, coefficients, true};
        if (in_panels[t - 1]) {
            struct team_job job = stack_backward(stack, &minibatch, &step, 1);
            team_run_all(NULL, &job, 1);
        }
        for (size_t s = 0; s < stack->count; s++) {
            struct net *net = stack->nets[s];
            size_t from = in_panels[t - 1] ? net->layer[0].inputs * net->layer[0].units : 0;
            optimizer->update(coefficients, true, net->parameter_count - from,
                              net->parameters + from, net->gradient + from, states[s] + from,
                              net->parameter_count);
        }
        arena_close(&arena);
    }
    if (stack->is_in_panels)
        stack_write_back(stack, states);
}

static void create_states(const struct stack *stack, float **states, struct arena *arena) {
    for (size_t s = 0; s < stack->count; s++)
        states[s] = arena_alloc(arena, 2 * stack->nets[s]->parameter_count, sizeof(float));
}

static void steps_in_panels_have_the_bits_of_each_nets_own(void **state) {
    (void)state;
    static const bool never[BATCHES], in_panels[][BATCHES] = {
                                          {true, true, true, true, true},
                                          {false, true, true, false, true},
                                          {true, false, false, true, false},
                                      };
    for (size_t i = 0; i < 2 * COHORTS * (sizeof in_panels / sizeof *in_panels); i++) {
        const uint32_t *widths = cohorts[i / 2 % COHORTS];
        struct arena arena = {0};
        struct stack stack, own;
        float *states[NETS_MAX], *own_states[NETS_MAX];
        uint32_t inputs = i < 2 * COHORTS ? 250 : 100; /* two blocks of lists, or one */
        create(&stack, inputs, widths, count_of(widths), NULL, panel_kernel_here(), &arena);
        create(&own, inputs, widths, count_of(widths), NULL, panel_kernel_here(), &arena);
        stack_reserve_panels(&stack, OPTIMIZER_STATES_MAX, &arena); /* adam has 2 */
        create_states(&stack, states, &arena);
        create_states(&own, own_states, &arena);
        train(&stack, states, in_panels[i / 2 / COHORTS], i % 2);
        train(&own, own_states, never, i % 2);
        for (size_t s = 0; s < stack.count; s++) {
            size_t n = stack.nets[s]->parameter_count;
            assert_memory_equal(stack.nets[s]->parameters, own.nets[s]->parameters,
                                n * sizeof(float));
            assert_memory_equal(stack.nets[s]->gradient, own.nets[s]->gradient, n * sizeof(float));
            assert_memory_equal(states[s], own_states[s], 2 * n * sizeof(float));
        }
        arena_close(&arena);
    }
}

static int prepare(void **state) {
    (void)state;
    matrix_use_one_thread();
    inputs_fill(x, BATCH_MAX * INPUTS_MAX, 99);
    for (size_t i = 0; i < BATCH_MAX * INPUTS_MAX; i++)
        x[i] = x[i] < 0.1F ? 0 : x[i];
    for (size_t i = 0; i < BATCH_MAX; i++)
        labels[i] = (uint16_t)(i * 7 % OUTPUTS);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cohort_has_the_bits_of_each_net_alone),
        cmocka_unit_test(lists_of_inputs_give_the_bits_of_dense_inputs),
        cmocka_unit_test(kernels_that_round_alike_give_the_same_bits),
        cmocka_unit_test(net_that_diverged_leaves_the_others_alone),
        cmocka_unit_test(core_is_that_of_blas_and_says_where_rounding_differs),
        cmocka_unit_test(nets_that_are_kept_go_on_as_if_alone),
        cmocka_unit_test(nets_can_be_taken_out_one_after_another),
        cmocka_unit_test(steps_in_panels_have_the_bits_of_each_nets_own),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
