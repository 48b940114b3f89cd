/* Square roots of sixteen floats by multiply-adds. They are correctly rounded: the bits of sqrtf.
 *
 * Intel's processors have one divider for roots and quotients, and Adam takes both of each
 * parameter: with roots beside it the divider has half the work. */
#ifndef MLPSWEEP_NN_ROOT_H
#define MLPSWEEP_NN_ROOT_H

#if defined __x86_64__

#include <immintrin.h>
#include <stdbool.h>

#define ROOT_TARGET __attribute__((target("avx512f")))

/** Whether this processor has root_of, and is quicker by it. */
static inline bool root_is_quicker(void) {
    return __builtin_cpu_is("intel") && __builtin_cpu_supports("avx512f");
}

/** The square roots of x: Goldschmidt's iteration from an estimate of 14 bits, then g + h (x - g
 * g), whose difference is exact (Markstein 1990). It is for what is 0, or at least 2^-78 and
 * finite; where a lane is not, the processor's own. tests/nn/test_root.c tries every float. */
ROOT_TARGET static inline __m512 root_of(__m512 x) {
    const __m512i low = _mm512_set1_epi32(0x18800000), infinity = _mm512_set1_epi32(0x7F800000);
    const __m512 half = _mm512_set1_ps(0.5F);
    __m512i bits = _mm512_castps_si512(x);
    __mmask16 zero = _mm512_testn_epi32_mask(bits, bits);
    __mmask16 usual =
        _mm512_cmplt_epu32_mask(_mm512_sub_epi32(bits, low), _mm512_sub_epi32(infinity, low));
    if ((zero | usual) != 0xFFFF)
        return _mm512_sqrt_ps(x);
    __m512 y = _mm512_maskz_rsqrt14_ps(usual, x);
    __m512 g = _mm512_mul_ps(x, y), h = _mm512_mul_ps(half, y);
    __m512 r = _mm512_fnmadd_ps(g, h, half);
    g = _mm512_fmadd_ps(g, r, g);
    h = _mm512_fmadd_ps(h, r, h);
    return _mm512_fmadd_ps(h, _mm512_fnmadd_ps(g, g, x), g);
}

#endif

#endif
