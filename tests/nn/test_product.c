/* Products of large kernels against chains of multiply-adds, bit for bit; of small ones against
 * sums in double precision. */
#include "nn/product.h"

#include "nn/matrix.h"

#include <math.h>

#include "inputs.h"
#include "test.h"

enum { INPUTS_MAX = 300, UNITS_MAX = 160, BATCH_MAX = 300 };

static float kernel[INPUTS_MAX * UNITS_MAX], x[INPUTS_MAX * BATCH_MAX],
    delta[UNITS_MAX * BATCH_MAX];
static float turned[(UNITS_MAX + PANEL_LANES) * BATCH_MAX], out[INPUTS_MAX * BATCH_MAX];

static const struct {
    size_t inputs, units;
} shapes[] = {{70, 59}, {300, 14}, {20, 160}, {97, 101}};
static const size_t batches[] = {1, 7, 8, 33, 100, 300};
static const size_t teams[] = {1, 2, 3, 16};
enum {
    SHAPES = sizeof shapes / sizeof *shapes,
    BATCHES = sizeof batches / sizeof *batches,
    TEAMS = sizeof teams / sizeof *teams
};

static void fill_all(void) {
    inputs_fill(kernel, sizeof kernel / sizeof *kernel, 1);
    inputs_fill(x, sizeof x / sizeof *x, 2);
    inputs_fill(delta, sizeof delta / sizeof *delta, 3);
}

enum direction { FORWARD, BACKWARD, GRADIENT, DIRECTIONS };

/* Rows, columns and terms of each number. */
struct size {
    size_t rows, columns, inner;
};

static struct size size_of(enum direction direction, size_t inputs, size_t units, size_t batch) {
    return direction == FORWARD    ? (struct size){units, batch, inputs}
           : direction == BACKWARD ? (struct size){inputs, batch, units}
                                   : (struct size){inputs, units, batch};
}

/* The two factors of term i of number (row, column). */
static void term(enum direction direction, size_t units, size_t batch, size_t row, size_t column,
                 size_t i, float *a, float *b) {
    *a = direction == FORWARD    ? kernel[i * units + row]
         : direction == BACKWARD ? kernel[row * units + i]
                                 : x[row * batch + i];
    *b = direction == FORWARD    ? x[i * batch + column]
         : direction == BACKWARD ? delta[i * batch + column]
                                 : delta[column * batch + i];
}

static void compute(enum direction direction, const struct product *product, size_t batch,
                    struct product_rows rows) {
    if (direction == FORWARD)
        product_forward(product, rows, (struct product_rows){0, batch}, batch, kernel, x, out);
    else if (direction == BACKWARD)
        product_backward(product, rows, batch, kernel, delta, out);
    else
        product_gradient(product, rows, batch, x, delta, product->panels ? turned : NULL, out);
}

/* Piece by piece, and after each what is not there yet is untouched. */
static void compute_in_pieces(enum direction direction, const struct product *product, size_t batch,
                              size_t members) {
    struct size size = size_of(direction, product->inputs, product->units, batch);
    size_t pieces = product_pieces(product, size.rows, members), end = 0;
    for (size_t i = 0; i < size.rows * size.columns; i++)
        out[i] = (float)NAN;
    for (size_t p = 0; p < pieces; p++) {
        struct product_rows rows = product_piece(product, size.rows, pieces, p);
        assert_int_equal(rows.from, end);
        assert_in_range(rows.to, rows.from + 1, size.rows);
        end = rows.to;
        compute(direction, product, batch, rows);
        assert_true(isnan(out[end * size.columns - 1]) == 0);
        if (end < size.rows)
            assert_true(isnan(out[end * size.columns]) != 0);
    }
    assert_int_equal(end, size.rows);
}

static void assert_chains(enum direction direction, const struct product *product, size_t batch) {
    struct size size = size_of(direction, product->inputs, product->units, batch);
    for (size_t row = 0; row < size.rows; row++)
        for (size_t column = 0; column < size.columns; column++) {
            float sum = 0, a, b;
            for (size_t i = 0; i < size.inner; i++) {
                term(direction, product->units, batch, row, column, i, &a, &b);
                sum = product->panels->is_fused ? fmaf(a, b, sum) : sum + a * b;
            }
            if (out[row * size.columns + column] != sum)
                fail_msg("%s, %zu x %zu, batch %zu, product %u at %zu, %zu: %.9g, not %.9g",
                         product->panels->name, product->inputs, product->units, batch, direction,
                         row, column, (double)out[row * size.columns + column], (double)sum);
        }
}

static void numbers_of_large_kernels_are_chains_of_multiply_adds(void **state) {
    (void)state;
    fill_all();
    const struct panel_kernel *panels;
    for (size_t k = 0; (panels = panel_kernel(k)); k++)
        for (size_t s = 0; s < SHAPES && panels->is_supported(); s++)
            for (size_t b = 0; b < BATCHES; b++)
                for (size_t t = 0; t < TEAMS; t++) {
                    struct product product = {shapes[s].inputs, shapes[s].units, panels};
                    assert_true(product_turned_size(&product, batches[b]) <=
                                sizeof turned / sizeof *turned);
                    for (size_t half = product.units / 2, i = 0; i < 2; i++)
                        product_turn(&product,
                                     i ? (struct product_rows){half, product.units}
                                       : (struct product_rows){0, half},
                                     batches[b], delta, turned);
                    for (enum direction d = FORWARD; d < DIRECTIONS; d++) {
                        compute_in_pieces(d, &product, batches[b], teams[t]);
                        assert_chains(d, &product, batches[b]);
                    }
                }
}

/* By the bound that any order of float additions keeps. */
static void assert_close(enum direction direction, const struct product *product, size_t batch) {
    struct size size = size_of(direction, product->inputs, product->units, batch);
    for (size_t row = 0; row < size.rows; row++)
        for (size_t column = 0; column < size.columns; column++) {
            double sum = 0, magnitude = 0, got = (double)out[row * size.columns + column];
            for (size_t i = 0; i < size.inner; i++) {
                float a, b;
                term(direction, product->units, batch, row, column, i, &a, &b);
                sum += (double)a * (double)b;
                magnitude += fabs((double)a * (double)b);
            }
            if (!(fabs(got - sum) <= (double)(size.inner + 1) * 0x1p-24 * magnitude))
                fail_msg("product %u at %zu, %zu: %g, not %g", direction, row, column, got, sum);
        }
}

static void small_kernels_are_one_piece(void **state) {
    (void)state;
    fill_all();
    const struct product products[] = {product_create(64, 64), product_create(20, 15),
                                       product_create(300, 10)};
    for (size_t p = 0; p < sizeof products / sizeof *products; p++)
        for (enum direction d = FORWARD; d < DIRECTIONS; d++) {
            assert_null(products[p].panels);
            assert_int_equal(product_pieces(&products[p], products[p].units, 16), 1);
            assert_int_equal(product_turned_size(&products[p], 100), 0);
            compute_in_pieces(d, &products[p], 33, 16);
            assert_close(d, &products[p], 33);
        }
}

static void kernels_of_more_than_4096_weights_are_large(void **state) {
    (void)state;
    assert_null(product_create(64, 64).panels);
    assert_ptr_equal(product_create(64, 65).panels, panel_kernel_here());
    assert_ptr_equal(product_create(65, 64).panels, panel_kernel_here());
}

/* Each member has about as many rows as the others. */
static void pieces_are_enough_for_a_team(void **state) {
    (void)state;
    const struct product product = product_create(512, 512);
    for (size_t members = 2; members <= 16; members++) {
        size_t pieces = product_pieces(&product, 512, members), most = 0;
        assert_true(pieces >= members && pieces % members == 0);
        for (size_t i = 0; i < pieces; i++) {
            struct product_rows rows = product_piece(&product, 512, pieces, i);
            most = rows.to - rows.from > most ? rows.to - rows.from : most;
        }
        assert_true(most * pieces <= 512 + product.panels->lanes * pieces);
    }
}

static int prepare(void **state) {
    (void)state;
    matrix_use_one_thread();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_large_kernels_are_chains_of_multiply_adds),
        cmocka_unit_test(small_kernels_are_one_piece),
        cmocka_unit_test(kernels_of_more_than_4096_weights_are_large),
        cmocka_unit_test(pieces_are_enough_for_a_team),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
