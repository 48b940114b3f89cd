/* The three products of a layer with its kernel: small kernels by BLAS, large ones in panels
 * (panel.h).
 *
 * In panels each number is one chain of multiply-adds in the order of the inner index, from 0: so a
 * product may be cut into any pieces, and has the same bits with every core of BLAS. Small products
 * are not cut. All matrices are row-major and tight. */
#ifndef MLPSWEEP_NN_PRODUCT_H
#define MLPSWEEP_NN_PRODUCT_H

#include "nn/panel.h"

/** The kernel of a layer, by its shape. */
struct product {
    size_t inputs, units;
    const struct panel_kernel *panels; /* what multiplies it; NULL: BLAS */
};

/** Rows `from` to `to` of a product: these are computed, and no others touched. */
struct product_rows {
    size_t from, to;
};

/** A kernel of more weights than this is large. It is part of the numbers. */
enum { PRODUCT_LARGE = 4096 };

/** The products with a kernel of this shape, on this processor. */
struct product product_create(size_t inputs, size_t units);

/** In how many pieces n rows are cut for a team: as many as members have use for. Large kernels
 * alone have more than one piece. */
size_t product_pieces(const struct product *product, size_t n, size_t members);

/** Piece number i of so many of n rows; it may be empty. */
struct product_rows product_piece(const struct product *product, size_t n, size_t pieces, size_t i);

/** What a layer passes on, before bias and activation: out = kernel^T * x. A large kernel computes
 * these units and samples alone, which are all where it is small.
 *
 * Shapes: kernel [inputs x units], x [inputs x batch] -> out [units x batch]. */
void product_forward(const struct product *product, struct product_rows units,
                     struct product_rows samples, size_t batch, const float *kernel, const float *x,
                     float *out);

/** The gradient by what a layer gets: out = kernel * delta.
 *
 * Shapes: kernel [inputs x units], delta [units x batch] -> out [inputs x batch], its rows alone.
 */
void product_backward(const struct product *product, struct product_rows inputs, size_t batch,
                      const float *kernel, const float *delta, float *out);

/** Floats that product_turn needs for minibatches of up to so many samples; 0 for a small kernel.
 */
size_t product_turned_size(const struct product *product, size_t batch_max);

/** Some units' deltas as product_gradient takes those of a large kernel: in panels of units, each
 * [batch x lanes].
 *
 * Shapes: delta [units x batch], of which these rows are read. */
void product_turn(const struct product *product, struct product_rows units, size_t batch,
                  const float *delta, float *turned);

/** The kernel's gradient: out = x * delta^T. turned: by product_turn of all units, NULL for a small
 * kernel.
 *
 * Shapes: x [inputs x batch], delta [units x batch] -> out [inputs x units], its rows alone. */
void product_gradient(const struct product *product, struct product_rows inputs, size_t batch,
                      const float *x, const float *delta, const float *turned, float *out);

#endif
