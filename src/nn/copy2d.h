/* Copies blocks of matrices: as they are, or transposed. A stride is how many floats a row begins
 * after the one before it. */
#ifndef MLPSWEEP_NN_COPY2D_H
#define MLPSWEEP_NN_COPY2D_H

#include <stddef.h>

/** Shapes: from [rows x columns] -> to [rows x columns]; they do not overlap. */
void copy2d(const float *from, size_t from_stride, float *to, size_t to_stride, size_t rows,
            size_t columns);

/** Shapes: from [rows x columns] -> to [columns x rows]; they do not overlap. */
void copy2d_transposed(const float *from, size_t from_stride, size_t rows, size_t columns,
                       float *to, size_t to_stride);

#endif
