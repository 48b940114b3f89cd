#include "base/cpu.h"

#include <stdint.h>

#if defined __SSE2__
#include <immintrin.h>

void cpu_flush_denormals(void) {
    enum { DENORMALS_ARE_ZERO = 0x0040, FLUSH_TO_ZERO = 0x8000 };
    _mm_setcsr(_mm_getcsr() | DENORMALS_ARE_ZERO | FLUSH_TO_ZERO);
}
#elif defined __aarch64__
void cpu_flush_denormals(void) {
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | UINT64_C(1) << 24));
}
#else
void cpu_flush_denormals(void) {
}
#endif
