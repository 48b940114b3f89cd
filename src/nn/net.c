#include "nn/net.h"

#include "nn/matrix.h"
#include "nn/reduce.h"

size_t net_first_count(const struct net_shape *shape) {
    return (size_t)shape->width[0] * shape->width[1];
}

size_t net_bias_offset(const struct net_shape *shape, size_t l) {
    size_t offset = 0;
    for (size_t i = 1; i <= l; i++)
        offset += shape->width[i] + (size_t)shape->width[i] * shape->width[i + 1];
    return offset;
}

size_t net_kernel_offset(const struct net_shape *shape, size_t l) {
    return net_bias_offset(shape, l - 1) + shape->width[l];
}

size_t net_rest_count(const struct net_shape *shape) {
    return net_bias_offset(shape, shape->layers - 1) + shape->width[shape->layers];
}

void net_mark_alive(const struct net *net, size_t batch, bool *alive) {
    for (size_t l = 0; l + 1 < net->shape.layers; l++) {
        size_t units = net->shape.width[l + 1];
        for (size_t u = 0; u < units && net->activation[l]->has_dead_units; u++)
            alive[u] |= reduce_any_positive(net->output[l] + u * batch, batch);
        alive += units;
    }
}

void net_sum_activations(const struct net *net, size_t batch, struct layer_sums *sums) {
    for (size_t l = 0; l < net->shape.layers; l++) {
        size_t units = net->shape.width[l + 1];
        for (size_t u = 0; u < units; u++)
            sums[l].values += (double)reduce_sum(net->output[l] + u * batch, batch);
        sums[l].squares += reduce_squares(net->output[l], units * batch);
    }
}

const float *net_forward(struct net *net, size_t batch) {
    const struct net_shape *shape = &net->shape;
    for (size_t l = 0; l < shape->layers; l++) {
        if (l > 0)
            matrix_multiply_tn(shape->width[l + 1], batch, shape->width[l],
                               net->rest + net_kernel_offset(shape, l), net->output[l - 1],
                               net->output[l]);
        net->activation[l]->forward(shape->activation.arguments, shape->width[l + 1], batch,
                                    net->rest + net_bias_offset(shape, l), net->output[l]);
    }
    return net->output[shape->layers - 1];
}

float *net_output_delta(struct net *net) {
    return net->delta[net->shape.layers - 1];
}

void net_backward(struct net *net, size_t batch) {
    const struct net_shape *shape = &net->shape;
    for (size_t l = shape->layers; l-- > 0;) {
        net->activation[l]->backward(shape->activation.arguments, shape->width[l + 1], batch,
                                     net->output[l], net->delta[l],
                                     net->rest_gradient + net_bias_offset(shape, l));
        if (l == 0)
            break;
        size_t kernel = net_kernel_offset(shape, l);
        matrix_multiply_nt(shape->width[l], shape->width[l + 1], batch, net->output[l - 1],
                           net->delta[l], net->rest_gradient + kernel);
        matrix_multiply_nn(shape->width[l], batch, shape->width[l + 1], net->rest + kernel,
                           net->delta[l], net->delta[l - 1]);
    }
}
