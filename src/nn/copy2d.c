#include "nn/copy2d.h"

#include "base/cpu.h"

#include <string.h>

/* n columns of each row, a constant: one move or a few. */
INLINE void copy_columns(const float *restrict from, size_t from_stride, float *restrict to,
                         size_t to_stride, size_t rows, size_t n) {
    for (size_t r = 0; r < rows; r++)
        memcpy(to + r * to_stride, from + r * from_stride, n * sizeof *to);
}

EVERY_ISA static void copy(const float *restrict from, size_t from_stride, float *restrict to,
                           size_t to_stride, size_t rows, size_t columns) {
    size_t c = 0;
    for (; c + 16 <= columns; c += 16)
        copy_columns(from + c, from_stride, to + c, to_stride, rows, 16);
    for (; c + 4 <= columns; c += 4)
        copy_columns(from + c, from_stride, to + c, to_stride, rows, 4);
    for (; c < columns; c++)
        copy_columns(from + c, from_stride, to + c, to_stride, rows, 1);
}

typedef float eight __attribute__((vector_size(8 * sizeof(float))));

#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

/* An 8 x 8 tile: pairs, then quarters, then halves change places. */
INLINE void transpose_tile(const float *from, size_t from_stride, float *to, size_t to_stride) {
    eight a[8], b[8];
    for (size_t i = 0; i < 8; i++)
        memcpy(&a[i], from + i * from_stride, sizeof *a);
    for (size_t i = 0; i < 8; i += 2) {
        b[i] = SHUFFLE(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        b[i + 1] = SHUFFLE(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (size_t i = 0; i < 8; i++) {
        size_t pair = i & ~(size_t)2;
        a[i] = i & 2 ? SHUFFLE(b[pair], b[pair + 2], 2, 3, 10, 11, 6, 7, 14, 15)
                     : SHUFFLE(b[pair], b[pair + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    }
    for (size_t i = 0; i < 8; i++) {
        size_t pair = i & ~(size_t)4;
        b[i] = i & 4 ? SHUFFLE(a[pair], a[pair + 4], 4, 5, 6, 7, 12, 13, 14, 15)
                     : SHUFFLE(a[pair], a[pair + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        memcpy(to + i * to_stride, &b[i], sizeof *b);
    }
}

EVERY_ISA static void transpose(const float *restrict from, size_t from_stride, size_t rows,
                                size_t columns, float *restrict to, size_t to_stride) {
    size_t whole_rows = rows / 8 * 8, whole_columns = columns / 8 * 8;
    for (size_t c = 0; c < whole_columns; c += 8)
        for (size_t r = 0; r < whole_rows; r += 8)
            transpose_tile(from + r * from_stride + c, from_stride, to + c * to_stride + r,
                           to_stride);
    for (size_t c = 0; c < columns; c++)
        for (size_t r = c < whole_columns ? whole_rows : 0; r < rows; r++)
            to[c * to_stride + r] = from[r * from_stride + c];
}

void copy2d(const float *from, size_t from_stride, float *to, size_t to_stride, size_t rows,
            size_t columns) {
    copy(from, from_stride, to, to_stride, rows, columns);
}

void copy2d_transposed(const float *from, size_t from_stride, size_t rows, size_t columns,
                       float *to, size_t to_stride) {
    transpose(from, from_stride, rows, columns, to, to_stride);
}
