/* Products with a panel, bit for bit against one chain of multiply-adds for each number: with every
 * kernel of this processor, every width, dense and sparse left factors, cut in any way. */
#include "nn/panel.h"

#include "base/csr.h"

#include <math.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { ROWS = 13, INNER = 50, LANES_MAX = 16 * PANEL_VECTORS };

/* A left factor whose zeros stand in both forms. */
static float x[ROWS * INNER], panel[INNER * LANES_MAX];
static struct csr lists, turned; /* the same factor, and the transposed one */

static size_t lanes_of(const struct panel_kernel *kernel, size_t vectors) {
    return kernel->lanes * vectors;
}

/* Of the factor's values about a quarter are 0, and its row 4 is nothing else. */
static void fill(struct arena *arena) {
    inputs_fill(x, ROWS * INNER, 1);
    inputs_fill(panel, INNER * LANES_MAX, 2);
    for (size_t i = 0; i < ROWS * INNER; i++)
        if (x[i] < -0.5F || i / INNER == 4)
            x[i] = 0;
    lists = inputs_csr(x, ROWS, INNER, arena);
    turned = csr_create(INNER, ROWS, ROWS * INNER, arena);
    csr_transpose(&lists, &turned);
}

static const struct panel_factor dense = {.dense = x, .row_stride = INNER, .stride = 1};

static struct panel_factor csr_factor(void) {
    return (struct panel_factor){
        .start = lists.start, .end = lists.start + 1, .entry = lists.entry};
}

static struct panel_factor csc_factor(void) {
    return (struct panel_factor){
        .start = turned.start, .end = turned.start + 1, .entry = turned.entry, .is_csc = true};
}

/* One chain for each number, as panel.h promises it. */
static float expected(const struct panel_kernel *kernel, size_t row, size_t lane, size_t lanes) {
    float sum = 0;
    for (size_t i = 0; i < INNER; i++) {
        float w = panel[i * lanes + lane], value = x[row * INNER + i];
        if (kernel->is_fused)
            sum = fmaf(value, w, sum);
        else
            sum += value * w;
    }
    return sum;
}

static void assert_product(const struct panel_kernel *kernel, size_t vectors, const float *out,
                           const char *how) {
    size_t lanes = lanes_of(kernel, vectors);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t l = 0; l < lanes; l++) {
            float want = expected(kernel, r, l, lanes);
            if (out[r * lanes + l] != want)
                fail_msg("%s, %zu vectors, %s: row %zu, lane %zu: %.9g, not %.9g", kernel->name,
                         vectors, how, r, l, (double)out[r * lanes + l], (double)want);
        }
}

/* The entries of each row from one inner index up to another. */
static void find_entries(size_t from, size_t to, size_t start[ROWS], size_t end[ROWS]) {
    for (size_t r = 0; r < ROWS; r++) {
        start[r] = lists.start[r];
        while (start[r] < lists.start[r + 1] && lists.entry[start[r]].column < from)
            start[r]++;
        end[r] = start[r];
        while (end[r] < lists.start[r + 1] && lists.entry[end[r]].column < to)
            end[r]++;
    }
}

/* In blocks of so many inner indices. */
static void multiply(const struct panel_kernel *kernel, const struct panel_factor *factor,
                     size_t vectors, size_t step, float *out) {
    size_t start[ROWS], end[ROWS], lanes = lanes_of(kernel, vectors);
    for (size_t i = 0; i < INNER; i += step) {
        struct panel_block block = {0, ROWS, i, i + step < INNER ? i + step : INNER};
        struct panel_factor part = *factor;
        find_entries(block.inner_from, block.inner_to, start, end);
        part.start = start;
        part.end = end;
        kernel->multiply(&part, block, vectors, panel + i * lanes, out, NULL);
    }
}

static void each_number_is_one_chain_of_multiply_adds(void **state) {
    (void)state;
    static float out[ROWS * LANES_MAX];
    static const size_t steps[] = {INNER, 17, 1};
    struct panel_factor sparse = csr_factor();
    size_t tried = 0;
    const struct panel_kernel *kernel;
    for (size_t k = 0; (kernel = panel_kernel(k)); k++)
        for (size_t v = 1; v <= PANEL_VECTORS && kernel->is_supported(); v++)
            for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
                memset(out, 0xFF, sizeof out);
                multiply(kernel, &dense, v, steps[s], out);
                assert_product(kernel, v, out, "dense");
                memset(out, 0xFF, sizeof out);
                multiply(kernel, &sparse, v, steps[s], out);
                assert_product(kernel, v, out, "lists");
                tried++;
            }
    assert_true(tried >= PANEL_VECTORS);
}

static void rows_can_be_computed_apart(void **state) {
    (void)state;
    static float out[ROWS * LANES_MAX];
    struct panel_factor factors[] = {dense, csr_factor()};
    const struct panel_kernel *kernel = panel_kernel_here();
    for (size_t f = 0; f < 2; f++) {
        for (size_t r = 0; r < ROWS; r += 5) {
            struct panel_block block = {r, r + 5 < ROWS ? r + 5 : ROWS, 0, INNER};
            kernel->multiply(&factors[f], block, 3, panel, out + r * lanes_of(kernel, 3), NULL);
        }
        assert_product(kernel, 3, out, f ? "lists" : "dense");
    }
}

static void csc_products_are_cut_into_blocks_of_rows(void **state) {
    (void)state;
    static float out[ROWS * LANES_MAX];
    static const size_t steps[] = {ROWS, 5, 1};
    struct panel_factor factor = csc_factor();
    const struct panel_kernel *kernel;
    size_t cursor[INNER];
    for (size_t k = 0; (kernel = panel_kernel(k)); k++)
        for (size_t v = 1; v <= PANEL_VECTORS && kernel->is_supported(); v++)
            for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
                memset(out, 0xFF, sizeof out);
                for (size_t r = 0; r < ROWS; r += steps[s]) {
                    size_t end = r + steps[s] < ROWS ? r + steps[s] : ROWS;
                    kernel->multiply(&factor, (struct panel_block){r, end, 0, INNER}, v, panel,
                                     out + r * lanes_of(kernel, v), cursor);
                }
                assert_product(kernel, v, out, "csc");
            }
}

static void factor_can_be_transposed_by_its_strides(void **state) {
    (void)state;
    static float other[ROWS * INNER], out[ROWS * LANES_MAX];
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < INNER; i++)
            other[i * ROWS + r] = x[r * INNER + i];
    struct panel_factor factor = {.dense = other, .row_stride = 1, .stride = ROWS};
    const struct panel_kernel *kernel = panel_kernel_here();
    multiply(kernel, &factor, 2, INNER, out);
    assert_product(kernel, 2, out, "transposed");
}

static void nothing_is_written_behind_the_product(void **state) {
    (void)state;
    static float out[ROWS * LANES_MAX + 1];
    struct panel_factor sparse = csr_factor(), turning = csc_factor();
    const struct panel_kernel *kernel;
    for (size_t k = 0; (kernel = panel_kernel(k)); k++)
        for (size_t v = 1; v <= PANEL_VECTORS && kernel->is_supported(); v++) {
            size_t end = ROWS * lanes_of(kernel, v), cursor[INNER];
            out[end] = 77;
            multiply(kernel, &dense, v, 9, out);
            multiply(kernel, &sparse, v, 9, out);
            kernel->multiply(&turning, (struct panel_block){0, ROWS, 0, INNER}, v, panel, out,
                             cursor);
            assert_true(out[end] == 77);
        }
}

static void nan_in_a_lane_stays_in_that_lane(void **state) {
    (void)state;
    static float out[ROWS * LANES_MAX];
    const struct panel_kernel *kernel = panel_kernel_here();
    size_t lanes = lanes_of(kernel, 2);
    float before = panel[3 * lanes + 5];
    panel[3 * lanes + 5] = (float)NAN;
    multiply(kernel, &dense, 2, INNER, out);
    for (size_t i = 0; i < ROWS * lanes; i++)
        assert_int_equal(isnan(out[i]) != 0, i % lanes == 5);
    panel[3 * lanes + 5] = before;
}

static void every_processor_has_a_kernel(void **state) {
    (void)state;
    const struct panel_kernel *last = NULL, *kernel;
    for (size_t k = 0; (kernel = panel_kernel(k)); k++)
        last = kernel;
    assert_true(last && last->is_supported());
    assert_true(panel_kernel_here()->is_supported());
}

static void narrow_panels_leave_few_lanes_empty(void **state) {
    (void)state;
    const struct panel_kernel *here = panel_kernel_here();
    for (size_t units = 1; units < 400; units++) {
        const struct panel_kernel *kernel = panel_kernel_for(units);
        assert_true(kernel->is_supported() && kernel->is_fused == here->is_fused);
        if (units > PANEL_NARROW * here->lanes)
            assert_ptr_equal(kernel, here);
        else
            assert_true((units + kernel->lanes - 1) / kernel->lanes * kernel->lanes <=
                        (units + here->lanes - 1) / here->lanes * here->lanes);
    }
}

static struct arena arena;

static int prepare(void **state) {
    (void)state;
    fill(&arena);
    return 0;
}

static int clean(void **state) {
    (void)state;
    arena_close(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_one_chain_of_multiply_adds),
        cmocka_unit_test(rows_can_be_computed_apart),
        cmocka_unit_test(csc_products_are_cut_into_blocks_of_rows),
        cmocka_unit_test(factor_can_be_transposed_by_its_strides),
        cmocka_unit_test(nothing_is_written_behind_the_product),
        cmocka_unit_test(nan_in_a_lane_stays_in_that_lane),
        cmocka_unit_test(every_processor_has_a_kernel),
        cmocka_unit_test(narrow_panels_leave_few_lanes_empty),
    };
    return cmocka_run_group_tests(tests, prepare, clean);
}
