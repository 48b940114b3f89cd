/* One step of the nets of a lock-step: forward, backward, the optimizer. */
#include "nn/class_weight.h"
#include "run/lockstep.h"

/* A minibatch after the first layers' products, as pieces of one net each. */
struct train_job {
    struct lockstep *lockstep;
    struct loss_target target;
    const uint32_t *rows; /* [count] */
    size_t count;
    uint64_t epoch;
    struct team *team; /* of each net */
};

static void train_net(void *context, size_t s, size_t member) {
    const struct train_job *job = context;
    struct training_state *state = job->lockstep->states[s];
    const struct loss_buffers *buffers = &job->lockstep->buffers[member];
    struct net_training training = {state->trial->seed, job->epoch, job->rows};
    struct loss_target target = job->target;
    float *delta = net_output_delta(&state->net);
    const float *z = net_forward(&state->net, job->count, &training, job->team);
    target.smoothing = (float)state->trial->label_smoothing;
    target.scratch = buffers->scratch;
    loss_measure(&state->net.shape.loss, &target, z, delta, buffers->predicted, &state->sums);
    if (state->class_weights)
        class_weight_apply(state->class_weights, &target, delta);
    state->seen += job->count;
    net_backward(&state->net, job->count, job->team);
}

static struct input_noise noise_of(const struct lockstep *lockstep, uint64_t epoch) {
    const struct trial *any = lockstep->states[0]->trial;
    return (struct input_noise){any->input_dropout, any->input_noise, any->order_seed, epoch};
}

/* The inputs of a minibatch, gathered now or ahead. */
static struct minibatch take_inputs(struct lockstep *lockstep, uint64_t epoch, const uint32_t *rows,
                                    size_t count) {
    const struct gather_job ahead = lockstep->ahead;
    lockstep->ahead = (struct gather_job){0};
    if (ahead.rows == rows && ahead.noise.epoch == epoch && ahead.x.count == count) {
        lockstep->spare = lockstep->gather;
        lockstep->gather = ahead.gather;
        return ahead.x;
    }
    return gather_inputs(lockstep->gather, lockstep->split.train.part, rows, count,
                         noise_of(lockstep, epoch), lockstep->team);
}

/* Whether one step moves the first kernels of all nets, wherever they stand. */
static bool steps_are_alike(const struct lockstep *lockstep) {
    const struct training_state *first = lockstep->states[0];
    bool alike = true;
    for (size_t s = 0; s < lockstep->count && alike; s++) {
        const struct training_state *state = lockstep->states[s];
        alike = state->optimizer == first->optimizer && !training_state_finishes_gradient(state);
        for (size_t i = 0; i < OPTIMIZER_COEFFICIENTS && alike; i++)
            alike = state->coefficients[i] == first->coefficients[i];
    }
    return alike;
}

/* The optimizer states, one of each net. Owns: the result lives in the arena. */
static float **optimizer_states(const struct lockstep *lockstep, struct arena *arena) {
    float **states = arena_alloc(arena, lockstep->count, sizeof *states);
    for (size_t s = 0; s < lockstep->count; s++)
        states[s] = lockstep->states[s]->optimizer_state;
    return states;
}

void lockstep_write_back(struct lockstep *lockstep) {
    struct arena scratch = {0};
    if (lockstep->stack.is_in_panels)
        stack_write_back(&lockstep->stack, optimizer_states(lockstep, &scratch));
    arena_close(&scratch);
}

static void enter_panels(struct lockstep *lockstep) {
    struct arena scratch = {0};
    stack_load_panels(&lockstep->stack, lockstep->states[0]->optimizer->states,
                      optimizer_states(lockstep, &scratch));
    arena_close(&scratch);
}

void lockstep_leave_panels(struct lockstep *lockstep) {
    lockstep_write_back(lockstep);
    stack_leave_panels(&lockstep->stack);
}

/* Has first kernels in panels for the step that has begun, or not, as it needs them. */
static void choose_panels(struct lockstep *lockstep) {
    bool alike = steps_are_alike(lockstep);
    if (alike && !lockstep->stack.is_in_panels)
        enter_panels(lockstep);
    else if (!alike && lockstep->stack.is_in_panels)
        lockstep_leave_panels(lockstep);
}

/* What is left of a step when all deltas are there. */
struct step {
    struct lockstep *lockstep;
    size_t count;   /* samples of the minibatch */
    size_t members; /* of the team */
    bool moves;     /* kernels move as soon as their gradients are there */
};

static void gather_ahead(void *context, size_t piece, size_t member) {
    (void)member;
    const struct lockstep *lockstep = context;
    const struct gather_job *ahead = &lockstep->ahead;
    gather_piece(ahead, piece);
    if (ahead->x.is_transposed)
        stack_transpose(&lockstep->stack, &ahead->x, gather_from(ahead, piece),
                        gather_from(ahead, piece + 1));
}

/* The next minibatch, which is gathered while this one trains. */
static struct team_job gather_next(struct lockstep *lockstep, uint64_t epoch, const uint32_t *rows,
                                   size_t count) {
    lockstep->ahead = gather_begin(lockstep->spare, lockstep->split.train.part, rows, count,
                                   noise_of(lockstep, epoch), team_members(lockstep->team));
    lockstep->ahead.x.is_transposed = stack_wants_transposed(&lockstep->stack, &lockstep->ahead.x);
    return (struct team_job){gather_ahead, lockstep, lockstep->ahead.pieces};
}

/* A layer of all nets that have it; not the first. */
struct layer_step {
    const struct step *step;
    size_t l;
};

/* Pieces of one net's kernel: rows of its gradient by what the layer got, so that a member finds in
 * its cache what it has read before. */
static size_t pieces_of(const struct layer_step *layer, const struct net *net) {
    const struct step *step = layer->step;
    size_t members = step->lockstep->count < step->members ? step->members : 1;
    const struct net_layer *of_net = &net->layer[layer->l];
    return layer->l < net->shape.layers ? product_pieces(&of_net->product, of_net->inputs, members)
                                        : 0;
}

/* The gradient of some rows of a kernel, and its step if it may move. */
static void finish_rows(const struct layer_step *layer, struct training_state *state,
                        struct product_rows rows) {
    const struct net_layer *of_net = &state->net.layer[layer->l];
    size_t first = (size_t)(of_net->kernel - state->net.parameters);
    net_kernel_gradient(&state->net, layer->l, layer->step->count, rows);
    if (layer->step->moves)
        training_state_step(state, first + rows.from * of_net->units,
                            first + rows.to * of_net->units);
}

static void finish_piece(void *context, size_t piece, size_t member) {
    enum { CACHED_ROWS = 64 }; /* whose gradient is in the cache for the step */
    (void)member;
    const struct layer_step *layer = context;
    struct training_state **state = layer->step->lockstep->states;
    size_t pieces;
    for (; piece >= (pieces = pieces_of(layer, &(*state)->net)); state++)
        piece -= pieces;
    const struct net_layer *of_net = &(*state)->net.layer[layer->l];
    struct product_rows rows = product_piece(&of_net->product, of_net->inputs, pieces, piece);
    size_t n = rows.to - rows.from,
           parts = of_net->product.panels ? quotient_up(n, CACHED_ROWS) : 1;
    for (size_t i = 0; i < parts; i++)
        finish_rows(
            layer, *state,
            (struct product_rows){rows.from + n * i / parts, rows.from + n * (i + 1) / parts});
}

/* Biases and scales of one net. */
static void move_others(void *context, size_t s, size_t member) {
    (void)member;
    const struct step *step = context;
    struct training_state *state = step->lockstep->states[s];
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        size_t first = (size_t)(layer->kernel - state->net.parameters);
        size_t end = (size_t)(layer->bias - state->net.parameters) + layer->units;
        training_state_step(state, first + layer->inputs * layer->units, end);
    }
}

enum { STEP_PART = 1 << 14 }; /* parameters */

static size_t step_parts(const struct training_state *state) {
    return (state->net.parameter_count + STEP_PART - 1) / STEP_PART;
}

/* The optimizer's step for some parameters of any net. */
static void step_any(void *context, size_t part, size_t member) {
    (void)member;
    const struct step *step = context;
    struct training_state **state = step->lockstep->states;
    for (size_t parts; part >= (parts = step_parts(*state)); state++)
        part -= parts;
    training_state_step(*state, part * STEP_PART, (part + 1) * STEP_PART);
}

/* The optimizer's step of all nets, when their whole gradients are there. */
static void step_nets(struct step *step) {
    struct lockstep *lockstep = step->lockstep;
    size_t parts = 0;
    for (size_t s = 0; s < lockstep->count; s++) {
        training_state_finish_gradient(lockstep->states[s], lockstep->team);
        parts += step_parts(lockstep->states[s]);
    }
    team_run(lockstep->team, parts, step_any, step);
}

/* All that is left of one net's step, in this thread, when the first kernel's gradient is there. */
static void finish_net(void *context, size_t s) {
    const struct step *step = context;
    struct training_state *state = step->lockstep->states[s];
    net_kernel_gradients(&state->net, step->count);
    training_state_finish_gradient(state, NULL);
    training_state_step(state, 0, state->net.parameter_count);
}

/* Jobs of all layers but the first. Returns how many. */
static size_t finish_layers(const struct step *step, struct layer_step *layers,
                            struct team_job *jobs) {
    const struct lockstep *lockstep = step->lockstep;
    size_t count = 0;
    for (size_t l = 1; l < NET_LAYERS_MAX; l++) {
        layers[count] = (struct layer_step){step, l};
        jobs[count] = (struct team_job){finish_piece, &layers[count], 0};
        for (size_t s = 0; s < lockstep->count; s++)
            jobs[count].pieces += pieces_of(&layers[count], &lockstep->states[s]->net);
        if (jobs[count].pieces)
            count++;
    }
    return count;
}

/* One job does it all, but for steps that need whole gradients. Panels come last, in small pieces:
 * so all members end at about the same time. */
static void finish_step(struct lockstep *lockstep, const struct minibatch *x, uint64_t epoch,
                        const uint32_t *next_rows, size_t next) {
    const struct training_state *any = lockstep->states[0]; /* all have done the same steps */
    struct stack_step alike = {any->optimizer, any->coefficients,
                               !next || any->updates == 1 || any->updates == any->steps};
    struct step step = {lockstep, x->count, team_members(lockstep->team),
                        lockstep->stack.is_in_panels};
    struct layer_step layers[NET_LAYERS_MAX];
    struct team_job jobs[NET_LAYERS_MAX + 3];
    size_t count = 0;
    if (step.members == 1 && !step.moves) {
        stack_backward_each(&lockstep->stack, x, finish_net, &step);
        return;
    }
    if (step.members > 1 && next)
        jobs[count++] = gather_next(lockstep, epoch, next_rows, next);
    count += finish_layers(&step, layers, jobs + count);
    if (step.moves)
        jobs[count++] = (struct team_job){move_others, &step, lockstep->count};
    jobs[count++] = stack_backward(&lockstep->stack, x, step.moves ? &alike : NULL, step.members);
    team_run_all(lockstep->team, jobs, count);
    if (!step.moves)
        step_nets(&step);
}

void lockstep_train(struct lockstep *lockstep, uint64_t epoch, const uint32_t *rows, size_t count,
                    size_t next) {
    struct minibatch x = take_inputs(lockstep, epoch, rows, count);
    const struct data_part *part = lockstep->split.train.part;
    struct lockstep_teams teams = lockstep_teams(lockstep);
    struct train_job job = {.lockstep = lockstep,
                            .target = gather_targets(lockstep->gather, part, rows, count),
                            .rows = rows,
                            .count = count,
                            .epoch = epoch,
                            .team = teams.of_a_net};
    for (size_t s = 0; s < lockstep->count; s++)
        training_state_begin_step(lockstep->states[s]);
    choose_panels(lockstep);
    stack_forward(&lockstep->stack, &x, lockstep->team);
    team_run(teams.over_nets, lockstep->count, train_net, &job);
    finish_step(lockstep, &x, epoch, rows + count, next);
}
