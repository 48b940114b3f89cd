#define _DEFAULT_SOURCE /* madvise */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ALIGNMENT = 64, BLOCK_BYTES = 1 << 16 };

struct arena_block {
    struct arena_block *previous;
    size_t used, size;
};

_Noreturn void out_of_memory(void) {
    static const char message[] = "mlpsweep: error: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(ERROR_FAILED);
}

static size_t round_up(size_t bytes) {
    if (bytes > SIZE_MAX - (size_t)2 * ALIGNMENT)
        out_of_memory();
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* A large block is asked for in large pages: the rows of a data set are read in random order, and
 * few of its small pages would be among those that the processor knows the addresses of. */
static void *alloc_block(size_t bytes) {
    const size_t large = (size_t)8 << 20, page = (size_t)2 << 20;
    if (bytes < large)
        return aligned_alloc(ALIGNMENT, bytes);
    void *block = aligned_alloc(page, (bytes + page - 1) / page * page);
#ifdef MADV_HUGEPAGE
    if (block)
        madvise(block, bytes / page * page, MADV_HUGEPAGE);
#endif
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    bytes = round_up(bytes);
    struct arena_block *block = arena->last;
    if (!block || block->size - block->used < bytes) {
        size_t header = round_up(sizeof *block);
        size_t room = bytes + header < BLOCK_BYTES ? BLOCK_BYTES : bytes + header;
        block = alloc_block(round_up(room));
        if (!block)
            out_of_memory();
        *block = (struct arena_block){.previous = arena->last, .used = header, .size = room};
        arena->last = block;
    }
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
