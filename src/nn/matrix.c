#include "nn/matrix.h"

#include <cblas.h>
#include <pthread.h>
#include <string.h>

static void multiply(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, size_t m, size_t n, size_t k,
                     const float *a, const float *b, float *c) {
    blasint lda = (blasint)(ta == CblasNoTrans ? k : m);
    blasint ldb = (blasint)(tb == CblasNoTrans ? n : k);
    cblas_sgemm(CblasRowMajor, ta, tb, (blasint)m, (blasint)n, (blasint)k, 1.0F, a, lda, b, ldb,
                0.0F, c, (blasint)n);
}

void matrix_multiply_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
    multiply(CblasNoTrans, CblasTrans, m, n, k, a, b, c);
}

void matrix_multiply_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
    multiply(CblasNoTrans, CblasNoTrans, m, n, k, a, b, c);
}

void matrix_multiply_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
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

/* What was measured over widths 1 to 200, batches of 8 to 256 and cohorts of 2 to 16
 * (docs/architecture.md). Kernels that are not named here get the strictest rule; whatever the
 * rule, the products that are about to be shared are checked (stack_check). */
struct family {
    const char *core;
    struct matrix_padding padding;
};

static const struct family families[] = {
    {"SkylakeX", {1, 1, 1e6}}, {"Cooperlake", {1, 1, 1e6}}, {"SapphireRapids", {1, 1, 1e6}},
    {"Haswell", {12, 12, 0}},  {"Zen", {12, 12, 0}},        {NULL, {12, 12, 1e6}},
};

struct matrix_padding matrix_padding(void) {
    const struct family *family = families;
    while (family->core && strcmp(family->core, matrix_core()) != 0)
        family++;
    return family->padding;
}

static size_t round_up(size_t n, size_t multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

size_t matrix_block_rows(struct matrix_padding padding, size_t units) {
    return round_up(units, padding.block);
}

size_t matrix_rows(struct matrix_padding padding, size_t units, size_t inputs, size_t batch) {
    size_t least = (size_t)(padding.least_size / ((double)inputs * (double)batch)) + 1;
    size_t rows = units > least ? units : least;
    return round_up(rows, padding.multiple);
}

size_t matrix_rows_alone(struct matrix_padding padding, size_t units, size_t inputs, size_t batch,
                         bool *shared) {
    size_t rows = matrix_rows(padding, units, inputs, batch);
    *shared = rows <= 2 * units;
    return *shared ? rows : units;
}
