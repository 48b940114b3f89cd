#include "nn/product.h"

#include "nn/copy2d.h"
#include "nn/matrix.h"

/* Floats of a block of a panel, which stays in the first-level cache while rows of the other factor
 * go by, and rows whose sums stay in the second-level one. */
enum { BLOCK_FLOATS = 6 << 10, SUMS_ROWS = 512 };

/* So few rows read a block of a panel where it is: copying it would take as long. */
enum { FEW_ROWS = 8 };

struct product product_create(size_t inputs, size_t units) {
    bool is_large = inputs * units > PRODUCT_LARGE;
    return (struct product){inputs, units, is_large ? panel_kernel_here() : NULL};
}

size_t product_pieces(const struct product *product, size_t n, size_t members) {
    if (members < 2 || !product->panels)
        return 1;
    size_t vectors = quotient_up(n, product->panels->lanes);
    size_t pieces = quotient_up(panel_count(product->panels, n), members) * members;
    return least(pieces, vectors);
}

struct product_rows product_piece(const struct product *product, size_t n, size_t pieces,
                                  size_t i) {
    if (!product->panels)
        return (struct product_rows){0, n};
    struct panel_columns piece = panel_at(product->panels, n, pieces, i);
    return (struct product_rows){piece.from, piece.to};
}

/* The other factor of a panel, [inner x columns]. */
struct columns {
    const float *at; /* the first of the panel's columns */
    size_t stride;   /* floats of a row */
};

/* out = factor * columns for rows of the factor, block by block of the inner index.
 * Shapes: out [to - from x panel.lanes], its rows so many floats apart. */
static void multiply(const struct panel_kernel *kernel, const struct panel_factor *factor,
                     struct product_rows rows, size_t inner, struct panel_columns panel,
                     struct columns columns, float *out, size_t out_stride) {
    _Alignas(64) float copy[BLOCK_FLOATS];
    size_t blocks = quotient_up(inner * panel.lanes, BLOCK_FLOATS);
    size_t width = panel.to - panel.from;
    bool is_panel = columns.stride == panel.lanes;
    bool is_brief = width == panel.lanes && rows.to - rows.from < FEW_ROWS;
    for (size_t b = 0; b < blocks; b++) {
        struct panel_block block = {rows.from, rows.to, inner * b / blocks,
                                    inner * (b + 1) / blocks};
        const float *at = columns.at + block.inner_from * columns.stride;
        size_t stride = columns.stride;
        if (!is_panel && !is_brief) {
            copy2d(at, stride, copy, panel.lanes, block.inner_to - block.inner_from, width);
            at = copy;
            stride = panel.lanes;
        }
        kernel->multiply_dense(factor, block, panel.vectors, at, stride, out, out_stride);
    }
}

/* The same, where the lanes of a panel that no column uses have no place in out. */
static void multiply_into(const struct panel_kernel *kernel, const struct panel_factor *factor,
                          struct product_rows rows, size_t inner, struct panel_columns panel,
                          struct columns columns, float *out, size_t out_stride) {
    _Alignas(64) float sums[SUMS_ROWS * PANEL_VECTORS * PANEL_LANES];
    size_t width = panel.to - panel.from;
    for (size_t i = rows.from; i < rows.to; i += SUMS_ROWS) {
        struct product_rows some = {i, least(i + SUMS_ROWS, rows.to)};
        float *to = out + i * out_stride + panel.from;
        if (width == panel.lanes)
            multiply(kernel, factor, some, inner, panel, columns, to, out_stride);
        else {
            multiply(kernel, factor, some, inner, panel, columns, sums, panel.lanes);
            copy2d(sums, panel.lanes, to, out_stride, some.to - i, width);
        }
    }
}

/* Lanes are units, rows are samples. */
void product_forward(const struct product *product, struct product_rows units,
                     struct product_rows samples, size_t batch, const float *kernel, const float *x,
                     float *out) {
    const struct panel_kernel *panels = product->panels;
    const struct panel_factor factor = {.dense = x, .row_stride = 1, .stride = batch};
    _Alignas(64) float sums[SUMS_ROWS * PANEL_VECTORS * PANEL_LANES];
    if (!panels) {
        matrix_tn(product->units, batch, product->inputs, kernel, x, out);
        return;
    }
    size_t n = units.to - units.from, count = panel_count(panels, n);
    for (size_t s = samples.from; s < samples.to; s += SUMS_ROWS) {
        struct product_rows some = {s, least(s + SUMS_ROWS, samples.to)};
        for (size_t p = 0; p < count; p++) {
            struct panel_columns panel = panel_at(panels, n, count, p);
            size_t first = units.from + panel.from;
            multiply(panels, &factor, some, product->inputs, panel,
                     (struct columns){kernel + first, product->units}, sums, panel.lanes);
            copy2d_transposed(sums, panel.lanes, some.to - s, panel.to - panel.from,
                              out + first * batch + s, batch);
        }
    }
}

/* Lanes are samples, rows are inputs. */
void product_backward(const struct product *product, struct product_rows inputs, size_t batch,
                      const float *kernel, const float *delta, float *out) {
    const struct panel_kernel *panels = product->panels;
    const struct panel_factor factor = {.dense = kernel, .row_stride = product->units, .stride = 1};
    if (!panels) {
        matrix_nn(product->inputs, batch, product->units, kernel, delta, out);
        return;
    }
    size_t count = panel_count(panels, batch);
    for (size_t p = 0; p < count; p++) {
        struct panel_columns panel = panel_at(panels, batch, count, p);
        struct columns deltas = {delta + panel.from, batch};
        multiply_into(panels, &factor, inputs, product->units, panel, deltas, out, batch);
    }
}

size_t product_turned_size(const struct product *product, size_t batch_max) {
    const struct panel_kernel *panels = product->panels;
    return panels ? quotient_up(product->units, panels->lanes) * panels->lanes * batch_max : 0;
}

void product_turn(const struct product *product, struct product_rows units, size_t batch,
                  const float *delta, float *turned) {
    const struct panel_kernel *panels = product->panels;
    size_t count = panel_count(panels, product->units);
    for (size_t p = 0; p < count; p++) {
        struct panel_columns panel = panel_at(panels, product->units, count, p);
        size_t from = panel.from > units.from ? panel.from : units.from;
        size_t to = least(panel.to, units.to);
        if (from < to)
            copy2d_transposed(delta + from * batch, batch, to - from, batch,
                              turned + panel.from * batch + from - panel.from, panel.lanes);
    }
}

/* Lanes are units, rows are inputs. */
void product_gradient(const struct product *product, struct product_rows inputs, size_t batch,
                      const float *x, const float *delta, const float *turned, float *out) {
    const struct panel_kernel *panels = product->panels;
    const struct panel_factor factor = {.dense = x, .row_stride = batch, .stride = 1};
    if (!panels) {
        matrix_nt(product->inputs, product->units, batch, x, delta, out);
        return;
    }
    size_t count = panel_count(panels, product->units);
    for (size_t p = 0; p < count; p++) {
        struct panel_columns panel = panel_at(panels, product->units, count, p);
        struct columns deltas = {turned + panel.from * batch, panel.lanes};
        multiply_into(panels, &factor, inputs, batch, panel, deltas, out, product->units);
    }
}
