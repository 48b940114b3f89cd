#include "nn/stack.h"

#include <string.h>

static size_t units(const struct stack *stack, size_t s) {
    return stack->nets[s].shape.width[1];
}

/* Rows that net s's own product runs over, and whether it may join a shared one. */
static size_t alone(const struct stack *stack, size_t s, size_t batch, bool *shared) {
    return matrix_rows_alone(stack->padding, units(stack, s), stack->inputs, batch, shared);
}

static void count_rows(struct stack *stack) {
    stack->rows = 0;
    for (size_t s = 0; s < stack->count; s++) {
        stack->first_row[s] = stack->rows;
        stack->rows += matrix_block_rows(stack->padding, units(stack, s));
    }
}

static void place_nets(struct stack *stack) {
    count_rows(stack);
    for (size_t s = 0; s < stack->count; s++)
        stack->nets[s].first = stack->weights + stack->first_row[s] * stack->inputs;
}

/* Output and delta of the first layer move with the batch size: rows are tight. */
static void point_nets(struct stack *stack, size_t batch) {
    for (size_t s = 0; s < stack->count; s++) {
        stack->nets[s].output[0] = stack->output + stack->first_row[s] * batch;
        stack->nets[s].delta[0] = stack->delta + stack->first_row[s] * batch;
    }
}

static void create_net(struct net *net, const struct net_shape *shape, size_t batch_max,
                       struct arena *arena) {
    const struct choice linear = choice_default(&activations, "linear");
    size_t rest = net_rest_count(shape);
    *net = (struct net){.shape = *shape};
    net->rest = arena_alloc(arena, rest, sizeof(float));
    net->rest_gradient = arena_alloc(arena, rest, sizeof(float));
    for (size_t l = 0; l < shape->layers; l++)
        net->activation[l] = activation_of(l + 1 < shape->layers ? &shape->activation : &linear);
    for (size_t l = 1; l < shape->layers; l++) {
        net->output[l] = arena_alloc(arena, (size_t)shape->width[l + 1] * batch_max, sizeof(float));
        net->delta[l] = arena_alloc(arena, (size_t)shape->width[l + 1] * batch_max, sizeof(float));
    }
}

/* A product that is padded ends at most one net's units behind the last net (matrix.h). */
static size_t padding_rows(const struct stack *stack) {
    size_t most = 0;
    for (size_t s = 0; s < stack->count; s++)
        most = units(stack, s) > most ? units(stack, s) : most;
    return most + stack->padding.multiple;
}

void stack_create(struct stack *stack, const struct net_shape *shapes, size_t count,
                  size_t batch_max, enum fuse fuse, struct arena *arena) {
    *stack = (struct stack){.count = count,
                            .inputs = shapes[0].width[0],
                            .batch_max = batch_max,
                            .padding = matrix_padding(),
                            .fuse = fuse};
    stack->nets = arena_alloc(arena, count, sizeof *stack->nets);
    for (size_t s = 0; s < count; s++)
        create_net(&stack->nets[s], &shapes[s], batch_max, arena);
    stack->first_row = arena_alloc(arena, count, sizeof *stack->first_row);
    stack->forward_fails = arena_alloc(arena, batch_max + 1, sizeof *stack->forward_fails);
    stack->backward_fails = arena_alloc(arena, batch_max + 1, sizeof *stack->backward_fails);
    count_rows(stack);
    stack->capacity = stack->rows + padding_rows(stack);
    stack->weights = arena_alloc(arena, stack->capacity * stack->inputs, sizeof(float));
    stack->gradient = arena_alloc(arena, stack->capacity * stack->inputs, sizeof(float));
    stack->output = arena_alloc(arena, stack->capacity * batch_max, sizeof(float));
    stack->delta = arena_alloc(arena, stack->capacity * batch_max, sizeof(float));
    place_nets(stack);
}

static bool may_share(const struct stack *stack, size_t batch) {
    bool all = stack->count > 1 && stack->fuse != FUSE_OFF;
    for (size_t s = 0; s < stack->count && all && stack->fuse == FUSE_AUTO; s++)
        alone(stack, s, batch, &all);
    return all;
}

static size_t shared_rows(const struct stack *stack, size_t batch) {
    size_t rows = matrix_rows(stack->padding, stack->rows, stack->inputs, batch);
    return rows < stack->capacity ? rows : stack->rows; /* a fuse that is forced is not padded */
}

static void forward_shared(struct stack *stack, size_t batch, const float *x) {
    matrix_multiply_nt(shared_rows(stack, batch), batch, stack->inputs, stack->weights, x,
                       stack->output);
}

/* A net's padded rows may reach into the next nets' blocks. What they hold does not matter, only
 * how many they are; going upwards, each block is written last by its own product. */
static void forward_alone(struct stack *stack, size_t batch, const float *x) {
    for (size_t s = 0; s < stack->count; s++) {
        bool shared;
        size_t row = stack->first_row[s];
        matrix_multiply_nt(alone(stack, s, batch, &shared), batch, stack->inputs,
                           stack->weights + row * stack->inputs, x, stack->output + row * batch);
    }
}

void stack_forward(struct stack *stack, size_t batch, const float *x) {
    point_nets(stack, batch);
    if (may_share(stack, batch) && (stack->fuse == FUSE_ALWAYS || !stack->forward_fails[batch]))
        forward_shared(stack, batch, x);
    else
        forward_alone(stack, batch, x);
}

static void backward_shared(struct stack *stack, size_t batch, const float *x) {
    matrix_multiply_nn(shared_rows(stack, batch), stack->inputs, batch, stack->delta, x,
                       stack->gradient);
}

static void backward_alone(struct stack *stack, size_t batch, const float *x) {
    for (size_t s = 0; s < stack->count; s++) {
        bool shared;
        size_t row = stack->first_row[s];
        matrix_multiply_nn(alone(stack, s, batch, &shared), stack->inputs, batch,
                           stack->delta + row * batch, x, stack->gradient + row * stack->inputs);
    }
}

/* Rows between and after the nets' units must hold numbers; that they are zero keeps NaN out. */
static void clear_padding(struct stack *stack, size_t batch) {
    for (size_t s = 0; s < stack->count; s++) {
        size_t from = stack->first_row[s] + units(stack, s);
        size_t to = s + 1 < stack->count ? stack->first_row[s + 1] : stack->capacity;
        memset(stack->delta + from * batch, 0, (to - from) * batch * sizeof(float));
    }
}

void stack_backward(struct stack *stack, size_t batch, const float *x) {
    clear_padding(stack, batch);
    if (may_share(stack, batch) && (stack->fuse == FUSE_ALWAYS || !stack->backward_fails[batch]))
        backward_shared(stack, batch, x);
    else
        backward_alone(stack, batch, x);
}

const float *stack_gradient(const struct stack *stack, size_t s) {
    return stack->gradient + stack->first_row[s] * stack->inputs;
}

void stack_keep(struct stack *stack, const bool *keep) {
    size_t kept = 0, row = 0, inputs = stack->inputs;
    for (size_t s = 0; s < stack->count; s++) {
        if (!keep[s])
            continue;
        size_t rows = matrix_block_rows(stack->padding, units(stack, s));
        memmove(stack->weights + row * inputs, stack->weights + stack->first_row[s] * inputs,
                rows * inputs * sizeof(float));
        row += rows;
        stack->nets[kept++] = stack->nets[s];
    }
    memset(stack->weights + row * inputs, 0, (stack->capacity - row) * inputs * sizeof(float));
    stack->count = kept;
    place_nets(stack);
    memset(stack->forward_fails, 0, (stack->batch_max + 1) * sizeof *stack->forward_fails);
    memset(stack->backward_fails, 0, (stack->batch_max + 1) * sizeof *stack->backward_fails);
}

/* Values of the size that nets have, a different one in each place. */
static void fill(float *values, size_t n, uint32_t state) {
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525U + 1013904223U;
        values[i] = ((float)(state >> 9) - 0x1p22F) * 0x1p-22F;
    }
}

/* Only units count: what the padding computes is read by nobody. */
static bool same_units(const struct stack *stack, const float *a, const float *b, size_t columns) {
    for (size_t s = 0; s < stack->count; s++) {
        size_t at = stack->first_row[s] * columns;
        if (memcmp(a + at, b + at, units(stack, s) * columns * sizeof(float)) != 0)
            return false;
    }
    return true;
}

static void check_forward(struct stack *stack, size_t batch, const float *x,
                          struct arena *scratch) {
    float *weights = stack->weights, *output = stack->output;
    stack->weights = arena_alloc(scratch, stack->capacity * stack->inputs, sizeof(float));
    fill(stack->weights, stack->rows * stack->inputs, 2);
    stack->output = arena_alloc(scratch, stack->capacity * batch, sizeof(float));
    forward_shared(stack, batch, x);
    float *shared = stack->output;
    stack->output = output;
    forward_alone(stack, batch, x);
    stack->forward_fails[batch] = !same_units(stack, shared, output, batch);
    stack->weights = weights;
}

static void check_backward(struct stack *stack, size_t batch, const float *x,
                           struct arena *scratch) {
    float *gradient = stack->gradient;
    stack->gradient = arena_alloc(scratch, stack->capacity * stack->inputs, sizeof(float));
    fill(stack->delta, stack->rows * batch, 3);
    clear_padding(stack, batch);
    backward_shared(stack, batch, x);
    float *shared = stack->gradient;
    stack->gradient = gradient;
    backward_alone(stack, batch, x);
    stack->backward_fails[batch] = !same_units(stack, shared, gradient, stack->inputs);
}

bool stack_check(struct stack *stack, size_t batch, bool gradient, struct arena *scratch) {
    if (!may_share(stack, batch))
        return true;
    float *x = arena_alloc(scratch, batch * stack->inputs, sizeof *x);
    fill(x, batch * stack->inputs, 1);
    if (!stack->forward_fails[batch])
        check_forward(stack, batch, x, scratch);
    if (gradient && !stack->backward_fails[batch])
        check_backward(stack, batch, x, scratch);
    return !stack->forward_fails[batch] && !stack->backward_fails[batch];
}
