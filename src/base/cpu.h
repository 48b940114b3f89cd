/* What the processor is told once: which instruction sets the element-wise loops are built for, and
 * that denormals count as zero.
 *
 * A loop marked EVERY_ISA is compiled for each instruction set and picked when the program starts.
 * Its name is no other's in the program: clang makes a symbol of it that other files see.
 * All versions give the same bits: no contraction to FMA, no reassociation (see numerics.md). */
#ifndef MLPSWEEP_BASE_CPU_H
#define MLPSWEEP_BASE_CPU_H

/* Resolvers run before the sanitizers' runtimes are up. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define MLPSWEEP_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(undefined_behavior_sanitizer)
#define MLPSWEEP_SANITIZED 1
#endif
#endif

#if defined __x86_64__ && defined __gnu_linux__ && !defined MLPSWEEP_SANITIZED
#define EVERY_ISA __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EVERY_ISA
#endif

#define INLINE static inline __attribute__((always_inline))

/** Makes denormals zero in the calling thread. Every computing thread calls this first: a dead
 * unit's Adam state becomes denormal after about a thousand steps, and a step then costs twice. */
void cpu_flush_denormals(void);

#endif
