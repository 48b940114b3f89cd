/* Nets side by side: one product serves all their first layers forward, one all their gradients.
 *
 * The units of all nets stand in one row and are cut into panels (panel.h), a net's units in as
 * many lanes. A lane never depends on its neighbours, so what a net computes has the same bits
 * alone and in any company. Everything after the first layer is done net by net. */
#ifndef MLPSWEEP_NN_STACK_H
#define MLPSWEEP_NN_STACK_H

#include "base/arena.h"
#include "base/csr.h"
#include "nn/net.h"
#include "nn/panel.h"

struct stack_piece;
struct stack_scratch;

/** Nets that share the products of their first layers. */
struct stack {
    size_t count;
    struct net **nets; /* [count] */
    size_t inputs, batch_max;
    const struct panel_kernel *kernel;
    struct stack_piece *pieces; /* which units of which net stand in which lanes */
    size_t piece_count;
    size_t *cut;                   /* where a minibatch's lists are cut into blocks */
    struct stack_scratch *scratch; /* [members] what a member of a team works on */
};

/** The inputs of one minibatch: dense, or in compressed sparse rows. */
struct minibatch {
    size_t count;
    const float *dense;     /* [count x inputs], or NULL: */
    const struct csr *rows; /* [count x inputs] */
    struct csr *columns;    /* room for rows transposed */
    bool is_transposed;     /* by stack_transpose */
};

/** Bytes that hold any stack_core and its NUL. */
enum { STACK_CORE_MAX = 32 };

/** What a net's bits depend on beside the version of BLAS: the core of BLAS, with `unfused` where
 * this processor has no fused multiply-add ("Haswell", "Nehalem unfused"). */
const char *stack_core(char out[STACK_CORE_MAX]);

/** Puts nets side by side, for minibatches of up to batch_max samples and teams of up to so many
 * members. The kernel is one that this processor has, NULL: the best for these nets. Those that
 * round alike give the same bits.
 *
 * Owns:  the stack's buffers live in the arena; the nets are the caller's.
 * Needs: count > 0, equal inputs, and nets created for batch_max. */
void stack_create(struct stack *stack, struct net *const *nets, size_t count, size_t batch_max,
                  size_t members, const struct panel_kernel *kernel, struct arena *arena);

/** The first layers' products: all nets' layer[0].output, before bias and activation. The team
 * shares the work, if it is not NULL. */
void stack_forward(struct stack *stack, const struct minibatch *x, struct team *team);

/** What stack_backward would do first, if it is of use: lists of the inputs, transposed. Needs:
 * dense inputs, or room for the lists. */
void stack_transpose(const struct stack *stack, struct minibatch *x);

/** The first kernels' gradients, from all nets' layer[0].delta. The team shares the work, if it is
 * not NULL. */
void stack_backward(struct stack *stack, const struct minibatch *x, struct team *team);

/** stack_backward in this thread, and finish(context, s) for each net s as soon as its gradient is
 * there: it is in the cache then. Nets come in rising order. */
void stack_backward_each(struct stack *stack, const struct minibatch *x,
                         void (*finish)(void *context, size_t s), void *context);

/** Goes on with these nets, in this order.
 *
 * Needs: count is at most that of stack_create, and the nets are among those that it was given. */
void stack_arrange(struct stack *stack, struct net *const *nets, size_t count);

#endif
