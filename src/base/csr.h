/* Matrices in compressed sparse rows: of each row only what is not 0, with the columns where it
 * stands. */
#ifndef MLPSWEEP_BASE_CSR_H
#define MLPSWEEP_BASE_CSR_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/** Row r is column and value from start[r] to start[r + 1]; columns rise within a row. */
struct csr {
    size_t rows, columns;
    size_t *start;
    uint32_t *column;
    float *value;
};

/** An empty matrix with room for so many rows and entries.
 *
 * Owns: arrays live in the arena. */
struct csr csr_create(size_t rows_max, size_t columns, size_t entries_max, struct arena *arena);

/** Shapes: from [rows x columns] -> to [columns x rows].
 *
 * Needs: to has room for from's columns and entries. */
void csr_transpose(const struct csr *from, struct csr *to);

#endif
