#include "nn/matrix.h"

#include <cblas.h>
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

const char *matrix_version(void) {
    return openblas_get_config();
}

/* Measured over widths 1 to 200, batches of 8 to 256 and cohorts of 2 to 16 (docs/architecture.md).
 * Cores that are not named here get the stricter of the two in both respects; either way run/
 * checks the products that it is about to share. */
struct matrix_padding matrix_padding(void) {
    static const char *const avx512[] = {"SkylakeX", "Cooperlake", "Sapphirerapids",
                                         "SapphireRapids"};
    static const char *const avx2[] = {"Haswell", "Zen", "Excavator", "Steamroller"};
    const char *core = matrix_core();
    for (size_t i = 0; i < sizeof avx512 / sizeof *avx512; i++)
        if (strcmp(core, avx512[i]) == 0)
            return (struct matrix_padding){1, 1e6};
    for (size_t i = 0; i < sizeof avx2 / sizeof *avx2; i++)
        if (strcmp(core, avx2[i]) == 0)
            return (struct matrix_padding){12, 0};
    return (struct matrix_padding){12, 1e6};
}

size_t matrix_rows(struct matrix_padding padding, size_t units, size_t inputs, size_t batch) {
    size_t least = (size_t)(padding.least_size / ((double)inputs * (double)batch)) + 1;
    size_t rows = units > least ? units : least;
    return (rows + padding.multiple - 1) / padding.multiple * padding.multiple;
}

size_t matrix_rows_alone(struct matrix_padding padding, size_t units, size_t inputs, size_t batch,
                         bool *shared) {
    size_t rows = matrix_rows(padding, units, inputs, batch);
    *shared = rows <= 2 * units;
    return *shared ? rows : units;
}
