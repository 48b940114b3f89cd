/* One multilayer perceptron: parameters, their gradients, and what a pass computes on its way.
 *
 * Kernels are [inputs x units], as Keras has them, and activations [units x batch], so that every
 * loop over a batch has unit stride. The first layer's products are the stack's (stack.h). */
#ifndef MLPSWEEP_NN_NET_H
#define MLPSWEEP_NN_NET_H

#include "base/arena.h"
#include "base/team.h"
#include "nn/activation.h"
#include "nn/loss.h"
#include "nn/normalization.h"
#include "nn/product.h"

#include <stdint.h>

/** Layers of one net at most: HIDDEN_LAYERS_MAX and the output. */
enum { NET_LAYERS_MAX = 33 };

/** What a net looks like. width[0] are the inputs, width[layers] the outputs. */
struct net_shape {
    size_t layers; /* hidden ones and the output */
    uint32_t width[NET_LAYERS_MAX + 1];
    struct choice activation;    /* of the hidden layers; the output is linear */
    struct choice normalization; /* of the hidden layers; entry NULL: none */
    double dropout;              /* rate, after the activation of the hidden layers */
    struct choice loss;
};

/** One layer: its part of the parameters, and its values in the last pass. */
struct net_layer {
    size_t inputs, units;
    struct product
        product; /* of the first layer, whose products are the stack's, its pieces only */
    const struct activation *activation;
    float *kernel, *bias;                      /* [inputs x units], [units] */
    float *kernel_gradient, *bias_gradient;    /* likewise */
    const struct normalization *normalization; /* NULL: none */
    struct normalized normalized;              /* what it works on */
    float *z;                                  /* [units x batch] before the activation, or NULL */
    float *output;                             /* [units x batch] after it */
    float *mask, *dropped; /* [units x batch] dropout's factors and what they leave, or NULL */
    const float *passed;   /* what the next layer gets: output, or dropped */
    float *delta;          /* [units x batch] the loss's gradient by output */
    float *turned;         /* the same as product_gradient has it, or NULL */
};

/** A net with its parameters, and what its last pass left. */
struct net {
    struct net_shape shape;
    size_t parameter_count, weight_count;
    float *parameters; /* [weight_count] layer by layer: kernel, scales if normalized, biases; then
                          the running statistics of all layers, which no gradient moves */
    float *gradient;   /* [parameter_count] as parameters */
    struct net_layer layer[NET_LAYERS_MAX];
};

/** What is trained of a net of this shape: kernels, scales, biases. */
size_t net_parameter_count(const struct net_shape *shape);

/** The parameters and the running statistics: what a trained net consists of. */
size_t net_weight_count(const struct net_shape *shape);

/** Lays out a net for minibatches of up to batch_max samples. Kernels and biases are 0, scales
 * and running variances 1.
 *
 * Owns: everything lives in the arena. */
void net_create(struct net *net, const struct net_shape *shape, size_t batch_max,
                struct arena *arena);

/** What a minibatch of training is, for draws that depend on nothing else. */
struct net_training {
    uint64_t seed, epoch;
    const uint32_t *rows; /* [batch] */
};

/** Everything after the first layer's product: from layer[0].output before its bias to the last
 * layer's values before the softmax, which are the result. training is NULL for inference: no
 * dropout, and running statistics in place of the minibatch's. The team shares the work, if it is
 * not NULL; numbers do not depend on it.
 *
 * Shapes: result [outputs x batch]. Overwrites every output. */
const float *net_forward(struct net *net, size_t batch, const struct net_training *training,
                         struct team *team);

/** The buffer for the loss's gradient by the net's result: [outputs x batch], input of
 * net_backward. */
float *net_output_delta(struct net *net);

/** From the gradient by the result to those of biases and scales, and to the deltas: the gradients
 * by each layer's product. The team shares the work, if it is not NULL.
 *
 * Needs: net_forward of the same batch in training before. */
void net_backward(struct net *net, size_t batch, struct team *team);

/** Some rows of the gradient of layer l's kernel, after net_backward: a piece of product_piece, or
 * some rows of one if the kernel is large. Needs: l > 0, since that of the first kernel is the
 * stack's product. */
void net_kernel_gradient(struct net *net, size_t l, size_t batch, struct product_rows inputs);

/** All of them. */
void net_kernel_gradients(struct net *net, size_t batch);

/** Euclidean norm of all kernels. */
double net_kernel_norm(const struct net *net);

#endif
