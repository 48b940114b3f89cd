/* exp, log, tanh, erf, sine and cosine on floats: branch-free, so that loops over them vectorize,
 * and with the same bits on every instruction set, compiler and optimization level.
 *
 * Only +, -, *, /, comparisons and bit patterns are used, and contraction to FMA is off, so a lane
 * of a vector computes what a scalar computes. NaN goes in and comes out. Errors are the largest
 * relative ones found over the whole range (tests/nn/test_math.c): exp 1.2e-7, log 1.2e-7,
 * tanh 2e-7, sigmoid 2.4e-7, erf 2e-7; sine and cosine 1.2e-7 absolute.
 * Source: argument reductions and most coefficients follow Moshier's Cephes library. */
#ifndef MLPSWEEP_NN_MATH_H
#define MLPSWEEP_NN_MATH_H

#include "base/cpu.h"

#include <stdint.h>
#include <string.h>

/** The bits of a float, and back. */
INLINE uint32_t float_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE float float_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

INLINE float float_abs(float x) {
    return float_from_bits(float_bits(x) & UINT32_C(0x7FFFFFFF));
}

/* |x| with the sign of s */
INLINE float float_signed(float x, float s) {
    return float_from_bits((float_bits(x) & UINT32_C(0x7FFFFFFF)) |
                           (float_bits(s) & UINT32_C(0x80000000)));
}

/** e^x; 0 below -87.33, where floats end, and infinite above 88.72. */
INLINE float math_exp(float x) {
    const float shift = 12582912.0F; /* 1.5 * 2^23: adding it rounds to a whole number */
    float low = x < -87.33F ? -87.33F : x;
    float bounded = low > 88.72F ? 88.72F : low;
    float shifted = bounded * 1.44269504F + shift;
    float n = shifted - shift;
    float r = bounded - n * 0.693359375F;
    r = r + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r + 1.0F;
    /* 2^n in two factors, so that n = 128 does not overflow on the way */
    uint32_t whole = float_bits(shifted) - float_bits(shift);
    uint32_t half = (uint32_t)((int32_t)whole >> 1);
    float result = p * float_from_bits((half + 127) << 23);
    result = result * float_from_bits((whole - half + 127) << 23);
    result = x < -87.33F ? 0.0F : result;
    return x > 88.72F ? float_from_bits(UINT32_C(0x7F800000)) : result;
}

/** Natural logarithm. Needs: a positive, normal x (0 gives a large negative number). */
INLINE float math_log(float x) {
    uint32_t bits = float_bits(x);
    uint32_t offset = bits - UINT32_C(0x3F3504F3); /* mantissa into sqrt(1/2)..sqrt(2) */
    float exponent = (float)((int32_t)offset >> 23);
    float m = float_from_bits((offset & UINT32_C(0x007FFFFF)) + UINT32_C(0x3F3504F3)) - 1.0F;
    float p = 7.0376836292e-2F;
    p = p * m - 1.1514610310e-1F;
    p = p * m + 1.1676998740e-1F;
    p = p * m - 1.2420140846e-1F;
    p = p * m + 1.4249322787e-1F;
    p = p * m - 1.6668057665e-1F;
    p = p * m + 2.0000714765e-1F;
    p = p * m - 2.4999993993e-1F;
    p = p * m + 3.3333331174e-1F;
    float square = m * m;
    float y = p * m * square;
    y = y - exponent * 2.12194440e-4F;
    y = y - 0.5F * square;
    float result = (m + y) + exponent * 0.693359375F;
    result = bits >= UINT32_C(0x7F800000) ? x : result; /* infinity and NaN stay */
    return result;
}

/** Hyperbolic tangent. */
INLINE float math_tanh(float x) {
    float size = float_abs(x);
    float square = x * x;
    float p = -5.70498872745e-3F;
    p = p * square + 2.06390887954e-2F;
    p = p * square - 5.37397155531e-2F;
    p = p * square + 1.33314422036e-1F;
    p = p * square - 3.33332819422e-1F;
    float near = p * square * x + x;
    float far = 1.0F - 2.0F / (math_exp(2.0F * size) + 1.0F);
    return size < 0.625F ? near : float_signed(far, x);
}

/** e^x - 1 for x <= 0, where it has no cancellation. */
INLINE float math_expm1_negative(float x) {
    float half = math_tanh(0.5F * x);
    return 2.0F * half / (1.0F - half);
}

/** log(1 + x) for x in 0..1, to the last digits where x is small.
 *
 * Source: W. Kahan's correction of the logarithm of a rounded sum. */
INLINE float math_log1p_small(float x) {
    float sum = 1.0F + x, rounded = sum - 1.0F;
    float corrected = math_log(sum) * (x / rounded);
    return rounded == 0.0F ? x : corrected;
}

/** Error function.
 *
 * Source: minimax polynomials by N. Juffa; beyond 0.93 one for log(1 - erf(x)). */
INLINE float math_erf(float x) {
    float size = float_abs(x), square = x * x;
    float q = -1.72853470e-5F * size + 3.83197126e-4F;
    q = q * square + (-3.88396438e-3F * size + 2.42546219e-2F);
    q = q * size - 1.06777877e-1F;
    q = q * size - 6.34846687e-1F;
    q = q * size - 1.28717512e-1F;
    float far = 1.0F - math_exp(q * size - size);
    float p = -5.96761703e-4F;
    p = p * square + 4.99119423e-3F;
    p = p * square - 2.67681349e-2F;
    p = p * square + 1.12819925e-1F;
    p = p * square - 3.76125336e-1F;
    p = p * square + 1.28379166e-1F;
    float near = p * x + x;
    float result = size > 0.927734375F ? float_signed(far, x) : near;
    return size > 4.0F ? float_signed(1.0F, x) : result;
}

/** Logistic function 1 / (1 + e^-x). */
INLINE float math_sigmoid(float x) {
    return 1.0F / (1.0F + math_exp(-x));
}

/** Sine and cosine of 2*pi*turns, for turns in 0..1. */
INLINE void math_sincos(float turns, float *sine, float *cosine) {
    const float shift = 12582912.0F;
    float shifted = 4.0F * turns + shift;
    uint32_t quarter = float_bits(shifted);
    float r = (4.0F * turns - (shifted - shift)) * 1.57079633F;
    float square = r * r;
    float s = -1.9515295891e-4F;
    s = s * square + 8.3321608736e-3F;
    s = s * square - 1.6666654611e-1F;
    s = s * square * r + r;
    float c = 2.443315711809948e-5F;
    c = c * square - 1.388731625493765e-3F;
    c = c * square + 4.166664568298827e-2F;
    c = c * square * square - 0.5F * square + 1.0F;
    float a = quarter & 1 ? c : s;
    float b = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -a : a;
    *cosine = (quarter + 1) & 2 ? -b : b;
}

/** base^n by squaring: libm's pow changes bits between processors. */
static inline double math_power(double base, uint64_t n) {
    double result = 1;
    for (; n; n >>= 1) {
        if (n & 1)
            result *= base;
        base *= base;
    }
    return result;
}

#endif
