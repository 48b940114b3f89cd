#include "nn/panel.h"

#include <math.h>
#include <string.h>

/* Loops over vectors are unrolled whole, or sums would be memory; not where each access is checked
 * (CMakeLists.txt), which would make of one line some thousand. */
#if defined PANEL_IS_CHECKED
#define UNROLL
#elif defined __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* Keeps a vector in a register, or it would be loaded anew for each row that it serves; and a
 * pointer, or it would be computed anew for each vector that it points to. */
#if defined __x86_64__
#define HOLD(vector) __asm__("" : "+v"(vector))
#define HOLD_POINTER(pointer) __asm__("" : "+r"(pointer))
#else
#define HOLD(vector) ((void)(vector))
#define HOLD_POINTER(pointer) ((void)(pointer))
#endif

#if defined __x86_64__

#include <immintrin.h>

static bool avx512_is_supported(void) {
    return __builtin_cpu_supports("avx512f") != 0;
}

static bool avx2_is_supported(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#define KERNEL(name) avx512_##name
#define TARGET __attribute__((target("avx512f")))
#define VECTOR __m512
#define LANES 16
#define REGISTERS 32
#define MULTIPLY_ADD(x, w, sum) _mm512_fmadd_ps(x, w, sum)
#include "nn/panel_kernel.h"

#define KERNEL(name) avx2_##name
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR __m256
#define LANES 8
#define REGISTERS 16
#define MULTIPLY_ADD(x, w, sum) _mm256_fmadd_ps(x, w, sum)
#include "nn/panel_kernel.h"

#endif

typedef float portable_vector __attribute__((vector_size(16)));

#ifdef FP_FAST_FMAF
enum { PORTABLE_IS_FUSED = true };

static inline portable_vector multiply_add(portable_vector x, portable_vector w,
                                           portable_vector sum) {
    for (int l = 0; l < 4; l++)
        sum[l] = fmaf(x[l], w[l], sum[l]);
    return sum;
}
#else
enum { PORTABLE_IS_FUSED = false };

static inline portable_vector multiply_add(portable_vector x, portable_vector w,
                                           portable_vector sum) {
    return x * w + sum;
}
#endif

static bool portable_is_supported(void) {
    return true;
}

#define KERNEL(name) portable_##name
#define TARGET
#define VECTOR portable_vector
#define LANES 4
#define REGISTERS 16
#define MULTIPLY_ADD(x, w, sum) multiply_add(x, w, sum)
#include "nn/panel_kernel.h"

static const struct panel_kernel kernels[] = {
#if defined __x86_64__
    {"AVX-512", 16, true, avx512_is_supported, avx512_multiply, avx512_multiply_dense},
    {"AVX2", 8, true, avx2_is_supported, avx2_multiply, avx2_multiply_dense},
#endif
    {"portable", 4, PORTABLE_IS_FUSED, portable_is_supported, portable_multiply,
     portable_multiply_dense},
};

size_t panel_count(const struct panel_kernel *kernel, size_t n) {
    return quotient_up(quotient_up(n, kernel->lanes), PANEL_VECTORS);
}

struct panel_columns panel_at(const struct panel_kernel *kernel, size_t n, size_t panels,
                              size_t p) {
    size_t vectors = quotient_up(n, kernel->lanes);
    size_t from = vectors * p / panels, to = vectors * (p + 1) / panels;
    return (struct panel_columns){.from = from * kernel->lanes,
                                  .to = least(to * kernel->lanes, n),
                                  .vectors = to - from,
                                  .lanes = (to - from) * kernel->lanes};
}

const struct panel_kernel *panel_kernel(size_t i) {
    return i < sizeof kernels / sizeof *kernels ? &kernels[i] : NULL;
}

const struct panel_kernel *panel_kernel_here(void) {
    size_t i = 0;
    while (!kernels[i].is_supported())
        i++;
    return &kernels[i];
}

static size_t lanes_for(const struct panel_kernel *kernel, size_t units) {
    return quotient_up(units, kernel->lanes) * kernel->lanes;
}

const struct panel_kernel *panel_kernel_for(size_t units) {
    const struct panel_kernel *here = panel_kernel_here(), *best = here;
    for (const struct panel_kernel *it = here; it < kernels + sizeof kernels / sizeof *kernels;
         it++)
        if (it->is_supported() && it->is_fused == here->is_fused &&
            units <= PANEL_NARROW * it->lanes && lanes_for(it, units) < lanes_for(best, units))
            best = it;
    return best;
}
