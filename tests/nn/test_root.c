/* Roots by multiply-adds against the processor's own, for every float. */
#include "nn/root.h"

#include <math.h>
#include <stdint.h>

#include "test.h"

#if defined __x86_64__

/* Sixteen neighbours at a time, of all floats that there are. */
ROOT_TARGET static void compare_all(void) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t bits = 0;
    do {
        __m512 x = _mm512_castsi512_ps(_mm512_add_epi32(_mm512_set1_epi32((int)bits), lanes));
        __m512i got = _mm512_castps_si512(root_of(x));
        if (_mm512_cmpneq_epi32_mask(got, _mm512_castps_si512(_mm512_sqrt_ps(x))))
            fail_msg("among the 16 floats from bits %#x on", bits);
        bits += 16;
    } while (bits);
}

/* Zeros, and what root_of is not for, beside others. */
ROOT_TARGET static void compare_mixed(void) {
    static const float others[] = {0, 0x1p-78F, 0x1p-79F, 0x1p-149F, 0x1p127F, HUGE_VALF, -1};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        __m512 x = _mm512_mask_blend_ps(0x0110, _mm512_set1_ps(2), _mm512_set1_ps(others[i]));
        __m512i got = _mm512_castps_si512(root_of(x));
        assert_false(_mm512_cmpneq_epi32_mask(got, _mm512_castps_si512(_mm512_sqrt_ps(x))));
    }
}

/* Processors without AVX-512, and others than Intel's, never come here. */
static void every_root_is_that_of_the_processor(void **state) {
    (void)state;
    if (!root_is_quicker())
        return;
    compare_all();
    compare_mixed();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_root_is_that_of_the_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void) {
    return 0;
}

#endif
