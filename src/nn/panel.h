/* Products with a panel, a matrix of a few vectors' width: what the first layers of all nets run
 * on.
 *
 * A lane is a column of the panel, a unit of some net. Each number of the result is one chain of
 * multiply-adds in its own lane, in the order of the inner index, from 0: it has the same bits
 * whatever stands in the other lanes, however the product is cut into blocks, with AVX-512 and with
 * AVX2, and whether the zeros of the left factor are multiplied or left out. Processors without
 * fused multiply-add round twice and have bits of their own (is_fused). */
#ifndef MLPSWEEP_NN_PANEL_H
#define MLPSWEEP_NN_PANEL_H

#include "base/csr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The left factor, [rows x inner]: dense at any strides, or compressed by rows (CSR) or by columns
 * (CSC). */
struct panel_factor {
    const float *dense; /* element (r, i) is dense[r * row_stride + i * stride]; or NULL: */
    size_t row_stride, stride;
    /* [rows], or [inner] where is_csc: a row's or column's entries are those from start to end. Of
     * a CSR matrix they are of the block at hand alone. */
    const size_t *start, *end;
    const struct csr_entry *entry; /* with columns, or rows where is_csc */
    bool is_csc;
};

/** A part of a product: these rows of the factor, these inner indices. */
struct panel_block {
    size_t row_from, row_to, inner_from, inner_to;
};

/** The products with panels for one instruction set. */
struct panel_kernel {
    const char *name; /* of the instruction set */
    size_t lanes;     /* of one vector */
    bool is_fused;
    bool (*is_supported)(void);
    /** Adds one block's share to out, or begins it where inner_from is 0.
     *
     * Blocks of one set of rows come in rising order of inner indices; with a CSC factor
     * there is one block of all inner indices for each set of rows, in rising order of rows.
     * Shapes: panel [inner_to - inner_from x vectors * lanes], out [row_to - row_from x vectors *
     *         lanes]; cursor [inner], or NULL where is_csc is false, is carried from block to
     *         block.
     * Needs:  1 <= vectors <= PANEL_VECTORS. */
    void (*multiply)(const struct panel_factor *factor, struct panel_block block, size_t vectors,
                     const float *panel, float *out, size_t *cursor);
    /** The same with a dense factor, where rows of panel and out are so many floats apart. */
    void (*multiply_dense)(const struct panel_factor *factor, struct panel_block block,
                           size_t vectors, const float *panel, size_t panel_stride, float *out,
                           size_t out_stride);
};

/** Vectors of a panel at most. More would have less of a panel's rows in the cache; fewer, more
 * often, would read the other factor anew. */
enum { PANEL_VECTORS = 6 };

/** Lanes of one vector at most. */
enum { PANEL_LANES = 16 };

/** Up to so many vectors two rows of a CSR matrix are multiplied together: a row alone has fewer
 * sums than there can be multiply-adds under way. */
enum { PANEL_NARROW = 3 };

static inline size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static inline size_t quotient_up(size_t a, size_t b) {
    return (a + b - 1) / b;
}

/** How many panels n columns take at least. */
size_t panel_count(const struct panel_kernel *kernel, size_t n);

/** Columns `from` to `to`, and the vectors they stand in; behind the last column of all there may
 * be lanes that none uses. */
struct panel_columns {
    size_t from, to, vectors, lanes;
};

/** Panel number p of so many, all of about the same width, of n columns. */
struct panel_columns panel_at(const struct panel_kernel *kernel, size_t n, size_t panels, size_t p);

/** Kernel number i, fastest first; NULL after the last. */
const struct panel_kernel *panel_kernel(size_t i);

/** The fastest kernel that this processor has. */
const struct panel_kernel *panel_kernel_here(void);

/** The kernel for so many units in all: the fastest one, or for a narrow panel one that leaves
 * fewer lanes empty. It rounds as the fastest one does. */
const struct panel_kernel *panel_kernel_for(size_t units);

#endif
