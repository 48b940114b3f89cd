#include "run/training_state.h"

#include "nn/initializer.h"
#include "nn/matrix.h"
#include "nn/penalty.h"
#include "nn/reduce.h"
#include "nn/stack.h"
#include "trial/fingerprint.h"
#include "trial/monitor.h"
#include "trial/stopping.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct net_shape training_state_shape(const struct work *work) {
    const struct topology *topology = &work->trial->topology;
    struct net_shape shape = {.layers = topology->depth + 1,
                              .activation = work->trial->activation,
                              .normalization = work->trial->normalization,
                              .dropout = work->trial->dropout,
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
    state->best = arena_alloc(arena, state->net.weight_count, sizeof(float));
    state->records = arena_alloc(arena, work->trial->epochs, sizeof *state->records);
    probe_create(&state->probe, &shape, arena);
}

static void draw(const struct choice *initializer, struct kernel_shape shape, float *out) {
    struct arena scratch = {0};
    initializer_of(initializer)->draw(initializer->arguments, &shape, &scratch, out);
    arena_close(&scratch);
}

void training_state_begin(struct training_state *state) {
    const struct trial *trial = state->trial;
    enum { OF_BIASES = 1 << 16 }; /* layers never come to it: biases have draws of their own */
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        uint32_t units = (uint32_t)layer->units, number = (uint32_t)l;
        draw(&trial->initializer,
             (struct kernel_shape){trial->init_seed, number, (uint32_t)layer->inputs, units},
             layer->kernel);
        draw(&trial->bias_initializer,
             (struct kernel_shape){trial->init_seed, number | OF_BIASES, 1, units}, layer->bias);
    }
}

static size_t within(size_t at, size_t from, size_t to) {
    return at < from ? from : at > to ? to : at;
}

/* Of the n parameters at `at`, a kernel or biases, those that are between `from` and `to`. */
static void update(struct training_state *state, bool is_kernel, const float *at, size_t n,
                   size_t from, size_t to) {
    size_t begin = (size_t)(at - state->net.parameters), end = within(begin + n, from, to);
    begin = within(begin, from, to);
    if (begin < end)
        state->optimizer->update(state->coefficients, is_kernel, end - begin,
                                 state->net.parameters + begin, state->net.gradient + begin,
                                 state->optimizer_state + begin, state->net.parameter_count);
}

void training_state_step(struct training_state *state, size_t from, size_t to) {
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        size_t weights = layer->inputs * layer->units;
        const float *others = layer->kernel + weights; /* scales, biases */
        update(state, true, layer->kernel, weights, from, to);
        update(state, false, others, (size_t)(layer->bias - others) + layer->units, from, to);
    }
}

void training_state_begin_step(struct training_state *state) {
    const struct trial *trial = state->trial;
    struct schedule_time time = {++state->updates, state->steps, state->epochs_done};
    state->learning_rate =
        schedule_rate(&trial->schedule, trial->learning_rate, &time, &state->schedule);
    struct optimizer_step step = {trial->optimizer.arguments, state->learning_rate, state->updates,
                                  &state->optimizer_carried};
    memset(state->coefficients, 0, sizeof state->coefficients);
    state->optimizer->prepare(&step, state->coefficients);
}

bool training_state_finishes_gradient(const struct training_state *state) {
    const struct trial *trial = state->trial;
    return trial->l1 > 0 || trial->l2 > 0 || trial->clip_norm > 0;
}

void training_state_finish_gradient(struct training_state *state, struct team *team) {
    const struct trial *trial = state->trial;
    if (trial->l1 > 0 || trial->l2 > 0)
        penalty_add_gradient(&state->net, trial->l1, trial->l2, team);
    if (trial->clip_norm > 0)
        penalty_clip_gradient(&state->net, trial->clip_norm);
}

void training_state_end_epoch(struct training_state *state, struct epoch_record record) {
    state->records[state->epochs_done++] = record;
    state->diverged = !isfinite(record.train_loss) || !isfinite(record.probe_loss) ||
                      (state->validates && !isfinite(record.val_loss));
    const struct trial *trial = state->trial;
    double value = monitor_of(&trial->monitor)->validation(&record);
    if (isfinite(value) && (!state->best_epoch || value < state->best_value)) {
        state->best_epoch = record.epoch;
        state->best_value = value;
        memcpy(state->best, state->net.parameters, state->net.weight_count * sizeof(float));
    }
    schedule_observe(&trial->schedule, value, &state->schedule);
    state->stopped_early = stopping_is_due(&trial->early_stopping, &trial->monitor, state->records,
                                           (size_t)state->epochs_done);
    state->sums = (struct loss_sums){0};
    state->seen = 0;
    state->seconds = 0;
}

bool training_state_is_finished(const struct training_state *state) {
    return state->diverged || state->stopped_early || state->updates == state->steps;
}

void training_state_layers(const struct training_state *state, uint64_t epoch,
                           struct layer_record *records) {
    for (size_t l = 0; l < state->net.shape.layers; l++) {
        const struct net_layer *layer = &state->net.layer[l];
        records[l] = (struct layer_record){
            .epoch = epoch,
            .layer = l + 1,
            .activation_sd = running_moments_sd(&state->probe.layer[l]),
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
    uint64_t numerics, parameters, weights, states;
    struct position position;
    uint64_t updates, seen, epochs_done, best_epoch;
    double best_value, seconds, optimizer_carried;
    struct loss_sums sums;
    struct schedule_memory schedule;
};

static const char magic[8] = "MLPSCP3";

static struct header header_here(const struct net_shape *shape, const struct optimizer *optimizer) {
    struct header header = {.numerics = NUMERICS_VERSION,
                            .parameters = net_parameter_count(shape),
                            .weights = net_weight_count(shape),
                            .states = optimizer->states};
    memcpy(header.magic, magic, sizeof magic);
    stack_core(header.core);
    char version[MATRIX_VERSION_MAX];
    strncpy(header.blas, matrix_version(version), sizeof header.blas - 1);
    return header;
}

static size_t float_count(const struct header *header) {
    return header->weights * (header->best_epoch ? 2 : 1) + header->parameters * header->states;
}

void training_state_save(const struct training_state *state, struct position position,
                         struct arena *arena, const void **bytes, size_t *size) {
    size_t n = state->net.weight_count;
    struct header header = header_here(&state->net.shape, state->optimizer);
    size_t states = header.parameters * header.states;
    header.position = position;
    header.updates = state->updates;
    header.seen = state->seen;
    header.epochs_done = state->epochs_done;
    header.best_epoch = state->best_epoch;
    header.best_value = state->best_value;
    header.seconds = state->seconds;
    header.optimizer_carried = state->optimizer_carried;
    header.sums = state->sums;
    header.schedule = state->schedule;
    *size = sizeof header + float_count(&header) * sizeof(float);
    char *out = arena_alloc(arena, *size, 1);
    *bytes = out;
    memcpy(out, &header, sizeof header);
    float *values = (float *)(void *)(out + sizeof header);
    memcpy(values, state->net.parameters, n * sizeof(float));
    memcpy(values + n, state->optimizer_state, states * sizeof(float));
    if (header.best_epoch)
        memcpy(values + n + states, state->best, n * sizeof(float));
}

struct position training_state_position(const struct work *work,
                                        const struct checkpoint *checkpoint) {
    struct header header;
    struct net_shape shape = training_state_shape(work);
    if (!checkpoint->bytes || checkpoint->size < sizeof header)
        return (struct position){0};
    memcpy(&header, checkpoint->bytes, sizeof header);
    struct header here = header_here(&shape, optimizer_of(&work->trial->optimizer));
    bool fits = memcmp(&header, &here, offsetof(struct header, position)) == 0 &&
                checkpoint->size == sizeof header + float_count(&header) * sizeof(float) &&
                header.epochs_done == checkpoint->epoch_count &&
                header.epochs_done == header.position.epoch &&
                header.best_epoch <= header.epochs_done && header.epochs_done < work->trial->epochs;
    return fits ? header.position : (struct position){0};
}

void training_state_load(struct training_state *state, const struct checkpoint *checkpoint) {
    struct header header;
    memcpy(&header, checkpoint->bytes, sizeof header);
    const char *at = (const char *)checkpoint->bytes + sizeof header;
    size_t weights = header.weights * sizeof(float);
    size_t states = header.parameters * header.states * sizeof(float);
    memcpy(state->net.parameters, at, weights);
    memcpy(state->optimizer_state, at + weights, states);
    if (header.best_epoch)
        memcpy(state->best, at + weights + states, weights);
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
    state->schedule = header.schedule;
}
