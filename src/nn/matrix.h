/* Matrix products: the only file that calls BLAS. All matrices are row-major and tight. */
#ifndef MLPSWEEP_NN_MATRIX_H
#define MLPSWEEP_NN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

/** Rows `from` to `to` of a product: these are computed, and the others of c left alone. {0, m} are
 * all of them. */
struct matrix_rows {
    size_t from, to;
};

/** c = a * b^T. Shapes: a [m x k], b [n x k] -> c [m x n]. */
void matrix_rows_nt(struct matrix_rows rows, size_t n, size_t k, const float *a, const float *b,
                    float *c);

/** c = a * b. Shapes: a [m x k], b [k x n] -> c [m x n]. */
void matrix_rows_nn(struct matrix_rows rows, size_t n, size_t k, const float *a, const float *b,
                    float *c);

/** c = a^T * b. Shapes: a [k x m], b [k x n] -> c [m x n]. */
void matrix_rows_tn(struct matrix_rows rows, size_t m, size_t n, size_t k, const float *a,
                    const float *b, float *c);

/** In how many blocks of rows, at most `most`, a product [m x k] * [k x n] can be cut and have the
 * same bits. */
size_t matrix_blocks(size_t m, size_t n, size_t k, size_t most);

/** Block i of so many of m rows. */
struct matrix_rows matrix_block(size_t m, size_t blocks, size_t i);

/** Whether BLAS computes the same bits in blocks of rows as in one product. It does with all cores
 * known; this computes a few products both ways, in some milliseconds, and leaves BLAS with one
 * thread. */
bool matrix_blocks_are_exact(void);

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
