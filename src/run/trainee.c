#include "run/trainee.h"

#include "nn/initializer.h"
#include "nn/lanes.h"
#include "nn/matrix.h"
#include "nn/stack.h"
#include "trial/fingerprint.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct net_shape trainee_shape(const struct job *job) {
    const struct topology *topology = &job->trial->topology;
    struct net_shape shape = {.layers = topology->depth + 1,
                              .activation = job->trial->activation,
                              .loss = job->trial->loss};
    shape.width[0] = (uint32_t)job->dataset->inputs;
    memcpy(shape.width + 1, topology->width, topology->depth * sizeof *topology->width);
    shape.width[shape.layers] = (uint32_t)dataset_outputs(job->dataset);
    return shape;
}

static size_t parameter_count(const struct trainee *trainee) {
    return trainee->first_count + trainee->rest_count;
}

size_t trainee_hidden_units(const struct trainee *trainee) {
    size_t units = 0;
    for (size_t l = 1; l < trainee->shape.layers; l++)
        units += trainee->shape.width[l];
    return units;
}

void trainee_create(struct trainee *trainee, size_t index, const struct job *job,
                    size_t cohort_size, struct arena *arena) {
    *trainee = (struct trainee){.job = index,
                                .trial = job->trial,
                                .optimizer = optimizer_of(&job->trial->optimizer),
                                .shape = trainee_shape(job),
                                .cohort_size = cohort_size};
    trainee->first_count = net_first_count(&trainee->shape);
    trainee->rest_count = net_rest_count(&trainee->shape);
    size_t n = parameter_count(trainee);
    trainee->state = arena_alloc(arena, n * trainee->optimizer->states, sizeof(float));
    trainee->best = arena_alloc(arena, n, sizeof(float));
    trainee->records = arena_alloc(arena, job->trial->epochs, sizeof *trainee->records);
    trainee->alive = arena_alloc(arena, trainee_hidden_units(trainee), sizeof *trainee->alive);
    trainee->layers = arena_alloc(arena, trainee->shape.layers, sizeof *trainee->layers);
}

void trainee_begin(struct trainee *trainee, struct net *net, struct arena *scratch) {
    const struct initializer *initializer = initializer_of(&trainee->trial->initializer);
    const struct net_shape *shape = &trainee->shape;
    memset(net->rest, 0, trainee->rest_count * sizeof(float));
    for (size_t l = 0; l < shape->layers; l++) {
        struct kernel_shape kernel = {trainee->trial->init_seed, (uint32_t)l, shape->width[l],
                                      shape->width[l + 1]};
        initializer->draw(trainee->trial->initializer.arguments, &kernel, scratch,
                          l ? net->rest + net_kernel_offset(shape, l) : net->first);
    }
}

void trainee_step(struct trainee *trainee, struct net *net) {
    const struct trial *trial = trainee->trial;
    struct optimizer_step step = {trial->optimizer.arguments, trial->learning_rate,
                                  ++trainee->updates};
    size_t stride = parameter_count(trainee);
    trainee->optimizer->update(&step, trainee->first_count, net->first, net->first_gradient,
                               trainee->state, stride);
    trainee->optimizer->update(&step, trainee->rest_count, net->rest, net->rest_gradient,
                               trainee->state + trainee->first_count, stride);
}

void trainee_end_epoch(struct trainee *trainee, const struct net *net, struct epoch_record record) {
    trainee->records[trainee->epochs_done++] = record;
    trainee->diverged =
        !isfinite(record.train_loss) || (trainee->validates && !isfinite(record.val_loss));
    bool better = !trainee->best_epoch || record.val_loss < trainee->best_value;
    if (isfinite(record.val_loss) && better) {
        trainee->best_epoch = record.epoch;
        trainee->best_value = record.val_loss;
        trainee_weights(trainee, net, trainee->best);
    }
    trainee->sums = (struct loss_sums){0};
    trainee->seen = 0;
    trainee->seconds = 0;
}

bool trainee_is_finished(const struct trainee *trainee) {
    return trainee->diverged || trainee->epochs_done == trainee->trial->epochs;
}

void trainee_weights(const struct trainee *trainee, const struct net *net, float *out) {
    memcpy(out, net->first, trainee->first_count * sizeof(float));
    memcpy(out + trainee->first_count, net->rest, trainee->rest_count * sizeof(float));
}

double trainee_kernel_norm(const struct trainee *trainee, const struct net *net) {
    const struct net_shape *shape = &trainee->shape;
    double squares = lanes_squares(net->first, trainee->first_count);
    for (size_t l = 1; l < shape->layers; l++)
        squares += lanes_squares(net->rest + net_kernel_offset(shape, l),
                                 (size_t)shape->width[l] * shape->width[l + 1]);
    return sqrt(squares);
}

static double dead_fraction(const bool *alive, size_t units) {
    size_t dead = 0;
    for (size_t u = 0; u < units; u++)
        dead += !alive[u];
    return (double)dead / (double)units;
}

double trainee_dead_units(const struct trainee *trainee, const struct net *net) {
    size_t units = trainee_hidden_units(trainee);
    if (!units || !net->activation[0]->has_dead_units)
        return (double)NAN;
    return dead_fraction(trainee->alive, units);
}

void trainee_layers(const struct trainee *trainee, const struct net *net, uint64_t epoch,
                    size_t probe_rows, struct layer_record *records) {
    const struct net_shape *shape = &trainee->shape;
    const bool *alive = trainee->alive;
    for (size_t l = 0; l < shape->layers; l++) {
        size_t units = shape->width[l + 1], weights = units * shape->width[l];
        bool hidden = l + 1 < shape->layers;
        double n = (double)probe_rows * (double)units;
        double mean = trainee->layers[l].values / n;
        double variance = trainee->layers[l].squares / n - mean * mean;
        const float *gradient =
            l ? net->rest_gradient + net_kernel_offset(shape, l) : net->first_gradient;
        records[l] = (struct layer_record){
            .epoch = epoch,
            .layer = l + 1,
            .activation_sd = sqrt(variance > 0 ? variance : 0),
            .gradient_norm = sqrt(lanes_squares(gradient, weights)),
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

void trainee_save(const struct trainee *trainee, const struct net *net, struct position position,
                  struct arena *arena, const void **bytes, size_t *size) {
    size_t n = parameter_count(trainee);
    struct header header = header_here(n, trainee->optimizer->states);
    header.position = position;
    header.updates = trainee->updates;
    header.seen = trainee->seen;
    header.epochs_done = trainee->epochs_done;
    header.best_epoch = trainee->best_epoch;
    header.best_value = trainee->best_value;
    header.seconds = trainee->seconds;
    header.sums = trainee->sums;
    *size = sizeof header + float_count(&header) * sizeof(float);
    char *out = arena_alloc(arena, *size, 1);
    *bytes = out;
    memcpy(out, &header, sizeof header);
    float *values = (float *)(void *)(out + sizeof header);
    trainee_weights(trainee, net, values);
    memcpy(values + n, trainee->state, n * header.states * sizeof(float));
    if (header.best_epoch)
        memcpy(values + n * (1 + header.states), trainee->best, n * sizeof(float));
}

struct position trainee_position(const struct job *job, const struct checkpoint *checkpoint) {
    struct header header;
    struct net_shape shape = trainee_shape(job);
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

void trainee_load(struct trainee *trainee, struct net *net, const struct checkpoint *checkpoint) {
    struct header header;
    memcpy(&header, checkpoint->bytes, sizeof header);
    const char *at = (const char *)checkpoint->bytes + sizeof header;
    size_t n = parameter_count(trainee);
    memcpy(net->first, at, trainee->first_count * sizeof(float));
    memcpy(net->rest, at + trainee->first_count * sizeof(float),
           trainee->rest_count * sizeof(float));
    memcpy(trainee->state, at + n * sizeof(float), n * header.states * sizeof(float));
    if (header.best_epoch)
        memcpy(trainee->best, at + n * (1 + header.states) * sizeof(float), n * sizeof(float));
    if (checkpoint->epoch_count) /* else there may be no array to copy from */
        memcpy(trainee->records, checkpoint->epochs,
               checkpoint->epoch_count * sizeof *trainee->records);
    trainee->updates = header.updates;
    trainee->seen = header.seen;
    trainee->epochs_done = header.epochs_done;
    trainee->best_epoch = header.best_epoch;
    trainee->best_value = header.best_value;
    trainee->seconds = header.seconds;
    trainee->sums = header.sums;
}
