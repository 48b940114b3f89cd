/* Sums, bit for bit against additions one after another in the order that reduce.h states, with
 * each instruction set that this processor has. */
#include "nn/reduce.h"

#include <math.h>
#include <stdint.h>

#include "test.h"

enum { LENGTH_MAX = 200 };

static float values[LENGTH_MAX];

/* Sizes so far apart that another order of additions gives other bits. */
static int prepare(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LENGTH_MAX; i++) {
        uint32_t word = (i + 1) * UINT32_C(2654435761);
        values[i] = ldexpf((float)(word >> 8) - 0x1p23F, (int)(word % 20) - 30);
    }
    return 0;
}

/* Element i goes to lane i % 16; then the upper half of the lanes is added to the lower. */
static float sum_in_lanes(const float *x, size_t n) {
    volatile float lane[REDUCE_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % REDUCE_LANES] = lane[i % REDUCE_LANES] + x[i];
    for (size_t width = REDUCE_LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++)
            lane[l] = lane[l] + lane[l + width];
    return lane[0];
}

#define SUM(name, attribute)                                                                       \
    attribute static float name(const float *x, size_t n) {                                        \
        return reduce_sum(x, n);                                                                   \
    }

SUM(sum_of_every_isa, EVERY_ISA)
#if defined __x86_64__
SUM(sum_of_avx2, __attribute__((target("avx2"))))
SUM(sum_of_avx512, __attribute__((target("avx512f"))))
#endif

static void assert_sums_in_lanes(float (*sum)(const float *x, size_t n)) {
    for (size_t n = 0; n <= LENGTH_MAX - 3; n++)
        for (size_t from = 0; from < 3; from++) { /* aligned and not */
            float got = sum(values + from, n), expected = sum_in_lanes(values + from, n);
            assert_memory_equal(&got, &expected, sizeof got);
        }
}

static void sum_has_the_bits_of_its_fixed_order_on_every_instruction_set(void **state) {
    (void)state;
    assert_sums_in_lanes(sum_of_every_isa);
#if defined __x86_64__
    if (__builtin_cpu_supports("avx2"))
        assert_sums_in_lanes(sum_of_avx2);
    if (__builtin_cpu_supports("avx512f"))
        assert_sums_in_lanes(sum_of_avx512);
#endif
}

static void squares_are_summed_in_double_precision(void **state) {
    (void)state;
    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        double expected = 0;
        for (size_t i = 0; i < n; i++)
            expected += (double)values[i] * (double)values[i];
        assert_true(fabs(reduce_squares(values, n) - expected) <= 1e-14 * expected);
    }
}

static void any_positive_is_found_wherever_it_stands(void **state) {
    (void)state;
    for (size_t n = 1; n < 70; n++)
        for (size_t at = 0; at < n; at++) {
            float x[70];
            for (size_t i = 0; i < n; i++)
                x[i] = i % 3 ? -1.0F : 0.0F;
            assert_false(reduce_any_positive(x, n));
            x[at] = 0x1p-126F;
            assert_true(reduce_any_positive(x, n));
            assert_false(reduce_any_positive(x, at));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sum_has_the_bits_of_its_fixed_order_on_every_instruction_set),
        cmocka_unit_test(squares_are_summed_in_double_precision),
        cmocka_unit_test(any_positive_is_found_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
