/* Element-wise functions against the C library in double precision, over floats of every exponent;
 * and a hash of results, the same for all instruction sets and compilers. */
#include "nn/math.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "test.h"

/* The largest relative error of a function over a sweep, and where it is. */
struct worst {
    double error;
    float x;
};

static void note(struct worst *worst, float x, float got, double expected) {
    double error = fabs((double)got - expected) / fabs(expected);
    if (!(error <= worst->error))
        *worst = (struct worst){error, x};
}

static void assert_below(struct worst worst, double bound) {
    if (!(worst.error <= bound))
        fail_msg("error %g at %a, above %g", worst.error, (double)worst.x, bound);
}

enum { MANTISSAS = 4096, EXPONENTS = 255 };

/* Float i of a sweep over every exponent, from denormals to the largest, without sign. */
static float swept(uint32_t exponent, uint32_t mantissa) {
    uint32_t spread = mantissa * (UINT32_C(1) << 23) / MANTISSAS + mantissa * 7 % 2048;
    return float_from_bits(exponent << 23 | (spread & UINT32_C(0x007FFFFF)));
}

static void exp_is_within_its_bound_over_all_floats(void **state) {
    (void)state;
    struct worst worst = {0};
    for (uint32_t e = 0; e < EXPONENTS; e++)
        for (uint32_t m = 0; m < 2 * MANTISSAS; m++) {
            float x = swept(e, m / 2) * (m & 1 ? -1.0F : 1.0F);
            if (x < -87.33F)
                assert_true(math_exp(x) == 0);
            else if (x > 88.72F)
                assert_true(isinf(math_exp(x)));
            else
                note(&worst, x, math_exp(x), exp((double)x));
        }
    for (float x = -87.33F; x <= 88.72F; x += 1.0F / 4096)
        note(&worst, x, math_exp(x), exp((double)x));
    assert_below(worst, 1.2e-7);
}

static void log_is_within_its_bound_over_all_normal_floats(void **state) {
    (void)state;
    struct worst worst = {0};
    for (uint32_t e = 1; e < EXPONENTS; e++)
        for (uint32_t m = 0; m < MANTISSAS; m++) {
            float x = swept(e, m);
            if (x != 1.0F)
                note(&worst, x, math_log(x), log((double)x));
        }
    for (int i = 1; i < 200000; i++) { /* near 1, where the logarithm is small */
        float above = 1.0F + (float)i * FLT_EPSILON, below = 1.0F - (float)i * FLT_EPSILON;
        note(&worst, above, math_log(above), log((double)above));
        note(&worst, below, math_log(below), log((double)below));
    }
    assert_true(math_log(1.0F) == 0);
    assert_below(worst, 1.2e-7);
}

static void tanh_is_within_its_bound_over_all_floats(void **state) {
    (void)state;
    struct worst worst = {0};
    for (uint32_t e = 1; e < EXPONENTS; e++)
        for (uint32_t m = 0; m < 2 * MANTISSAS; m++) {
            float x = swept(e, m / 2) * (m & 1 ? -1.0F : 1.0F);
            note(&worst, x, math_tanh(x), tanh((double)x));
        }
    for (float x = -10; x <= 10; x += 1.0F / 65536)
        if (x != 0)
            note(&worst, x, math_tanh(x), tanh((double)x));
    assert_below(worst, 2e-7);
}

static void erf_is_within_its_bound_over_all_floats(void **state) {
    (void)state;
    struct worst worst = {0};
    for (uint32_t e = 1; e < EXPONENTS; e++)
        for (uint32_t m = 0; m < 2 * MANTISSAS; m++) {
            float x = swept(e, m / 2) * (m & 1 ? -1.0F : 1.0F);
            note(&worst, x, math_erf(x), erf((double)x));
        }
    for (float x = -10; x <= 10; x += 1.0F / 65536)
        if (x != 0)
            note(&worst, x, math_erf(x), erf((double)x));
    assert_below(worst, 2e-7);
}

/* The bound in math.h, 2.4e-7: exp's, and two roundings. */
static void sigmoid_is_as_exact_as_its_exp_allows(void **state) {
    (void)state;
    struct worst worst = {0};
    for (uint32_t e = 0; e < EXPONENTS; e++)
        for (uint32_t m = 0; m < 2 * MANTISSAS; m++) {
            float x = swept(e, m / 2) * (m & 1 ? -1.0F : 1.0F);
            if (x < -88.72F)
                assert_true(math_sigmoid(x) == 0);
            else if (x > -87.0F) /* between the two, the result is denormal */
                note(&worst, x, math_sigmoid(x), 1 / (1 + exp(-(double)x)));
        }
    assert_below(worst, 1.2e-7 + 2 * 0x1p-24);
}

static void sine_and_cosine_are_within_their_bound_over_a_turn(void **state) {
    (void)state;
    const double turn = 6.283185307179586476925;
    double worst = 0;
    for (uint32_t i = 0; i <= 1 << 20; i++) {
        float turns = (float)i * 0x1p-20F, sine, cosine;
        math_sincos(turns, &sine, &cosine);
        worst = fmax(worst, fabs((double)sine - sin(turn * (double)turns)));
        worst = fmax(worst, fabs((double)cosine - cos(turn * (double)turns)));
    }
    if (!(worst <= 1.2e-7))
        fail_msg("error %g", worst);
}

static void nan_goes_in_and_comes_out(void **state) {
    (void)state;
    static const uint32_t nans[] = {0x7FC00000, 0xFFC00000, 0x7F800001, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof nans / sizeof *nans; i++) {
        float x = float_from_bits(nans[i]), sine, cosine;
        math_sincos(x, &sine, &cosine);
        assert_true(isnan(math_exp(x)));
        assert_true(isnan(math_log(x)));
        assert_true(isnan(math_tanh(x)));
        assert_true(isnan(math_erf(x)));
        assert_true(isnan(math_sigmoid(x)));
        assert_true(isnan(sine) && isnan(cosine));
    }
}

static void limits_are_what_they_tend_to(void **state) {
    (void)state;
    const float infinity = float_from_bits(UINT32_C(0x7F800000));
    assert_true(math_exp(infinity) == infinity);
    assert_true(math_exp(-infinity) == 0);
    assert_true(math_exp(0.0F) == 1 && math_exp(-0.0F) == 1);
    assert_true(math_log(infinity) == infinity);
    assert_true(math_log(0.0F) < -80);
    assert_true(math_tanh(infinity) == 1 && math_tanh(-infinity) == -1);
    assert_true(math_tanh(0.0F) == 0 && math_tanh(FLT_MAX) == 1);
    assert_true(math_erf(infinity) == 1 && math_erf(-infinity) == -1);
    assert_true(math_erf(0.0F) == 0 && math_erf(FLT_MAX) == 1);
    assert_true(math_sigmoid(infinity) == 1 && math_sigmoid(-infinity) == 0);
    assert_true(math_sigmoid(0.0F) == 0.5F);
}

static void signs_are_moved_and_nothing_else(void **state) {
    (void)state;
    assert_true(float_abs(-2.5F) == 2.5F && float_abs(2.5F) == 2.5F);
    assert_int_equal(float_bits(float_abs(-0.0F)), 0);
    assert_true(float_signed(2.5F, -1.0F) == -2.5F && float_signed(-2.5F, 1.0F) == 2.5F);
    assert_true(float_signed(2.5F, -0.0F) == -2.5F);
}

enum { INPUTS = 1000000, FUNCTIONS = 7 };

static float inputs[INPUTS], outputs[FUNCTIONS][INPUTS];

/* Finite floats of all sizes and both signs; every second one of the size that nets have. */
static void make_inputs(void) {
    for (uint32_t i = 0; i < INPUTS; i++) {
        uint32_t bits = i * UINT32_C(2654435761);
        bool finite = (bits & UINT32_C(0x7F800000)) != UINT32_C(0x7F800000);
        inputs[i] =
            i % 2 || !finite ? ((float)(bits >> 8) - 0x1p23F) * 0x1p-19F : float_from_bits(bits);
    }
}

#define ALL_FUNCTIONS(i)                                                                           \
    do {                                                                                           \
        float x = inputs[i], size = float_abs(x);                                                  \
        float bounded = size > 1.0F ? 1.0F / size : size;                                          \
        outputs[0][i] = math_exp(x);                                                               \
        outputs[1][i] = math_log(size < FLT_MIN ? FLT_MIN : size);                                 \
        outputs[2][i] = math_tanh(x);                                                              \
        outputs[3][i] = math_sigmoid(x);                                                           \
        math_sincos(bounded, &outputs[4][i], &outputs[5][i]);                                      \
        outputs[6][i] = math_erf(x);                                                               \
    } while (0)

#define LOOP(name, attribute)                                                                      \
    attribute static void name(void) {                                                             \
        for (size_t i = 0; i < INPUTS; i++)                                                        \
            ALL_FUNCTIONS(i);                                                                      \
    }

LOOP(loop_of_every_isa, EVERY_ISA)
LOOP(loop_of_the_default, )
#if defined __x86_64__
LOOP(loop_of_avx2, __attribute__((target("avx2"))))
LOOP(loop_of_avx512, __attribute__((target("avx512f"))))
/* Has FMA at hand, and must not take it. */
LOOP(loop_of_fma, __attribute__((target("avx2,fma"))))
#endif

__attribute__((noinline)) static void one_input(size_t i) {
    ALL_FUNCTIONS(i);
    __asm__ volatile("" ::: "memory"); /* keeps the caller's loop from being made a vector's */
}

static void one_at_a_time(void) {
    for (size_t i = 0; i < INPUTS; i++)
        one_input(i);
}

/* FNV-1a over 64-bit words; the outputs are cleared, so that a loop that does nothing shows. */
static uint64_t hash_after(void (*loop)(void)) {
    memset(outputs, 0, sizeof outputs);
    loop();
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t f = 0; f < FUNCTIONS; f++)
        for (size_t i = 0; i < INPUTS; i++)
            hash = (hash ^ float_bits(outputs[f][i])) * UINT64_C(0x100000001B3);
    return hash;
}

/* Of gcc 12 and clang 14 on x86-64. Another number is another numerics version. */
static const uint64_t golden_hash = UINT64_C(0x7BD55CA495C76BA9);

static void bits_are_those_of_every_compiler_and_level(void **state) {
    (void)state;
    uint64_t hash = hash_after(one_at_a_time);
    if (hash != golden_hash)
        fail_msg("hash is 0x%016llX", (unsigned long long)hash);
}

static void every_instruction_set_gives_the_same_bits(void **state) {
    (void)state;
    uint64_t expected = hash_after(one_at_a_time);
    assert_true(hash_after(loop_of_the_default) == expected);
    assert_true(hash_after(loop_of_every_isa) == expected);
#if defined __x86_64__
    if (__builtin_cpu_supports("avx2"))
        assert_true(hash_after(loop_of_avx2) == expected);
    if (__builtin_cpu_supports("avx512f"))
        assert_true(hash_after(loop_of_avx512) == expected);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        assert_true(hash_after(loop_of_fma) == expected);
#endif
}

static int prepare(void **state) {
    (void)state;
    make_inputs();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_within_its_bound_over_all_floats),
        cmocka_unit_test(log_is_within_its_bound_over_all_normal_floats),
        cmocka_unit_test(tanh_is_within_its_bound_over_all_floats),
        cmocka_unit_test(erf_is_within_its_bound_over_all_floats),
        cmocka_unit_test(sigmoid_is_as_exact_as_its_exp_allows),
        cmocka_unit_test(sine_and_cosine_are_within_their_bound_over_a_turn),
        cmocka_unit_test(nan_goes_in_and_comes_out),
        cmocka_unit_test(limits_are_what_they_tend_to),
        cmocka_unit_test(signs_are_moved_and_nothing_else),
        cmocka_unit_test(bits_are_those_of_every_compiler_and_level),
        cmocka_unit_test(every_instruction_set_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
