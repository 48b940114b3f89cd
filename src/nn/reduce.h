/* Sums in 16 fixed lanes, then a fixed tree: the order of additions, and so the bits, depend on the
 * length alone and on no instruction set. */
#ifndef MLPSWEEP_NN_REDUCE_H
#define MLPSWEEP_NN_REDUCE_H

#include "base/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Partial sums side by side. */
enum { REDUCE_LANES = 16 };

/* Half of the lanes: operations on it act on each lane alone. A vector of all of them is taken to
 * pieces by compilers where there is no AVX-512. */
typedef float reduce_half __attribute__((vector_size(REDUCE_LANES / 2 * sizeof(float))));

/** Sum of the lanes, the upper half onto the lower one until one is left. */
INLINE float reduce_tree(const float lane[REDUCE_LANES]) {
    float half __attribute__((vector_size(32))), upper_half __attribute__((vector_size(32)));
    float quarter __attribute__((vector_size(16))), upper_quarter __attribute__((vector_size(16)));
    memcpy(&half, lane, sizeof half);
    memcpy(&upper_half, lane + REDUCE_LANES / 2, sizeof half);
    half += upper_half;
    quarter = __builtin_shufflevector(half, half, 0, 1, 2, 3);
    upper_quarter = __builtin_shufflevector(half, half, 4, 5, 6, 7);
    quarter += upper_quarter;
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

/** Sum of x [n]. */
INLINE float reduce_sum(const float *x, size_t n) {
    enum { HALF = REDUCE_LANES / 2 };
    reduce_half low = {0}, high = {0}, next_low, next_high;
    size_t whole = n / REDUCE_LANES * REDUCE_LANES;
    for (size_t i = 0; i < whole; i += REDUCE_LANES) {
        memcpy(&next_low, x + i, sizeof next_low);
        memcpy(&next_high, x + i + HALF, sizeof next_high);
        low += next_low;
        high += next_high;
    }
    float lane[REDUCE_LANES];
    memcpy(lane, &low, sizeof low);
    memcpy(lane + HALF, &high, sizeof high);
    for (size_t l = 0; whole + l < n; l++)
        lane[l] += x[whole + l];
    return reduce_tree(lane);
}

/** Whether some x [n] is above 0. */
INLINE bool reduce_any_positive(const float *x, size_t n) {
    int any = 0;
    for (size_t i = 0; i < n; i++)
        any |= x[i] > 0.0F;
    return any != 0;
}

/* Sum over x [n] of an expression of v = (double)x[i], in double precision. */
#define REDUCE_DOUBLE(x, n, expression)                                                            \
    double lane[REDUCE_LANES] = {0};                                                               \
    size_t i = 0;                                                                                  \
    for (; i + REDUCE_LANES <= n; i += REDUCE_LANES)                                               \
        for (size_t l = 0; l < REDUCE_LANES; l++) {                                                \
            double v = (double)x[i + l];                                                           \
            lane[l] += (expression);                                                               \
        }                                                                                          \
    for (size_t l = 0; i + l < n; l++) {                                                           \
        double v = (double)x[i + l];                                                               \
        lane[l] += (expression);                                                                   \
    }                                                                                              \
    for (size_t width = REDUCE_LANES / 2; width; width /= 2)                                       \
        for (size_t l = 0; l < width; l++)                                                         \
            lane[l] += lane[l + width];                                                            \
    return lane[0];

/** Sum of x [n], in double precision. */
INLINE double reduce_sum_double(const float *x, size_t n){REDUCE_DOUBLE(x, n, v)}

/** Sum of squares of x [n], in double precision. */
INLINE double reduce_squares(const float *x, size_t n){REDUCE_DOUBLE(x, n, v *v)}

/** Sum of squared distances of x [n] from a center, in double precision. */
INLINE double reduce_squared_distances(const float *x, size_t n, double center){
    REDUCE_DOUBLE(x, n, (v - center) * (v - center))}

/** Sum of absolute values of x [n], in double precision. */
INLINE double reduce_absolute(const float *x, size_t n){REDUCE_DOUBLE(x, n, v < 0 ? -v : v)}

/** Sum of x * y [n]. */
INLINE float reduce_product(const float *x, const float *y, size_t n) {
    float lane[REDUCE_LANES] = {0};
    size_t i = 0;
    for (; i + REDUCE_LANES <= n; i += REDUCE_LANES)
        for (size_t l = 0; l < REDUCE_LANES; l++)
            lane[l] += x[i + l] * y[i + l];
    for (size_t l = 0; i + l < n; l++)
        lane[l] += x[i + l] * y[i + l];
    return reduce_tree(lane);
}

#endif
