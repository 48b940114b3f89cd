#include "run/training_state.h"

#include "nn/initializer.h"
#include "nn/matrix.h"
#include "nn/reduce.h"
#include "nn/stack.h"
#include "trial/fingerprint.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct net_shape training_state_shape(const struct work *job) {
    const struct topology *topology = &job->trial->topology;
    struct net_shape shape = {.layers = topology->depth + 1,
                              .activation = job->trial->activation,
                              .loss = job->trial->loss};
    shape.width[0] = (uint32_t)job->dataset->inputs;
    memcpy(shape.width + 1, topology->width, topology->depth * sizeof *topology->width);
    shape.width[shape.layers] = (uint32_t)dataset_outputs(job->dataset);
    return shape;
}

static size_t parameter_count(const struct training_state *state) {
    return state->first_count + state->rest_count;
}

size_t training_state_hidden_units(const struct training_state *state) {
    size_t units = 0;
    for (size_t l = 1; l < state->shape.layers; l++)
        units += state->shape.width[l];
    return units;
}

void training_state_create(struct training_state *state, size_t index, const struct work *job,
                           size_t cohort_size, struct arena *arena) {
    *state = (struct training_state){.job = index,
                                     .trial = job->trial,
                                     .optimizer = optimizer_of(&job->trial->optimizer),
                                     .shape = training_state_shape(job),
                                     .cohort_size = cohort_size};
    state->first_count = net_first_count(&state->shape);
    state->rest_count = net_rest_count(&state->shape);
    size_t n = parameter_count(state);
    state->optimizer_state = arena_alloc(arena, n * state->optimizer->states, sizeof(float));
    state->best = arena_alloc(arena, n, sizeof(float));
    state->records = arena_alloc(arena, job->trial->epochs, sizeof *state->records);
    state->alive = arena_alloc(arena, training_state_hidden_units(state), sizeof *state->alive);
    state->layers = arena_alloc(arena, state->shape.layers, sizeof *state->layers);
}

void training_state_begin(struct training_state *state, struct net *net, struct arena *scratch) {
    const struct initializer *initializer = initializer_of(&state->trial->initializer);
    const struct net_shape *shape = &state->shape;
    memset(net->rest, 0, state->rest_count * sizeof(float));
    for (size_t l = 0; l < shape->layers; l++) {
        struct kernel_shape kernel = {state->trial->init_seed, (uint32_t)l, shape->width[l],
                                      shape->width[l + 1]};
        initializer->draw(state->trial->initializer.arguments, &kernel, scratch,
                          l ? net->rest + net_kernel_offset(shape, l) : net->first);
    }
}

void training_state_step(struct training_state *state, struct net *net) {
    const struct trial *trial = state->trial;
    struct optimizer_step step = {trial->optimizer.arguments, trial->learning_rate,
                                  ++state->updates};
    size_t stride = parameter_count(state);
    state->optimizer->update(&step, state->first_count, net->first, net->first_gradient,
                             state->optimizer_state, stride);
    state->optimizer->update(&step, state->rest_count, net->rest, net->rest_gradient,
                             state->optimizer_state + state->first_count, stride);
}

void training_state_end_epoch(struct training_state *state, const struct net *net,
                              struct epoch_record record) {
    state->records[state->epochs_done++] = record;
    state->diverged =
        !isfinite(record.train_loss) || (state->validates && !isfinite(record.val_loss));
    bool better = !state->best_epoch || record.val_loss < state->best_value;
    if (isfinite(record.val_loss) && better) {
        state->best_epoch = record.epoch;
        state->best_value = record.val_loss;
        training_state_weights(state, net, state->best);
    }
    state->sums = (struct loss_sums){0};
    state->seen = 0;
    state->seconds = 0;
}

bool training_state_is_finished(const struct training_state *state) {
    return state->diverged || state->epochs_done == state->trial->epochs;
}

void training_state_weights(const struct training_state *state, const struct net *net, float *out) {
    memcpy(out, net->first, state->first_count * sizeof(float));
    memcpy(out + state->first_count, net->rest, state->rest_count * sizeof(float));
}

double training_state_kernel_norm(const struct training_state *state, const struct net *net) {
    const struct net_shape *shape = &state->shape;
    double squares = reduce_squares(net->first, state->first_count);
    for (size_t l = 1; l < shape->layers; l++)
        squares += reduce_squares(net->rest + net_kernel_offset(shape, l),
                                  (size_t)shape->width[l] * shape->width[l + 1]);
    return sqrt(squares);
}

static double dead_fraction(const bool *alive, size_t units) {
    size_t dead = 0;
    for (size_t u = 0; u < units; u++)
        dead += !alive[u];
    return (double)dead / (double)units;
}

double training_state_dead_units(const struct training_state *state, const struct net *net) {
    size_t units = training_state_hidden_units(state);
    if (!units || !net->activation[0]->has_dead_units)
        return (double)NAN;
    return dead_fraction(state->alive, units);
}

void training_state_layers(const struct training_state *state, const struct net *net,
                           uint64_t epoch, size_t probe_rows, struct layer_record *records) {
    const struct net_shape *shape = &state->shape;
    const bool *alive = state->alive;
    for (size_t l = 0; l < shape->layers; l++) {
        size_t units = shape->width[l + 1], weights = units * shape->width[l];
        bool hidden = l + 1 < shape->layers;
        double n = (double)probe_rows * (double)units;
        double mean = state->layers[l].values / n;
        double variance = state->layers[l].squares / n - mean * mean;
        const float *gradient =
            l ? net->rest_gradient + net_kernel_offset(shape, l) : net->first_gradient;
        records[l] = (struct layer_record){
            .epoch = epoch,
            .layer = l + 1,
            .activation_sd = sqrt(variance > 0 ? variance : 0),
            .gradient_norm = sqrt(reduce_squares(gradient, weights)),
            .dead_units = hidden && net->activation[l]->has_dead_units ? dead_fraction(alive, units)
                                                                       : (double)NAN,
        };
        alive += hidden ? units : 0;
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
    double best_value, seconds;
    struct loss_sums sums;
};

static const char magic[8] = "MLPSCP2";

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

void training_state_save(const struct training_state *state, const struct net *net,
                         struct position position, struct arena *arena, const void **bytes,
                         size_t *size) {
    size_t n = parameter_count(state);
    struct header header = header_here(n, state->optimizer->states);
    header.position = position;
    header.updates = state->updates;
    header.seen = state->seen;
    header.epochs_done = state->epochs_done;
    header.best_epoch = state->best_epoch;
    header.best_value = state->best_value;
    header.seconds = state->seconds;
    header.sums = state->sums;
    *size = sizeof header + float_count(&header) * sizeof(float);
    char *out = arena_alloc(arena, *size, 1);
    *bytes = out;
    memcpy(out, &header, sizeof header);
    float *values = (float *)(void *)(out + sizeof header);
    training_state_weights(state, net, values);
    memcpy(values + n, state->optimizer_state, n * header.states * sizeof(float));
    if (header.best_epoch)
        memcpy(values + n * (1 + header.states), state->best, n * sizeof(float));
}

struct position training_state_position(const struct work *job,
                                        const struct checkpoint *checkpoint) {
    struct header header;
    struct net_shape shape = training_state_shape(job);
    if (!checkpoint->bytes || checkpoint->size < sizeof header)
        return (struct position){0};
    memcpy(&header, checkpoint->bytes, sizeof header);
    struct header here = header_here(net_first_count(&shape) + net_rest_count(&shape),
                                     optimizer_of(&job->trial->optimizer)->states);
    bool fits = memcmp(&header, &here, offsetof(struct header, position)) == 0 &&
                checkpoint->size == sizeof header + float_count(&header) * sizeof(float) &&
                header.epochs_done == checkpoint->epoch_count &&
                header.epochs_done == header.position.epoch &&
                header.epochs_done < job->trial->epochs;
    return fits ? header.position : (struct position){0};
}

void training_state_load(struct training_state *state, struct net *net,
                         const struct checkpoint *checkpoint) {
    struct header header;
    memcpy(&header, checkpoint->bytes, sizeof header);
    const char *at = (const char *)checkpoint->bytes + sizeof header;
    size_t n = parameter_count(state);
    memcpy(net->first, at, state->first_count * sizeof(float));
    memcpy(net->rest, at + state->first_count * sizeof(float), state->rest_count * sizeof(float));
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
    state->sums = header.sums;
}
