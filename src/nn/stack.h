/* Nets side by side: one matrix holds all their first layers as row blocks, so that one product
 * serves them all, forward and for the gradients.
 *
 * Invariant: what a net computes has the same bits whatever nets stand beside it. A product is
 * padded by a rule that looks at the net alone (matrix.h); stack_check proves it on the products at
 * hand, and where it fails a product runs net by net in the very shape it has when the net is
 * alone. */
#ifndef MLPSWEEP_NN_STACK_H
#define MLPSWEEP_NN_STACK_H

#include "base/arena.h"
#include "nn/matrix.h"
#include "nn/net.h"

/** Whether first layers share a product. */
enum fuse { FUSE_AUTO, FUSE_OFF, FUSE_ALWAYS };

struct stack {
    size_t count;
    struct net *nets;  /* [count] */
    size_t *first_row; /* [count] where a net's rows begin */
    size_t rows;       /* all blocks; zero rows follow up to the capacity */
    size_t inputs, batch_max, capacity;
    struct matrix_padding padding;
    enum fuse fuse;
    bool *forward_fails;  /* [batch_max + 1] sharing changes bits at this batch size */
    bool *backward_fails; /* likewise */
    float *weights;       /* [capacity x inputs] */
    float *gradient;      /* [capacity x inputs] */
    float *output;        /* [capacity x batch] */
    float *delta;         /* [capacity x batch] */
};

/** Lays out the nets of these shapes for minibatches of up to batch_max samples. Parameters are
 * zero.
 *
 * Owns:  everything lives in the arena.
 * Needs: count > 0, and equal inputs. */
void stack_create(struct stack *stack, const struct net_shape *shapes, size_t count,
                  size_t batch_max, enum fuse fuse, struct arena *arena);

/** Proves that sharing products of this batch size keeps the bits of each net's forward product,
 * and of its gradient where `gradient` is set; a product that does not is not shared from then on,
 * but with FUSE_ALWAYS.
 * Overwrites outputs, deltas and gradients; weights stay.
 *
 * Returns whether all that may be shared keeps the bits. */
bool stack_check(struct stack *stack, size_t batch, bool gradient, struct arena *scratch);

/** The first layers' products: all nets' output[0], before bias and activation.
 *
 * Shapes: x [batch x inputs]. */
void stack_forward(struct stack *stack, size_t batch, const float *x);

/** The first kernels' gradients, from all nets' delta[0]. */
void stack_backward(struct stack *stack, size_t batch, const float *x);

/** The gradient of net s's first kernel: [width[1] x inputs]. */
const float *stack_gradient(const struct stack *stack, size_t s);

/** Takes out the nets whose keep[s] is false; the others close ranks, in order, weights and all. */
void stack_keep(struct stack *stack, const bool *keep);

#endif
