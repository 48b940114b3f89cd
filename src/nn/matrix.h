/* Matrix products: the only file that calls BLAS. All matrices are row-major and tight. */
#ifndef MLPSWEEP_NN_MATRIX_H
#define MLPSWEEP_NN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

/** c = a * b^T. Shapes: a [m x k], b [n x k] -> c [m x n]. */
void matrix_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/** c = a * b. Shapes: a [m x k], b [k x n] -> c [m x n]. */
void matrix_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/** c = a^T * b. Shapes: a [k x m], b [k x n] -> c [m x n]. */
void matrix_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/** Makes BLAS take the buffers now that so many threads will need. Later it would wait for ever
 * where the address space is limited (ulimit -v). False: there is no room for them. */
bool matrix_reserve(size_t threads);

/** Makes BLAS compute in the calling thread alone. Two threads in one product change its bits. */
void matrix_use_one_thread(void);

/** The kernels that BLAS chose for this processor ("Haswell", "Cooperlake"). */
const char *matrix_core(void);

/** Bytes that hold any version and its NUL. */
enum { MATRIX_VERSION_MAX = 128 };

/** BLAS and how it was built. It writes this text anew into one place at every call, which threads
 * would see half done: so it is copied under a lock. */
const char *matrix_version(char out[MATRIX_VERSION_MAX]);

#endif
