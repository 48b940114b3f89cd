/* Matrices in compressed sparse rows (CSR): the entries that are not 0, row by row, each with its
 * column. */
#ifndef MLPSWEEP_BASE_CSR_H
#define MLPSWEEP_BASE_CSR_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/** Both stand side by side: sorting entries by column moves them with one store each. */
struct csr_entry {
    uint32_t column;
    float value;
};

/** A matrix [rows x columns]. The entries of row r are entry[e] for start[r] <= e < start[r + 1];
 * columns rise within a row. */
struct csr {
    size_t rows, columns;
    size_t *start;           /* [rows + 1], from 0 */
    struct csr_entry *entry; /* [start[rows]] */
};

/** Entries that there is room for beyond the last one, so that entries can be copied as
 * whole vectors of so many. */
enum { CSR_SPARE = 16 };

/** A matrix without rows that has room for rows_max rows and entries_max entries.
 *
 * Owns: arrays live in the arena. */
struct csr csr_create(size_t rows_max, size_t columns, size_t entries_max, struct arena *arena);

/** The transposed matrix: its rows are the compressed sparse columns (CSC) of `from`.
 *
 * Shapes: from [rows x columns] -> to [columns x rows], overwritten.
 * Needs:  `to` was created with room for from's columns as rows and for its entries. */
void csr_transpose(const struct csr *from, struct csr *to);

/** Cuts the columns into blocks of `step`: cut[b * rows + r] is the first entry of row r with a
 * column of at least b * step, and the row's end for the last b.
 *
 * Shapes: cut [(blocks + 1) x rows], with blocks = columns / step, rounded up. */
void csr_cut(const struct csr *matrix, size_t step, size_t *cut);

#endif
