#define _DEFAULT_SOURCE /* madvise */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct arena_block {
    struct arena_block *previous;
    size_t used, size;
};

enum { ALIGNMENT = 64, HEADER = ALIGNMENT, FIRST_BLOCK = 1 << 16, LARGE_PAGE = 1 << 21 };
_Static_assert(sizeof(struct arena_block) <= HEADER, "a block begins with its header");

_Noreturn void out_of_memory(void) {
    static const char message[] = "mlpsweep: error: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(ERROR_FAILED);
}

static size_t round_up(size_t bytes, size_t step) {
    if (bytes > SIZE_MAX - 2 * step)
        out_of_memory();
    return (bytes + step - 1) / step * step;
}

/* Large blocks are asked for in large pages: what is read in random order, as rows of a data set
 * and weights of inputs are, would lie in more small pages than the processor knows the addresses
 * of. */
static struct arena_block *alloc_block(size_t bytes) {
    bool is_large = bytes > LARGE_PAGE / 2;
    struct arena_block *block = is_large ? aligned_alloc(LARGE_PAGE, round_up(bytes, LARGE_PAGE))
                                         : aligned_alloc(ALIGNMENT, bytes);
    if (!block)
        out_of_memory();
#ifdef MADV_HUGEPAGE
    if (is_large)
        madvise(block, bytes < LARGE_PAGE ? LARGE_PAGE : bytes / LARGE_PAGE * LARGE_PAGE,
                MADV_HUGEPAGE);
#endif
    *block = (struct arena_block){.used = HEADER, .size = bytes};
    return block;
}

/* A new block with room for so many bytes. Blocks double up to a large page. What takes more than
 * half of one has a block of its own, behind the one that is being filled. */
static struct arena_block *add_block(struct arena *arena, size_t bytes) {
    struct arena_block *last = arena->last;
    bool is_alone = bytes > LARGE_PAGE / 2;
    size_t room = last ? 2 * last->size : FIRST_BLOCK;
    while (room < HEADER + bytes && room < LARGE_PAGE)
        room *= 2;
    if (is_alone)
        room = HEADER + bytes;
    else if (room > LARGE_PAGE)
        room = LARGE_PAGE;
    struct arena_block *block = alloc_block(room);
    struct arena_block **place = is_alone && last ? &last->previous : &arena->last;
    block->previous = *place;
    return *place = block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    bytes = round_up(bytes, ALIGNMENT);
    struct arena_block *block = arena->last;
    if (!block || block->size - block->used < bytes)
        block = add_block(arena, bytes);
    void *result = (char *)block + block->used;
    block->used += bytes;
    return memset(result, 0, bytes);
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return array;
    size_t larger = *capacity ? *capacity * 2 : 8;
    void *result = arena_alloc(arena, larger, size);
    if (count)
        memcpy(result, array, count * size);
    *capacity = larger;
    return result;
}

char *arena_text(struct arena *arena, const char *text, size_t length) {
    char *result = arena_alloc(arena, length + 1, 1);
    memcpy(result, text, length);
    return result;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    char usual[256]; /* most texts are short: they are formatted once */
    va_list list;
    va_start(list, format);
    int length = vsnprintf(usual, sizeof usual, format, list);
    va_end(list);
    if (length < 0)
        out_of_memory();
    if ((size_t)length < sizeof usual)
        return arena_text(arena, usual, (size_t)length);
    char *result = arena_alloc(arena, (size_t)length + 1, 1);
    va_start(list, format);
    vsnprintf(result, (size_t)length + 1, format, list);
    va_end(list);
    return result;
}

void arena_close(struct arena *arena) {
    for (struct arena_block *block = arena->last; block;) {
        struct arena_block *previous = block->previous;
        free(block);
        block = previous;
    }
    arena->last = NULL;
}
