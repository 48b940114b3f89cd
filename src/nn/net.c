#include "nn/net.h"

#include "base/rng.h"
#include "nn/matrix.h"
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
        layer->activation = activation_of(hidden ? &shape->activation : &linear);
        layer->normalization = normalization_at(shape, l);
        lay_out(net, l, &offset, &statistics);
        create_buffers(layer, hidden && shape->dropout > 0, batch_max, arena);
    }
}

/* From the layer's product to what the next layer gets. */
static void finish_layer(struct net *net, size_t l, size_t batch,
                         const struct net_training *training) {
    struct net_layer *layer = &net->layer[l];
    if (layer->normalization) {
        layer->normalized.batch = batch;
        layer->normalization->forward(&layer->normalized, training != NULL, layer->output);
    }
    layer->activation->forward(net->shape.activation.arguments, layer->units, batch, layer->bias,
                               layer->z, layer->output);
    layer->passed = layer->output;
    if (!layer->mask || !training)
        return;
    struct noise_key key = noise_key(training->seed, RNG_DROPOUT, training->epoch, (uint32_t)l);
    noise_mask(key, net->shape.dropout, layer->units, batch, training->rows, layer->mask);
    noise_apply(layer->units * batch, layer->mask, layer->output, layer->dropped);
    layer->passed = layer->dropped;
}

const float *net_forward(struct net *net, size_t batch, const struct net_training *training) {
    for (size_t l = 0; l < net->shape.layers; l++) {
        struct net_layer *layer = &net->layer[l];
        if (l > 0)
            matrix_multiply_tn(layer->units, batch, layer->inputs, layer->kernel, layer[-1].passed,
                               layer->output);
        finish_layer(net, l, batch, training);
    }
    return net->layer[net->shape.layers - 1].output;
}

float *net_output_delta(struct net *net) {
    return net->layer[net->shape.layers - 1].delta;
}

/* From the gradient by what the next layer got to that by the layer's product. */
static void start_layer(struct net *net, size_t l, size_t batch) {
    struct net_layer *layer = &net->layer[l];
    if (layer->mask)
        noise_apply(layer->units * batch, layer->mask, layer->delta, layer->delta);
    layer->activation->backward(net->shape.activation.arguments, layer->units, batch, layer->z,
                                layer->output, layer->delta, layer->bias_gradient);
    if (layer->normalization)
        layer->normalization->backward(&layer->normalized, layer->delta);
}

void net_backward(struct net *net, size_t batch) {
    for (size_t l = net->shape.layers; l-- > 0;) {
        struct net_layer *layer = &net->layer[l];
        start_layer(net, l, batch);
        if (l == 0)
            break;
        matrix_multiply_nt(layer->inputs, layer->units, batch, layer[-1].passed, layer->delta,
                           layer->kernel_gradient);
        matrix_multiply_nn(layer->inputs, batch, layer->units, layer->kernel, layer->delta,
                           layer[-1].delta);
    }
}

double net_kernel_norm(const struct net *net) {
    double squares = 0;
    for (size_t l = 0; l < net->shape.layers; l++)
        squares += reduce_squares(net->layer[l].kernel, net->layer[l].inputs * net->layer[l].units);
    return sqrt(squares);
}
