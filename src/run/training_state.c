#include "run/training_state.h"

#include "nn/initializer.h"
#include "nn/matrix.h"
#include "nn/reduce.h"
#include "nn/stack.h"
#include "trial/fingerprint.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct net_shape training_state_shape(const struct work *work) {
    const struct topology *topology = &work->trial->topology;
    struct net_shape shape = {.layers = topology->depth + 1,
                              .activation = work->trial->activation,
                              .loss = work->trial->loss};
    shape.width[0] = (uint32_t)work->dataset->inputs;
    memcpy(shape.width + 1, topology->width, topology->depth * sizeof *topology->width);
    shape.width[shape.layers] = (uint32_t)dataset_outputs(work->dataset);
    return shape;
}

void training_state_create(struct training_state *state, size_t index, const struct work *work,
                           size_t batch_max, size_t cohort_size, struct arena *arena) {
    *state = (struct training_state){.index = index,
                                     .trial = work->trial,
                                     .optimizer = optimizer_of(&work->trial->optimizer),
                                     .cohort_size = cohort_size};
    struct net_shape shape = training_state_shape(work);
    net_create(&state->net, &shape, batch_max, arena);
    size_t n = state->net.parameter_count;
    state->optimizer_state = arena_alloc(arena, n * state->optimizer->states, sizeof(float));
    state->best = arena_alloc(arena, n, sizeof(float));
    state->records = arena_alloc(arena, work->trial->epochs, sizeof *state->records);
    probe_create(&state->probe, &shape, arena);
}

void training_state_begin(struct training_state *state) {
    const struct choice *choice = &state->trial->initializer;
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        struct kernel_shape kernel = {state->trial->init_seed, (uint32_t)l, (uint32_t)layer->inputs,
                                      (uint32_t)layer->units};
        struct arena scratch = {0};
        initializer_of(choice)->draw(choice->arguments, &kernel, &scratch, layer->kernel);
        arena_close(&scratch);
    }
}

/* The arrays of n parameters from `at` on: a kernel or biases. */
static void update(struct training_state *state, const float *coefficients, bool is_kernel,
                   const float *at, size_t n) {
    size_t from = (size_t)(at - state->net.parameters);
    state->optimizer->update(coefficients, is_kernel, n, state->net.parameters + from,
                             state->net.gradient + from, state->optimizer_state + from,
                             state->net.parameter_count);
}

void training_state_step(struct training_state *state) {
    float coefficients[OPTIMIZER_COEFFICIENTS] = {0};
    struct optimizer_step step = {state->trial->optimizer.arguments, state->trial->learning_rate,
                                  ++state->updates, &state->optimizer_carried};
    state->optimizer->prepare(&step, coefficients);
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        update(state, coefficients, true, layer->kernel, layer->inputs * layer->units);
        update(state, coefficients, false, layer->bias, layer->units);
    }
}

void training_state_end_epoch(struct training_state *state, struct epoch_record record) {
    state->records[state->epochs_done++] = record;
    state->diverged =
        !isfinite(record.train_loss) || (state->validates && !isfinite(record.val_loss));
    bool better = !state->best_epoch || record.val_loss < state->best_value;
    if (isfinite(record.val_loss) && better) {
        state->best_epoch = record.epoch;
        state->best_value = record.val_loss;
        memcpy(state->best, state->net.parameters, state->net.parameter_count * sizeof(float));
    }
    state->sums = (struct loss_sums){0};
    state->seen = 0;
    state->seconds = 0;
}

bool training_state_is_finished(const struct training_state *state) {
    return state->diverged || state->epochs_done == state->trial->epochs;
}

void training_state_layers(const struct training_state *state, uint64_t epoch,
                           struct layer_record *records) {
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        records[l] = (struct layer_record){
            .epoch = epoch,
            .layer = l + 1,
            .activation_sd = moments_sd(&state->probe.layer[l]),
            .gradient_norm =
                sqrt(reduce_squares(layer->kernel_gradient, layer->inputs * layer->units)),
            .dead_units = probe_dead_units(&state->probe, &state->net, l),
        };
    }
}

/* A checkpoint is this header, then the weights, the optimizer's state and, if there is a best
 * epoch, its weights; all little-endian, as the machines are that we build for. */
struct header {
    char magic[8];
    char core[STACK_CORE_MAX],
        blas[72]; /* other kernels have other bits: there the trial starts again */
    uint64_t numerics, parameters, states;
    struct position position;
    uint64_t updates, seen, epochs_done, best_epoch;
    double best_value, seconds, optimizer_carried;
    struct loss_sums sums;
};

static const char magic[8] = "MLPSCP3";

static struct header header_here(uint64_t parameters, uint64_t states) {
    struct header header = {
        .numerics = NUMERICS_VERSION, .parameters = parameters, .states = states};
    memcpy(header.magic, magic, sizeof magic);
    stack_core(header.core);
    char version[MATRIX_VERSION_MAX];
    strncpy(header.blas, matrix_version(version), sizeof header.blas - 1);
    return header;
}

static size_t float_count(const struct header *header) {
    return header->parameters * (1 + header->states + (header->best_epoch != 0));
}

void training_state_save(const struct training_state *state, struct position position,
                         struct arena *arena, const void **bytes, size_t *size) {
    size_t n = state->net.parameter_count;
    struct header header = header_here(n, state->optimizer->states);
    header.position = position;
    header.updates = state->updates;
    header.seen = state->seen;
    header.epochs_done = state->epochs_done;
    header.best_epoch = state->best_epoch;
    header.best_value = state->best_value;
    header.seconds = state->seconds;
    header.optimizer_carried = state->optimizer_carried;
    header.sums = state->sums;
    *size = sizeof header + float_count(&header) * sizeof(float);
    char *out = arena_alloc(arena, *size, 1);
    *bytes = out;
    memcpy(out, &header, sizeof header);
    float *values = (float *)(void *)(out + sizeof header);
    memcpy(values, state->net.parameters, n * sizeof(float));
    memcpy(values + n, state->optimizer_state, n * header.states * sizeof(float));
    if (header.best_epoch)
        memcpy(values + n * (1 + header.states), state->best, n * sizeof(float));
}

struct position training_state_position(const struct work *work,
                                        const struct checkpoint *checkpoint) {
    struct header header;
    struct net_shape shape = training_state_shape(work);
    if (!checkpoint->bytes || checkpoint->size < sizeof header)
        return (struct position){0};
    memcpy(&header, checkpoint->bytes, sizeof header);
    struct header here =
        header_here(net_parameter_count(&shape), optimizer_of(&work->trial->optimizer)->states);
    bool fits = memcmp(&header, &here, offsetof(struct header, position)) == 0 &&
                checkpoint->size == sizeof header + float_count(&header) * sizeof(float) &&
                header.epochs_done == checkpoint->epoch_count &&
                header.epochs_done == header.position.epoch &&
                header.epochs_done < work->trial->epochs;
    return fits ? header.position : (struct position){0};
}

void training_state_load(struct training_state *state, const struct checkpoint *checkpoint) {
    struct header header;
    memcpy(&header, checkpoint->bytes, sizeof header);
    const char *at = (const char *)checkpoint->bytes + sizeof header;
    size_t n = state->net.parameter_count;
    memcpy(state->net.parameters, at, n * sizeof(float));
    memcpy(state->optimizer_state, at + n * sizeof(float), n * header.states * sizeof(float));
    if (header.best_epoch)
        memcpy(state->best, at + n * (1 + header.states) * sizeof(float), n * sizeof(float));
    if (checkpoint->epoch_count) /* else there may be no array to copy from */
        memcpy(state->records, checkpoint->epochs,
               checkpoint->epoch_count * sizeof *state->records);
    state->updates = header.updates;
    state->seen = header.seen;
    state->epochs_done = header.epochs_done;
    state->best_epoch = header.best_epoch;
    state->best_value = header.best_value;
    state->seconds = header.seconds;
    state->optimizer_carried = header.optimizer_carried;
    state->sums = header.sums;
}
