#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "nn/matrix.h"

#include <cblas.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void multiply(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, size_t m, size_t n, size_t k,
                     const float *a, const float *b, float *c) {
    blasint lda = (blasint)(ta == CblasNoTrans ? k : m);
    blasint ldb = (blasint)(tb == CblasNoTrans ? n : k);
    /* quicker than BLAS's multiplication by a beta of 0, which takes as long as a small product */
    memset(c, 0, m * n * sizeof *c);
    cblas_sgemm(CblasRowMajor, ta, tb, (blasint)m, (blasint)n, (blasint)k, 1.0F, a, lda, b, ldb,
                1.0F, c, (blasint)n);
}

void matrix_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
    multiply(CblasNoTrans, CblasTrans, m, n, k, a, b, c);
}

void matrix_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
    multiply(CblasNoTrans, CblasNoTrans, m, n, k, a, b, c);
}

void matrix_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
    multiply(CblasTrans, CblasNoTrans, m, n, k, a, b, c);
}

void matrix_use_one_thread(void) {
    openblas_set_num_threads(1);
}

const char *matrix_core(void) {
    return openblas_get_corename();
}

const char *matrix_version(char out[MATRIX_VERSION_MAX]) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    strncpy(out, openblas_get_config(), MATRIX_VERSION_MAX - 1);
    pthread_mutex_unlock(&lock);
    out[MATRIX_VERSION_MAX - 1] = '\0';
    return out;
}

/* OpenBLAS's own functions, not in its header: a buffer for one call of a product, which later
 * calls use again. Where mmap fails, blas_memory_alloc tries again for ever. */
void *blas_memory_alloc(int position);
void blas_memory_free(void *buffer);

bool matrix_reserve(size_t threads) {
    const size_t buffer = (size_t)130 << 20; /* 128 MB, and what aligns it */
    void *room = mmap(NULL, threads * buffer, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    void **buffers = calloc(threads, sizeof *buffers);
    bool ok = room != MAP_FAILED && buffers;
    if (room != MAP_FAILED)
        munmap(room, threads * buffer);
    for (size_t i = 0; i < threads && ok; i++)
        buffers[i] = blas_memory_alloc(0);
    for (size_t i = 0; i < threads && ok; i++)
        blas_memory_free(buffers[i]);
    free(buffers);
    return ok;
}
