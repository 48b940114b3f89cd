#include "base/csr.h"

#include <string.h>

struct csr csr_create(size_t rows_max, size_t columns, size_t entries_max, struct arena *arena) {
    return (struct csr){
        .columns = columns,
        .start =
            arena_alloc(arena, rows_max + 2, sizeof(size_t)), /* csr_transpose needs one more */
        .entry = arena_alloc(arena, entries_max + CSR_SPARE, sizeof(struct csr_entry)),
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
        to->start[from->entry[e].column + 2]++;
    for (size_t c = 2; c < to->rows + 2; c++)
        to->start[c] += to->start[c - 1];
    for (size_t r = 0; r < from->rows; r++)
        for (size_t e = from->start[r]; e < from->start[r + 1]; e++) {
            size_t at = to->start[from->entry[e].column + 1]++;
            to->entry[at] = (struct csr_entry){(uint32_t)r, from->entry[e].value};
        }
}

/* Where the columns from `limit` on begin: bisection without a branch that depends on the data. */
static size_t find_column(const struct csr_entry *entry, size_t from, size_t to, uint32_t limit) {
    size_t n = to - from;
    for (; n > 1; n -= n / 2)
        from += entry[from + n / 2 - 1].column < limit ? n / 2 : 0;
    return from + (n && entry[from].column < limit);
}

void csr_cut(const struct csr *matrix, size_t step, size_t *cut) {
    const size_t *start = matrix->start;
    memcpy(cut, start, matrix->rows * sizeof *cut);
    for (size_t column = step; column < matrix->columns; column += step) {
        cut += matrix->rows;
        for (size_t r = 0; r < matrix->rows; r++)
            cut[r] = find_column(matrix->entry, start[r], start[r + 1], (uint32_t)column);
    }
    memcpy(cut + matrix->rows, start + 1, matrix->rows * sizeof *cut);
}
