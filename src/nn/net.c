#include "nn/net.h"

#include "nn/matrix.h"
#include "nn/reduce.h"

#include <math.h>

size_t net_parameter_count(const struct net_shape *shape) {
    size_t count = 0;
    for (size_t l = 0; l < shape->layers; l++)
        count += ((size_t)shape->width[l] + 1) * shape->width[l + 1];
    return count;
}

void net_create(struct net *net, const struct net_shape *shape, size_t batch_max,
                struct arena *arena) {
    const struct choice linear = choice_default(&activations, "linear");
    *net = (struct net){.shape = *shape, .parameter_count = net_parameter_count(shape)};
    net->parameters = arena_alloc(arena, net->parameter_count, sizeof(float));
    net->gradient = arena_alloc(arena, net->parameter_count, sizeof(float));
    size_t offset = 0;
    for (size_t l = 0; l < shape->layers; l++) {
        struct net_layer *layer = &net->layer[l];
        layer->inputs = shape->width[l];
        layer->units = shape->width[l + 1];
        layer->activation = activation_of(l + 1 < shape->layers ? &shape->activation : &linear);
        layer->kernel = net->parameters + offset;
        layer->kernel_gradient = net->gradient + offset;
        offset += layer->inputs * layer->units;
        layer->bias = net->parameters + offset;
        layer->bias_gradient = net->gradient + offset;
        offset += layer->units;
        size_t values = layer->units * batch_max;
        if (layer->activation->needs_z)
            layer->z = arena_alloc(arena, values, sizeof(float));
        layer->output = arena_alloc(arena, values, sizeof(float));
        layer->delta = arena_alloc(arena, values, sizeof(float));
    }
}

const float *net_forward(struct net *net, size_t batch) {
    const double *arguments = net->shape.activation.arguments;
    for (size_t l = 0; l < net->shape.layers; l++) {
        struct net_layer *layer = &net->layer[l];
        if (l > 0)
            matrix_multiply_tn(layer->units, batch, layer->inputs, layer->kernel, layer[-1].output,
                               layer->output);
        layer->activation->forward(arguments, layer->units, batch, layer->bias, layer->z,
                                   layer->output);
    }
    return net->layer[net->shape.layers - 1].output;
}

float *net_output_delta(struct net *net) {
    return net->layer[net->shape.layers - 1].delta;
}

void net_backward(struct net *net, size_t batch) {
    const double *arguments = net->shape.activation.arguments;
    for (size_t l = net->shape.layers; l-- > 0;) {
        struct net_layer *layer = &net->layer[l];
        layer->activation->backward(arguments, layer->units, batch, layer->z, layer->output,
                                    layer->delta, layer->bias_gradient);
        if (l == 0)
            break;
        matrix_multiply_nt(layer->inputs, layer->units, batch, layer[-1].output, layer->delta,
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
