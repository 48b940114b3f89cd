/* Matrix products: the only door to BLAS, and the rule that keeps a net's bits whatever stands
 * beside it. All matrices are row-major and tight. */
#ifndef MLPSWEEP_NN_MATRIX_H
#define MLPSWEEP_NN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

/** c = a * b^T. Shapes: a [m x k], b [n x k] -> c [m x n]. */
void matrix_multiply_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/** c = a * b. Shapes: a [m x k], b [k x n] -> c [m x n]. */
void matrix_multiply_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/** c = a^T * b. Shapes: a [k x m], b [k x n] -> c [m x n]. */
void matrix_multiply_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/** Makes BLAS compute in the calling thread alone. Two threads in one product change its bits. */
void matrix_use_one_thread(void);

/** The kernels that BLAS chose for this processor ("Haswell", "Cooperlake"). */
const char *matrix_core(void);

enum { MATRIX_VERSION_MAX = 128 };

/** BLAS and how it was built. It writes this text anew into one place at every call, which threads
 * would see half done: so it is copied under a lock. */
const char *matrix_version(char out[MATRIX_VERSION_MAX]);

/** How a product of first layers is padded with zero rows, so that a net's rows have the same bits
 * alone and among those of other nets, wherever they stand. A pure function of the BLAS core and of
 * what is multiplied, never of the cohort. */
struct matrix_padding {
    size_t block;      /* each net's rows are rounded up to this */
    size_t multiple;   /* the rows of the whole product are rounded up to this */
    double least_size; /* rows * batch * inputs exceeds this: smaller products take other kernels */
};

struct matrix_padding matrix_padding(void);

/** Rows that a net's block takes up among others. */
size_t matrix_block_rows(struct matrix_padding padding, size_t units);

/** Rows that a product of `units` units runs over. */
size_t matrix_rows(struct matrix_padding padding, size_t units, size_t inputs, size_t batch);

/** Rows that one net's product runs over when it runs alone.
 *
 * Where padding would more than double the rows it is not worth its price: the product then runs
 * over the bare units, and *shared is false: it never joins the product of a cohort. */
size_t matrix_rows_alone(struct matrix_padding padding, size_t units, size_t inputs, size_t batch,
                         bool *shared);

#endif
