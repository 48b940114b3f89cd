/* Dropout and noise: shares and moments as asked, and the same whatever the minibatch is. */
#include "nn/noise.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { ROWS = 3000, UNITS = 40 };

static uint32_t rows[ROWS];
static float whole[ROWS * UNITS], part[ROWS * UNITS];

static int prepare(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ROWS; i++)
        rows[i] = i * 3;
    return 0;
}

static struct noise_key key_of(uint64_t seed, uint64_t epoch, uint32_t layer) {
    return noise_key(seed, RNG_DROPOUT, epoch, layer);
}

static void mask_keeps_the_mean(void **state) {
    (void)state;
    static const double rates[] = {0.1, 0.5, 0.9};
    for (size_t r = 0; r < 3; r++) {
        size_t left_out = 0;
        double n = ROWS * UNITS, kept = 1 / (1 - rates[r]);
        noise_mask(key_of(1, 1, 0), rates[r], UNITS, ROWS, rows, whole);
        for (size_t i = 0; i < ROWS * UNITS; i++) {
            left_out += whole[i] == 0;
            assert_true(whole[i] == 0 || whole[i] == (float)kept);
        }
        double expected = rates[r] * n, sd = sqrt(n * rates[r] * (1 - rates[r]));
        assert_true(fabs((double)left_out - expected) < 4 * sd);
    }
}

/* Row 5 has the same mask in whatever minibatch it comes. */
static void mask_does_not_depend_on_the_minibatch(void **state) {
    (void)state;
    noise_mask(key_of(1, 2, 1), 0.4, UNITS, ROWS, rows, whole);
    for (size_t from = 0; from < ROWS; from += 123) {
        size_t batch = ROWS - from < 123 ? ROWS - from : 123;
        noise_mask(key_of(1, 2, 1), 0.4, UNITS, batch, rows + from, part);
        for (size_t u = 0; u < UNITS; u++)
            assert_memory_equal(part + u * batch, whole + u * ROWS + from, batch * sizeof *part);
    }
}

static void masks_of_a_lower_rate_leave_out_fewer_of_the_same(void **state) {
    (void)state;
    noise_mask(key_of(1, 1, 0), 0.2, UNITS, ROWS, rows, part);
    noise_mask(key_of(1, 1, 0), 0.6, UNITS, ROWS, rows, whole);
    for (size_t i = 0; i < ROWS * UNITS; i++)
        assert_true(part[i] != 0 || whole[i] == 0);
}

/* Correlation of two masks of rate 0.5; chance gives 1 / sqrt(n) = 0.003. */
static double correlation(struct noise_key a, struct noise_key b) {
    double sum = 0;
    noise_mask(a, 0.5, UNITS, ROWS, rows, whole);
    noise_mask(b, 0.5, UNITS, ROWS, rows, part);
    for (size_t i = 0; i < ROWS * UNITS; i++)
        sum += (double)(whole[i] - 1) * (double)(part[i] - 1);
    return sum / (ROWS * UNITS);
}

static void seeds_epochs_and_layers_have_masks_of_their_own(void **state) {
    (void)state;
    assert_true(fabs(correlation(key_of(1, 1, 0), key_of(2, 1, 0))) < 0.012);
    assert_true(fabs(correlation(key_of(1, 1, 0), key_of(1, 2, 0))) < 0.012);
    assert_true(fabs(correlation(key_of(1, 1, 0), key_of(1, 1, 1))) < 0.012);
}

static void units_and_rows_are_not_correlated(void **state) {
    (void)state;
    double units = 0, neighbours = 0;
    noise_mask(key_of(1, 1, 0), 0.5, UNITS, ROWS, rows, whole);
    for (size_t u = 0; u + 1 < UNITS; u++)
        for (size_t i = 0; i + 1 < ROWS; i++) {
            double here = (double)(whole[u * ROWS + i] - 1);
            units += here * (double)(whole[(u + 1) * ROWS + i] - 1);
            neighbours += here * (double)(whole[u * ROWS + i + 1] - 1);
        }
    assert_true(fabs(units) / (ROWS * UNITS) < 0.012);
    assert_true(fabs(neighbours) / (ROWS * UNITS) < 0.012);
}

static void inputs_are_left_out_alike_dense_and_sparse(void **state) {
    (void)state;
    enum { COUNT = 50 };
    struct arena arena = {0};
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < UNITS; j++)
            whole[i * UNITS + j] = (i + j) % 3 ? 0.0F : (float)(i + j + 1);
    struct csr x = inputs_csr(whole, COUNT, UNITS, &arena);
    noise_drop_inputs(key_of(1, 1, 0), 0.3, UNITS, COUNT, rows, whole);
    noise_drop_csr(key_of(1, 1, 0), 0.3, rows, &x);
    memset(part, 0, sizeof part);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t e = x.start[i]; e < x.start[i + 1]; e++)
            part[i * UNITS + x.entry[e].column] = x.entry[e].value;
    assert_memory_equal(part, whole, COUNT * UNITS * sizeof *part);
    arena_close(&arena);
}

static void gaussian_noise_has_the_moments_asked_for(void **state) {
    (void)state;
    double sum = 0, squares = 0, fourth = 0, n = ROWS * (UNITS - 1);
    memset(whole, 0, sizeof whole);
    noise_add_gaussian(key_of(1, 1, 0), 0.5, UNITS - 1, ROWS, rows, whole);
    for (size_t i = 0; i < ROWS * (UNITS - 1); i++) {
        double z = (double)whole[i] / 0.5;
        sum += z;
        squares += z * z;
        fourth += z * z * z * z;
    }
    assert_true(fabs(sum / n) < 4 / sqrt(n));
    assert_true(fabs(squares / n - 1) < 4 * sqrt(2 / n));
    assert_true(fabs(fourth / n - 3) < 4 * sqrt(96 / n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mask_keeps_the_mean),
        cmocka_unit_test(mask_does_not_depend_on_the_minibatch),
        cmocka_unit_test(masks_of_a_lower_rate_leave_out_fewer_of_the_same),
        cmocka_unit_test(seeds_epochs_and_layers_have_masks_of_their_own),
        cmocka_unit_test(units_and_rows_are_not_correlated),
        cmocka_unit_test(inputs_are_left_out_alike_dense_and_sparse),
        cmocka_unit_test(gaussian_noise_has_the_moments_asked_for),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
