/* One multilayer perceptron: a layout over parameters and buffers that it does not own.
 *
 * Kernels are [inputs x units], as Keras has them, and activations [units x batch], so that every
 * loop over a batch has unit stride. The first layer's products are the stack's (stack.h). */
#ifndef MLPSWEEP_NN_NET_H
#define MLPSWEEP_NN_NET_H

#include "base/registry.h"
#include "nn/activation.h"
#include "nn/loss.h"

#include <stdbool.h>
#include <stdint.h>

enum { NET_LAYERS_MAX = 33 };

/** What a net looks like. width[0] are the inputs, width[layers] the outputs. */
struct net_shape {
    size_t layers; /* hidden ones and the output */
    uint32_t width[NET_LAYERS_MAX + 1];
    struct choice activation;
    struct choice loss;
};

struct net {
    struct net_shape shape;
    const struct activation *activation[NET_LAYERS_MAX]; /* the output layer's is linear */
    float *first;                  /* [width[0] x width[1]], the first kernel */
    float *first_gradient;         /* as first */
    float *rest;                   /* biases of layer 1, then kernel and biases of layers 2... */
    float *rest_gradient;          /* as rest */
    float *output[NET_LAYERS_MAX]; /* [width[l + 1] x batch] */
    float *delta[NET_LAYERS_MAX];  /* likewise: the loss's gradient by layer l's output */
};

/** Parameters of the first kernel, and of all that follows it in layer order. */
size_t net_first_count(const struct net_shape *shape);
size_t net_rest_count(const struct net_shape *shape);

/** The bias of layer l (from 0) in `rest`, and the kernel of layer l (from 1). */
size_t net_bias_offset(const struct net_shape *shape, size_t l);
size_t net_kernel_offset(const struct net_shape *shape, size_t l);

/** Marks the hidden units that are not 0 for some sample of the batch that net_forward saw last.
 *
 * Shapes: alive [sum of hidden widths], only ever set. Counts nothing where activations cannot die.
 */
void net_mark_alive(const struct net *net, size_t batch, bool *alive);

/** Sums over a layer's units and samples. */
struct layer_sums {
    double values, squares;
};

/** Adds the activations of all layers that net_forward saw last.
 *
 * Shapes: sums [layers]. */
void net_sum_activations(const struct net *net, size_t batch, struct layer_sums *sums);

/** Everything after the first layer's product: from output[0] before its bias to the last layer's
 * values before the softmax, which are the result.
 *
 * Shapes: result [outputs x batch]. Overwrites every output buffer. */
const float *net_forward(struct net *net, size_t batch);

/** The buffer for the loss's gradient by the net's result: [outputs x batch], input of
 * net_backward. */
float *net_output_delta(struct net *net);

/** From the gradient by the result to that of `rest` and to delta[0], the gradient by the first
 * layer's product; the first kernel's own gradient is the stack's product.
 *
 * Needs: net_forward of the same batch before. */
void net_backward(struct net *net, size_t batch);

#endif
