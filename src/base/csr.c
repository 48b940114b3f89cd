#include "base/csr.h"

#include <string.h>

struct csr csr_create(size_t rows_max, size_t columns, size_t entries_max, struct arena *arena) {
    return (struct csr){
        .columns = columns,
        .start =
            arena_alloc(arena, rows_max + 2, sizeof(size_t)), /* csr_transpose needs one more */
        .column = arena_alloc(arena, entries_max + CSR_SPARE, sizeof(uint32_t)),
        .value = arena_alloc(arena, entries_max + CSR_SPARE, sizeof(float)),
    };
}

/* A counting sort by column. While entries are copied, start[c + 1] is where the next entry of
 * column c goes; after the last one it is where column c + 1 begins. */
void csr_transpose(const struct csr *from, struct csr *to) {
    size_t entries = from->start[from->rows];
    to->rows = from->columns;
    to->columns = from->rows;
    memset(to->start, 0, (to->rows + 2) * sizeof *to->start);
    for (size_t e = 0; e < entries; e++)
        to->start[from->column[e] + 2]++;
    for (size_t c = 2; c < to->rows + 2; c++)
        to->start[c] += to->start[c - 1];
    for (size_t r = 0; r < from->rows; r++)
        for (size_t e = from->start[r]; e < from->start[r + 1]; e++) {
            size_t at = to->start[from->column[e] + 1]++;
            to->column[at] = (uint32_t)r;
            to->value[at] = from->value[e];
        }
}
