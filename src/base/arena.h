/* Lifetimes: everything of one command, cohort or batch is given back at once.
 *
 * Memory comes zeroed and aligned to a cache line. Running out of memory ends the program here and
 * nowhere else, so that no caller has a branch for it. */
#ifndef MLPSWEEP_BASE_ARENA_H
#define MLPSWEEP_BASE_ARENA_H

#include "base/error.h"

struct arena_block;

/** Start from {0}, end with arena_close. Not to be shared by threads. */
struct arena {
    struct arena_block *last;
};

/** count * size zeroed bytes, aligned to 64. Never NULL; a product that overflows is out of memory.
 */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/** Room for one more element in an array of `count`: doubles the capacity when it is used up.
 *
 * Owns: the result replaces `array`; the old one stays in the arena. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size);

/** A copy of `length` bytes with a NUL behind them. */
char *arena_text(struct arena *arena, const char *text, size_t length);
/** The formatted text. */
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/** Frees everything that was allocated from it; it may be used again. */
void arena_close(struct arena *arena);

/** Says so on standard error and ends the program with status 1. */
_Noreturn void out_of_memory(void);

#endif
