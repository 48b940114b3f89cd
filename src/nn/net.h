/* One multilayer perceptron: parameters, their gradients, and what a pass computes on its way.
 *
 * Kernels are [inputs x units], as Keras has them, and activations [units x batch], so that every
 * loop over a batch has unit stride. The first layer's products are the stack's (stack.h). */
#ifndef MLPSWEEP_NN_NET_H
#define MLPSWEEP_NN_NET_H

#include "base/arena.h"
#include "nn/activation.h"
#include "nn/loss.h"

#include <stdbool.h>
#include <stdint.h>

enum { NET_LAYERS_MAX = 33 };

/** What a net looks like. width[0] are the inputs, width[layers] the outputs. */
struct net_shape {
    size_t layers; /* hidden ones and the output */
    uint32_t width[NET_LAYERS_MAX + 1];
    struct choice activation; /* of the hidden layers; the output is linear */
    struct choice loss;
};

/** One layer: its part of the parameters, and its values in the last pass. */
struct net_layer {
    size_t inputs, units;
    const struct activation *activation;
    float *kernel, *bias;                   /* [inputs x units], [units] */
    float *kernel_gradient, *bias_gradient; /* likewise */
    float *z;                               /* [units x batch] before the activation, or NULL */
    float *output;                          /* [units x batch] after it */
    float *delta;                           /* [units x batch] the loss's gradient by output */
};

struct net {
    struct net_shape shape;
    size_t parameter_count;
    float *parameters; /* layer by layer: its kernel, then its biases */
    float *gradient;   /* as parameters */
    struct net_layer layer[NET_LAYERS_MAX];
};

/** Weights and biases of a net of this shape. */
size_t net_parameter_count(const struct net_shape *shape);

/** Lays out a net for minibatches of up to batch_max samples. Parameters are 0.
 *
 * Owns: everything lives in the arena. */
void net_create(struct net *net, const struct net_shape *shape, size_t batch_max,
                struct arena *arena);

/** Everything after the first layer's product: from layer[0].output before its bias to the last
 * layer's values before the softmax, which are the result.
 *
 * Shapes: result [outputs x batch]. Overwrites every output. */
const float *net_forward(struct net *net, size_t batch);

/** The buffer for the loss's gradient by the net's result: [outputs x batch], input of
 * net_backward. */
float *net_output_delta(struct net *net);

/** From the gradient by the result to that of the parameters and to layer[0].delta, the gradient by
 * the first layer's product; the first kernel's own gradient is the stack's product.
 *
 * Needs: net_forward of the same batch before. */
void net_backward(struct net *net, size_t batch);

/** Euclidean norm of all kernels. */
double net_kernel_norm(const struct net *net);

#endif
