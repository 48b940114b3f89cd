/* Which units of which net stand in which lanes of a stack's panels, and copies between the two.
 * Part of the stack: nothing else includes it. */
#ifndef MLPSWEEP_NN_STACK_LAYOUT_H
#define MLPSWEEP_NN_STACK_LAYOUT_H

#include "nn/stack.h"

/** Units `unit` to `unit + count` of a net, in one panel from lane `lane` on. */
struct stack_piece {
    size_t net, unit, count, lane;
};

/** Pieces `from` to `to`. The panel's first lane is number `first` of all panels' lanes; only in
 * the last panel there may be lanes behind the last unit. */
struct stack_panel {
    size_t from, to, first, vectors, lanes;
};

/** Units of the first layer of net number s. */
static inline size_t stack_units(const struct stack *stack, size_t s) {
    return stack->nets[s]->layer[0].units;
}

/** Cuts the row of all units into as few panels as it takes, all of about the same width. */
void stack_cut(struct stack *stack);

/** Rows `from` to `to` of arrays that have the shapes of the nets' first kernels: the units of one
 * panel go to their lanes in `block`, and back.
 *
 * Shapes: of [count], each [inputs x units]; block [to - from x lanes], where lanes that no unit
 *         uses are not touched. */
void stack_load_rows(const struct stack *stack, const struct stack_panel *panel, float *const *of,
                     size_t from, size_t to, float *block);
void stack_store_rows(const struct stack *stack, const struct stack_panel *panel, float *const *of,
                      size_t from, size_t to, const float *block);

/** The sums of samples `from` to `to`, to the nets' layer[0].output.
 *
 * Shapes: samples [to - from x lanes]. */
void stack_store_outputs(const struct stack *stack, const struct stack_panel *panel, size_t batch,
                         size_t from, size_t to, const float *samples);

/** The nets' layer[0].delta. Shapes: samples [batch x lanes], 0 in lanes that no unit uses. */
void stack_load_deltas(const struct stack *stack, const struct stack_panel *panel, size_t batch,
                       float *samples);

#endif
