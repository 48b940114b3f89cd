/* Sums in 16 fixed lanes, then a fixed tree: the order of additions, and so the bits, depend on the
 * length alone and on no instruction set. */
#ifndef MLPSWEEP_NN_LANES_H
#define MLPSWEEP_NN_LANES_H

#include "base/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { LANES = 16 };

typedef float lane_floats __attribute__((vector_size(LANES * sizeof(float))));

INLINE float lanes_total(const float lane[LANES]) {
    float sum[LANES];
    memcpy(sum, lane, sizeof sum);
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++)
            sum[l] += sum[l + width];
    return sum[0];
}

/** Sum of x [n]. */
INLINE float lanes_sum(const float *x, size_t n) {
    lane_floats sum = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        lane_floats block;
        memcpy(&block, x + i, sizeof block);
        sum += block;
    }
    float lane[LANES];
    memcpy(lane, &sum, sizeof lane);
    for (size_t l = 0; i + l < n; l++)
        lane[l] += x[i + l];
    return lanes_total(lane);
}

/** Whether some x [n] is above 0. */
INLINE bool lanes_any_positive(const float *x, size_t n) {
    int any = 0;
    for (size_t i = 0; i < n; i++)
        any |= x[i] > 0.0F;
    return any != 0;
}

/** Sum of squares of x [n], in double precision. */
INLINE double lanes_squares(const float *x, size_t n) {
    double lane[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % LANES] += (double)x[i] * (double)x[i];
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++)
            lane[l] += lane[l + width];
    return lane[0];
}

#endif
