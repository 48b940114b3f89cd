/* The body of a panel kernel, included by panel.c once for each instruction set, with
 *
 *   KERNEL(name)     the name of a function of this instruction set
 *   TARGET           attributes that turn it on
 *   VECTOR, LANES    a vector of floats
 *   REGISTERS        how many of them there are
 *   MULTIPLY_ADD(x, w, sum)
 *
 * The number of vectors is a constant wherever the bodies are inlined, so that the sums are
 * registers. */

/* A vector anywhere in memory. */
typedef VECTOR KERNEL(unaligned) __attribute__((aligned(4), may_alias));

#define AT(p) (*(KERNEL(unaligned) *)(p))
#define CONST_AT(p) (*(const KERNEL(unaligned) *)(p))
#define BODY static inline __attribute__((always_inline)) TARGET

BODY VECTOR KERNEL(begin)(struct panel_block block, const float *out) {
    VECTOR sum = {0};
    if (block.inner_from)
        sum = CONST_AT(out);
    return sum;
}

/* Adds entry e of a CSR matrix times the panel, whose first row has index `first`. */
BODY void KERNEL(csr_add)(size_t vectors, const struct panel_factor *factor, size_t e,
                          const float *panel, size_t first, VECTOR *sum) {
    size_t lanes = vectors * LANES;
    const float *w = panel + factor->entry[e].column * lanes - first * lanes;
    VECTOR x = factor->entry[e].value - (VECTOR){0};
    HOLD_POINTER(w);
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[v] = MULTIPLY_ADD(x, CONST_AT(w + v * LANES), sum[v]);
}

/* One row of a CSR matrix times the panel. */
BODY void KERNEL(csr_row)(size_t vectors, const struct panel_factor *factor,
                          struct panel_block block, const float *panel, float *out) {
    VECTOR sum[PANEL_VECTORS];
    size_t e = factor->start[block.row_from], end = factor->end[block.row_from];
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[v] = KERNEL(begin)(block, out + v * LANES);
    for (; e < end; e++)
        KERNEL(csr_add)(vectors, factor, e, panel, block.inner_from, sum);
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        AT(out + v * LANES) = sum[v];
}

/* Two rows of a CSR matrix times the panel, an entry of each in turn: the multiply-adds of a row
 * wait for each other, those of two rows do not. */
BODY void KERNEL(csr_two_rows)(size_t vectors, const struct panel_factor *factor,
                               struct panel_block block, const float *panel, float *out) {
    VECTOR sum[2 * PANEL_VECTORS];
    size_t row = block.row_from, first = block.inner_from;
    size_t a = factor->start[row], end_a = factor->end[row];
    size_t b = factor->start[row + 1], end_b = factor->end[row + 1];
    UNROLL
    for (size_t i = 0; i < 2 * vectors; i++)
        sum[i] = KERNEL(begin)(block, out + i * LANES);
    for (; a < end_a && b < end_b; a++, b++) {
        KERNEL(csr_add)(vectors, factor, a, panel, first, sum);
        KERNEL(csr_add)(vectors, factor, b, panel, first, sum + vectors);
    }
    for (; a < end_a; a++)
        KERNEL(csr_add)(vectors, factor, a, panel, first, sum);
    for (; b < end_b; b++)
        KERNEL(csr_add)(vectors, factor, b, panel, first, sum + vectors);
    UNROLL
    for (size_t i = 0; i < 2 * vectors; i++)
        AT(out + i * LANES) = sum[i];
}

/* CSR matrix times panel. */
BODY void KERNEL(csr)(size_t vectors, const struct panel_factor *factor, struct panel_block block,
                      const float *panel, float *out) {
    size_t lanes = vectors * LANES;
    for (; vectors <= PANEL_NARROW && block.row_from + 2 <= block.row_to; block.row_from += 2) {
        KERNEL(csr_two_rows)(vectors, factor, block, panel, out);
        out += 2 * lanes;
    }
    for (; block.row_from < block.row_to; block.row_from++, out += lanes)
        KERNEL(csr_row)(vectors, factor, block, panel, out);
}

/* CSC matrix times panel, column by column: each adds to the rows of the product where it is not 0.
 */
BODY void KERNEL(csc)(size_t vectors, const struct panel_factor *factor, struct panel_block block,
                      const float *panel, float *out, size_t *cursor) {
    /* a copy, which no sum can overwrite: or it would be loaded anew for each entry */
    const struct csr_entry *entry = factor->entry;
    size_t lanes = vectors * LANES;
    memset(out, 0, (block.row_to - block.row_from) * lanes * sizeof *out);
    for (size_t i = block.inner_from; i < block.inner_to; i++, panel += lanes) {
        VECTOR w[PANEL_VECTORS];
        size_t e = block.row_from ? cursor[i] : factor->start[i], end = factor->end[i];
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            w[v] = CONST_AT(panel + v * LANES);
        for (; e < end && entry[e].column < block.row_to; e++) {
            float *sum = out + (entry[e].column - block.row_from) * lanes;
            VECTOR x = entry[e].value - (VECTOR){0};
            UNROLL
            for (size_t v = 0; v < vectors; v++)
                AT(sum + v * LANES) = MULTIPLY_ADD(x, w[v], CONST_AT(sum + v * LANES));
        }
        cursor[i] = e;
    }
}

/* `rows` rows of a dense matrix times the panel; a constant too, so that a vector loaded from the
 * panel serves all of them. */
BODY void KERNEL(dense_rows)(size_t rows, size_t vectors, const struct panel_factor *factor,
                             struct panel_block block, const float *panel, size_t panel_stride,
                             float *out, size_t out_stride) {
    VECTOR sum[REGISTERS];
    const float *x = factor->dense + block.row_from * factor->row_stride;
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[r * vectors + v] = KERNEL(begin)(block, out + r * out_stride + v * LANES);
    }
    for (size_t i = block.inner_from; i < block.inner_to; i++, panel += panel_stride) {
        UNROLL
        for (size_t v = 0; v < vectors; v++) {
            VECTOR w = CONST_AT(panel + v * LANES);
            if (rows > 1)
                HOLD(w);
            UNROLL
            for (size_t r = 0; r < rows; r++) {
                VECTOR value = x[r * factor->row_stride + i * factor->stride] - (VECTOR){0};
                sum[r * vectors + v] = MULTIPLY_ADD(value, w, sum[r * vectors + v]);
            }
        }
    }
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            AT(out + r * out_stride + v * LANES) = sum[r * vectors + v];
    }
}

/* Asks for what the next rows read of the factor: it may lie in a cache far away, or have been
 * written last by another core. Where the factor is transposed, a line of the cache serves several
 * rows, and is asked for once. */
BODY void KERNEL(prefetch)(size_t rows, const struct panel_factor *factor,
                           struct panel_block block) {
    enum { LINE = 16 };
    const float *x = factor->dense + block.row_from * factor->row_stride;
    size_t left = block.row_to - block.row_from;
    if (factor->stride == 1)
        for (size_t r = rows; r < least(2 * rows, left); r++)
            for (size_t i = block.inner_from; i < block.inner_to; i += LINE)
                __builtin_prefetch(x + r * factor->row_stride + i);
    else if (factor->row_stride == 1 && block.row_from % LINE < rows && left > LINE)
        for (size_t i = block.inner_from; i < block.inner_to; i++)
            __builtin_prefetch(x + LINE + i * factor->stride);
}

BODY void KERNEL(dense)(size_t vectors, const struct panel_factor *factor, struct panel_block block,
                        const float *panel, size_t panel_stride, float *out, size_t out_stride) {
    /* registers hold the sums, a vector of the panel and a value of each row; one vector needs more
     * rows, or its few sums would wait for each other */
    const size_t eight = vectors == 1 && 8 * (vectors + 1) <= REGISTERS;
    const size_t four = 4 * (vectors + 1) < REGISTERS, three = 3 * (vectors + 1) < REGISTERS;
    const size_t two = 2 * (vectors + 1) < REGISTERS;
    const size_t together = eight ? 8 : 1 + two + three + four;
    struct panel_block part = block;
    for (; part.row_from + together <= block.row_to; part.row_from += together) {
        KERNEL(prefetch)(together, factor, part);
        KERNEL(dense_rows)(together, vectors, factor, part, panel, panel_stride, out, out_stride);
        out += together * out_stride;
    }
    for (; part.row_from < block.row_to; part.row_from++, out += out_stride)
        KERNEL(dense_rows)(1, vectors, factor, part, panel, panel_stride, out, out_stride);
}

/* For each number of vectors, which is at most PANEL_VECTORS. */
#define FOR_VECTORS(CASE)                                                                          \
    switch (vectors) {                                                                             \
        CASE(1)                                                                                    \
        CASE(2)                                                                                    \
        CASE(3)                                                                                    \
        CASE(4)                                                                                    \
        CASE(5)                                                                                    \
        CASE(6)                                                                                    \
    }

#define DENSE(n)                                                                                   \
    case n:                                                                                        \
        KERNEL(dense)(n, factor, block, panel, panel_stride, out, out_stride);                     \
        break;

static TARGET void KERNEL(multiply_dense)(const struct panel_factor *factor,
                                          struct panel_block block, size_t vectors,
                                          const float *panel, size_t panel_stride, float *out,
                                          size_t out_stride) {
    FOR_VECTORS(DENSE)
}

#define LISTS(n)                                                                                   \
    case n:                                                                                        \
        if (factor->is_csc)                                                                        \
            KERNEL(csc)(n, factor, block, panel, out, cursor);                                     \
        else                                                                                       \
            KERNEL(csr)(n, factor, block, panel, out);                                             \
        break;

static TARGET void KERNEL(multiply)(const struct panel_factor *factor, struct panel_block block,
                                    size_t vectors, const float *panel, float *out,
                                    size_t *cursor) {
    size_t lanes = vectors * LANES;
    if (factor->dense)
        KERNEL(multiply_dense)(factor, block, vectors, panel, lanes, out, lanes);
    else
        FOR_VECTORS(LISTS)
}

#undef FOR_VECTORS
#undef DENSE
#undef LISTS
#undef BODY
#undef CONST_AT
#undef AT
#undef KERNEL
#undef TARGET
#undef VECTOR
#undef LANES
#undef REGISTERS
#undef MULTIPLY_ADD
