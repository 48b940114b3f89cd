#include "nn/net.h"

#include "base/rng.h"
#include "nn/noise.h"
#include "nn/reduce.h"

#include <math.h>

static const struct normalization *normalization_at(const struct net_shape *shape, size_t l) {
    if (l + 1 == shape->layers || !shape->normalization.entry)
        return NULL;
    const struct normalization *it = normalization_of(&shape->normalization);
    return it->forward ? it : NULL;
}

size_t net_parameter_count(const struct net_shape *shape) {
    size_t count = 0;
    for (size_t l = 0; l < shape->layers; l++) {
        size_t of_a_unit = (size_t)shape->width[l] + 1 + (normalization_at(shape, l) ? 1 : 0);
        count += of_a_unit * shape->width[l + 1];
    }
    return count;
}

size_t net_weight_count(const struct net_shape *shape) {
    size_t count = net_parameter_count(shape);
    for (size_t l = 0; l < shape->layers; l++) {
        const struct normalization *it = normalization_at(shape, l);
        count += it && it->has_statistics ? 2 * (size_t)shape->width[l + 1] : 0;
    }
    return count;
}

static void fill(float *x, size_t n, float value) {
    for (size_t i = 0; i < n; i++)
        x[i] = value;
}

/* The layer's part of the parameters begins at *offset. */
static void lay_out(struct net *net, size_t l, size_t *offset, size_t *statistics) {
    struct net_layer *layer = &net->layer[l];
    struct normalized *normalized = &layer->normalized;
    layer->kernel = net->parameters + *offset;
    layer->kernel_gradient = net->gradient + *offset;
    *offset += layer->inputs * layer->units;
    if (layer->normalization) {
        normalized->scale = net->parameters + *offset;
        normalized->scale_gradient = net->gradient + *offset;
        fill(net->parameters + *offset, layer->units, 1.0F);
        *offset += layer->units;
    }
    layer->bias = net->parameters + *offset;
    layer->bias_gradient = net->gradient + *offset;
    *offset += layer->units;
    if (layer->normalization && layer->normalization->has_statistics) {
        normalized->statistics = net->parameters + *statistics;
        fill(normalized->statistics + layer->units, layer->units, 1.0F);
        *statistics += 2 * layer->units;
    }
}

static void create_buffers(struct net_layer *layer, bool drops, size_t batch_max,
                           struct arena *arena) {
    size_t values = layer->units * batch_max, inverses = 3 * batch_max;
    if (layer->activation->needs_z)
        layer->z = arena_alloc(arena, values, sizeof(float));
    if (layer->normalization) {
        layer->normalized.units = layer->units;
        layer->normalized.unit = arena_alloc(arena, values, sizeof(float));
        layer->normalized.inverse =
            arena_alloc(arena, inverses > layer->units ? inverses : layer->units, sizeof(float));
    }
    if (drops) {
        layer->mask = arena_alloc(arena, values, sizeof(float));
        layer->dropped = arena_alloc(arena, values, sizeof(float));
    }
    layer->output = arena_alloc(arena, values, sizeof(float));
    layer->delta = arena_alloc(arena, values, sizeof(float));
}

void net_create(struct net *net, const struct net_shape *shape, size_t batch_max,
                struct arena *arena) {
    const struct choice linear = choice_default(&activations, "linear");
    *net = (struct net){.shape = *shape,
                        .parameter_count = net_parameter_count(shape),
                        .weight_count = net_weight_count(shape)};
    net->parameters = arena_alloc(arena, net->weight_count, sizeof(float));
    net->gradient = arena_alloc(arena, net->parameter_count, sizeof(float));
    size_t offset = 0, statistics = net->parameter_count;
    for (size_t l = 0; l < shape->layers; l++) {
        struct net_layer *layer = &net->layer[l];
        bool hidden = l + 1 < shape->layers;
        layer->inputs = shape->width[l];
        layer->units = shape->width[l + 1];
        layer->product = product_create(layer->inputs, layer->units);
        layer->activation = activation_of(hidden ? &shape->activation : &linear);
        layer->normalization = normalization_at(shape, l);
        lay_out(net, l, &offset, &statistics);
        create_buffers(layer, hidden && shape->dropout > 0, batch_max, arena);
        size_t turned = l > 0 ? product_turned_size(&layer->product, batch_max) : 0;
        layer->turned = turned ? arena_alloc(arena, turned, sizeof(float)) : NULL;
    }
}

/* Some units of a layer, as a layer of so many units. What is normalized keeps the layer's arrays,
 * and knows which units are meant. */
static struct net_layer units_of(const struct net_layer *layer, struct product_rows units,
                                 size_t batch) {
    struct net_layer some = *layer;
    size_t at = units.from * batch;
    some.units = units.to - units.from;
    some.bias += units.from;
    some.bias_gradient += units.from;
    some.normalized.batch = batch;
    some.normalized.from = units.from;
    some.normalized.to = units.to;
    some.z = layer->z ? layer->z + at : NULL;
    some.mask = layer->mask ? layer->mask + at : NULL;
    some.dropped = layer->dropped ? layer->dropped + at : NULL;
    some.output += at;
    some.delta += at;
    return some;
}

static struct product_rows all_units(const struct net_layer *layer) {
    return (struct product_rows){0, layer->units};
}

/* Whether what stands between two products can be done unit by unit. */
static bool is_by_unit(const struct net_layer *layer) {
    return !layer->normalization || layer->normalization->is_by_unit;
}

/* From the layer's product to what the next layer gets, for some units. */
static void finish_layer(struct net *net, size_t l, struct product_rows units, size_t batch,
                         const struct net_training *training) {
    struct net_layer some = units_of(&net->layer[l], units, batch), *layer = &some;
    if (layer->normalization)
        layer->normalization->forward(&layer->normalized, training != NULL, net->layer[l].output);
    layer->activation->forward(net->shape.activation.arguments, layer->units, batch, layer->bias,
                               layer->z, layer->output);
    if (!layer->mask || !training)
        return;
    struct noise_key key = noise_key(training->seed, RNG_DROPOUT, training->epoch, (uint32_t)l);
    key = noise_key_from(key, (uint32_t)units.from);
    noise_mask(key, net->shape.dropout, layer->units, batch, training->rows, layer->mask);
    noise_apply(layer->units * batch, layer->mask, layer->output, layer->dropped);
}

/* From the gradient by what the next layer got to that by the layer's product, for some units. */
static void start_layer(struct net *net, size_t l, struct product_rows units, size_t batch) {
    struct net_layer some = units_of(&net->layer[l], units, batch), *layer = &some;
    if (layer->mask)
        noise_apply(layer->units * batch, layer->mask, layer->delta, layer->delta);
    layer->activation->backward(net->shape.activation.arguments, layer->units, batch, layer->z,
                                layer->output, layer->delta, layer->bias_gradient);
    if (layer->normalization)
        layer->normalization->backward(&layer->normalized, net->layer[l].delta);
    if (layer->turned)
        product_turn(&layer->product, units, batch, net->layer[l].delta, layer->turned);
}

/* One layer of a pass, as a job of a team, in pieces of some rows of its product. */
struct layer_job {
    struct net *net;
    size_t l, batch, pieces;
    const struct net_training *training;
};

static void forward_piece(void *context, size_t piece, size_t member) {
    (void)member;
    const struct layer_job *job = context;
    const struct net_layer *layer = &job->net->layer[job->l];
    struct product_rows units = product_piece(&layer->product, layer->units, job->pieces, piece);
    if (job->l > 0)
        product_forward(&layer->product, units, (struct product_rows){0, job->batch}, job->batch,
                        layer->kernel, layer[-1].passed, layer->output);
    if (is_by_unit(layer))
        finish_layer(job->net, job->l, units, job->batch, job->training);
}

/* All units of some samples: of a layer that has too few units for a team. */
static void forward_samples(void *context, size_t piece, size_t member) {
    (void)member;
    const struct layer_job *job = context;
    const struct net_layer *layer = &job->net->layer[job->l];
    struct product_rows samples = product_piece(&layer->product, job->batch, job->pieces, piece);
    product_forward(&layer->product, all_units(layer), samples, job->batch, layer->kernel,
                    layer[-1].passed, layer->output);
}

/* Pieces of samples that a layer forward is cut into; 1: it is cut into units, if at all. */
static size_t sample_pieces(const struct net_layer *layer, size_t batch, size_t members) {
    enum { FEW = 64 }; /* samples, which are not worth the wait for each other */
    size_t pieces = batch / FEW < members ? batch / FEW : members;
    bool has_units = product_pieces(&layer->product, layer->units, members) >= members;
    return has_units || pieces < 2 ? 1 : product_pieces(&layer->product, batch, pieces);
}

const float *net_forward(struct net *net, size_t batch, const struct net_training *training,
                         struct team *team) {
    for (size_t l = 0; l < net->shape.layers; l++) {
        struct net_layer *layer = &net->layer[l];
        size_t members = team_members(team),
               of_samples = l > 0 ? sample_pieces(layer, batch, members) : 1;
        size_t of_units = product_pieces(&layer->product, layer->units, members);
        struct layer_job job = {net, l, batch, of_samples > 1 ? of_samples : of_units, training};
        layer->passed = layer->mask && training ? layer->dropped : layer->output;
        team_run(team, job.pieces, of_samples > 1 ? forward_samples : forward_piece, &job);
        if (of_samples > 1 || !is_by_unit(layer))
            finish_layer(net, l, all_units(layer), batch, training);
    }
    return net->layer[net->shape.layers - 1].output;
}

float *net_output_delta(struct net *net) {
    return net->layer[net->shape.layers - 1].delta;
}

/* The gradient by what the layer got, for some of it. */
static void backward_piece(void *context, size_t piece, size_t member) {
    (void)member;
    const struct layer_job *job = context;
    const struct net_layer *layer = &job->net->layer[job->l];
    struct product_rows inputs = product_piece(&layer->product, layer->inputs, job->pieces, piece);
    product_backward(&layer->product, inputs, job->batch, layer->kernel, layer->delta,
                     layer[-1].delta);
    if (is_by_unit(&layer[-1]))
        start_layer(job->net, job->l - 1, inputs, job->batch);
}

void net_backward(struct net *net, size_t batch, struct team *team) {
    size_t last = net->shape.layers - 1;
    start_layer(net, last, all_units(&net->layer[last]), batch);
    for (size_t l = last; l > 0; l--) {
        const struct net_layer *layer = &net->layer[l];
        size_t pieces = product_pieces(&layer->product, layer->inputs, team_members(team));
        struct layer_job job = {net, l, batch, pieces, NULL};
        team_run(team, pieces, backward_piece, &job);
        if (!is_by_unit(&layer[-1]))
            start_layer(net, l - 1, all_units(&layer[-1]), batch);
    }
}

void net_kernel_gradient(struct net *net, size_t l, size_t batch, struct product_rows inputs) {
    const struct net_layer *layer = &net->layer[l];
    product_gradient(&layer->product, inputs, batch, layer[-1].passed, layer->delta, layer->turned,
                     layer->kernel_gradient);
}

void net_kernel_gradients(struct net *net, size_t batch) {
    for (size_t l = 1; l < net->shape.layers; l++)
        net_kernel_gradient(net, l, batch, (struct product_rows){0, net->layer[l].inputs});
}

double net_kernel_norm(const struct net *net) {
    double squares = 0;
    for (size_t l = 0; l < net->shape.layers; l++)
        squares += reduce_squares(net->layer[l].kernel, net->layer[l].inputs * net->layer[l].units);
    return sqrt(squares);
}
