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
#include "nn/optimizer.h"
#include "nn/panel.h"

struct panels_job;
struct stack_panel;
struct stack_piece;
struct stack_scratch;

/** Nets that share the products of their first layers. */
struct stack {
    size_t count;
    struct net **nets; /* [count] */
    size_t inputs;
    const struct panel_kernel *kernel;
    float **kernels, **gradients; /* [count] of the nets' first layers */
    struct stack_panel *panels;   /* [panel_count] and their pieces: */
    size_t panel_count;
    struct stack_piece *pieces; /* which units of which net stand in which lanes */
    bool is_in_panels;          /* what is laid out counts, and not what the nets have of it: */
    float *laid_out;            /* [1 + states][inputs x lanes] kernels, then optimizer states */
    size_t laid_out_stride, states;
    size_t *cut;                   /* where a minibatch's lists are cut into blocks */
    struct stack_scratch *scratch; /* [members] what a member of a team works on */
    struct panels_job *job;        /* the product at hand */
};

/** The inputs of one minibatch: dense, or in compressed sparse rows. */
struct minibatch {
    size_t count;
    const float *dense;     /* [count x inputs], */
    float *turned;          /* and room for it transposed; or NULL: */
    const struct csr *rows; /* [count x inputs] */
    struct csr *columns;    /* room for rows transposed */
    bool is_transposed;     /* all samples, by stack_transpose */
};

/** Samples of a transposed minibatch in one line of the cache: no two threads write to one. */
enum { MINIBATCH_LINE = 16 };

/** Floats from one input of a transposed minibatch to the next. */
static inline size_t minibatch_stride(size_t count) {
    return quotient_up(count, MINIBATCH_LINE) * MINIBATCH_LINE;
}

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

/** Whether stack_backward takes the inputs transposed. It transposes them itself where x does not
 * say that they are. */
bool stack_wants_transposed(const struct stack *stack, const struct minibatch *x);

/** Transposes dense samples `from` to `to`, or all lists. Needs: room for them in x. */
void stack_transpose(const struct stack *stack, const struct minibatch *x, size_t from, size_t to);

/** A step of an optimizer that all nets do alike. */
struct stack_step {
    const struct optimizer *optimizer;
    const float *coefficients; /* [OPTIMIZER_COEFFICIENTS] */
    bool keeps_gradient;       /* the nets get the first kernels' gradients too */
};

/** The first kernels' gradients, from all nets' layer[0].delta, as a job for a team of so many.
 * With a step the optimizer moves the kernels in the panels, each part of a gradient while it is in
 * the cache: that needs stack_load_panels. NULL: gradients go to the nets.
 *
 * Owns: the job counts until the next product of the stack; x and step are the caller's. */
struct team_job stack_backward(struct stack *stack, const struct minibatch *x,
                               const struct stack_step *step, size_t members);

/** stack_backward without a step in this thread, and finish(context, s) for each net s as soon as
 * its gradient is there: it is in the cache then. Nets come in rising order. */
void stack_backward_each(struct stack *stack, const struct minibatch *x,
                         void (*finish)(void *context, size_t s), void *context);

/** Makes room for stack_load_panels, with up to so many floats of an optimizer's state for each
 * weight. */
void stack_reserve_panels(struct stack *stack, size_t states, struct arena *arena);

/** Lays out all first kernels and their optimizer states as the panels have them. From now on
 * stack_forward multiplies these, and the steps of stack_backward move them: neither copies kernels
 * and gradients. What the nets have of both is of before, until stack_write_back.
 *
 * Shapes: states [stack->count], each [count x parameters of the net], the first kernel's first.
 * Needs:  stack_reserve_panels with at least this count. */
void stack_load_panels(struct stack *stack, size_t count, float *const *states);

/** Copies what is laid out to the nets and states. It goes on to count. */
void stack_write_back(const struct stack *stack, float *const *states);

/** From now on the nets' own kernels count again. */
void stack_leave_panels(struct stack *stack);

/** Goes on with these nets, in this order; what was laid out counts no more.
 *
 * Needs: count is at most that of stack_create, and the nets are among those that it was given. */
void stack_arrange(struct stack *stack, struct net *const *nets, size_t count);

#endif
