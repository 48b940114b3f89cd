/* BLAS's products against sums in double precision, within the bound that holds for any order of
 * additions. Bits are not compared: they differ from core to core. */
#include "nn/matrix.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "test.h"

enum { SIDE_MAX = 784 };

static float a[SIDE_MAX * SIDE_MAX], b[SIDE_MAX * SIDE_MAX], c[SIDE_MAX * SIDE_MAX];

static const struct {
    size_t m, n, k;
} sizes[] = {{1, 1, 1},    {1, 32, 5},   {20, 32, 784}, {15, 7, 20},   {10, 100, 15},
             {37, 1, 784}, {3, 5, 7},    {33, 17, 65},  {128, 64, 31}, {20, 784, 32},
             {2, 3, 300},  {64, 64, 64}, {5, 256, 1},   {200, 100, 20}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void fill(float *values, size_t n, size_t step) {
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(i * step % 2003) * 0.001F - 1.0F;
}

/* Where element (row, i) of a matrix of `rows` x k stands when it is stored as is or transposed. */
static size_t at(size_t row, size_t i, size_t rows, size_t k, bool transposed) {
    return transposed ? i * rows + row : row * k + i;
}

/* Compares c [m x n] to the product in double precision, by the bound that any order of float
 * additions keeps. */
static void assert_product(size_t s, bool a_transposed, bool b_transposed) {
    size_t m = sizes[s].m, n = sizes[s].n, k = sizes[s].k;
    for (size_t row = 0; row < m; row++)
        for (size_t column = 0; column < n; column++) {
            double sum = 0, size = 0;
            for (size_t i = 0; i < k; i++) {
                double term = (double)a[at(row, i, m, k, a_transposed)] *
                              (double)b[at(column, i, n, k, !b_transposed)];
                sum += term;
                size += fabs(term);
            }
            double got = (double)c[row * n + column];
            if (!(fabs(got - sum) <= (double)(k + 1) * 0x1p-24 * size))
                fail_msg("%zu x %zu x %zu at %zu, %zu: %g, not %g", m, n, k, row, column, got, sum);
        }
}

static void each_product_is_that_of_a_naive_loop(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        size_t m = sizes[s].m, n = sizes[s].n, k = sizes[s].k;
        fill(a, m * k, 7919);
        fill(b, n * k, 104729);
        matrix_nn(m, n, k, a, b, c);
        assert_product(s, false, false);
        matrix_nt(m, n, k, a, b, c);
        assert_product(s, false, true);
        matrix_tn(m, n, k, a, b, c);
        assert_product(s, true, false);
    }
}

static void product_overwrites_what_was_there(void **state) {
    (void)state;
    fill(a, 60, 7);
    fill(b, 60, 11);
    float expected[100];
    memset(c, 0, sizeof expected);
    matrix_nt(10, 10, 6, a, b, c);
    memcpy(expected, c, sizeof expected);
    for (size_t i = 0; i < 100; i++)
        c[i] = (float)NAN;
    matrix_nt(10, 10, 6, a, b, c);
    assert_memory_equal(c, expected, sizeof expected);
}

static void nothing_is_written_behind_the_product(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        size_t end = sizes[s].m * sizes[s].n;
        c[end] = 77;
        matrix_nn(sizes[s].m, sizes[s].n, sizes[s].k, a, b, c);
        assert_true(c[end] == 77);
    }
}

static void nan_in_a_row_stays_in_that_row(void **state) {
    (void)state;
    fill(a, 20 * 784, 7919);
    fill(b, 32 * 784, 104729);
    a[7 * 784 + 3] = (float)NAN;
    matrix_nt(20, 32, 784, a, b, c);
    for (size_t i = 0; i < 20 * 32; i++)
        assert_int_equal(isnan(c[i]) != 0, i / 32 == 7);
}

static void library_tells_its_name(void **state) {
    (void)state;
    assert_true(strlen(matrix_core()) > 0);
    char version[MATRIX_VERSION_MAX];
    assert_non_null(strstr(matrix_version(version), "OpenBLAS"));
}

static int prepare(void **state) {
    (void)state;
    matrix_use_one_thread();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_product_is_that_of_a_naive_loop),
        cmocka_unit_test(product_overwrites_what_was_there),
        cmocka_unit_test(nothing_is_written_behind_the_product),
        cmocka_unit_test(nan_in_a_row_stays_in_that_row),
        cmocka_unit_test(library_tells_its_name),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
