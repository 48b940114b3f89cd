#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "nn/matrix.h"

#include "base/arena.h"

#include <cblas.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A block of a product begins at a multiple of this. BLAS computes c in tiles of some rows, and the
 * order of additions of a number depends on its tile alone: tiles of blocks are those of the whole
 * if a block begins where a tile does. Tiles of all cores have a number of rows that divides this.
 */
enum { BLOCK_ROWS = 24 };

/* Products of up to so many multiply-adds have kernels of their own on processors with AVX-512. */
static const double SMALL_PRODUCT = 1e6;

static void multiply(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, struct matrix_rows rows,
                     size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
    blasint lda = (blasint)(ta == CblasNoTrans ? k : m);
    blasint ldb = (blasint)(tb == CblasNoTrans ? n : k);
    float *out = c + rows.from * n;
    /* quicker than BLAS's multiplication by a beta of 0, which takes as long as a small product */
    memset(out, 0, (rows.to - rows.from) * n * sizeof *out);
    cblas_sgemm(CblasRowMajor, ta, tb, (blasint)(rows.to - rows.from), (blasint)n, (blasint)k, 1.0F,
                a + rows.from * (ta == CblasNoTrans ? k : 1), lda, b, ldb, 1.0F, out, (blasint)n);
}

void matrix_rows_nt(struct matrix_rows rows, size_t n, size_t k, const float *a, const float *b,
                    float *c) {
    multiply(CblasNoTrans, CblasTrans, rows, 0, n, k, a, b, c);
}

void matrix_rows_nn(struct matrix_rows rows, size_t n, size_t k, const float *a, const float *b,
                    float *c) {
    multiply(CblasNoTrans, CblasNoTrans, rows, 0, n, k, a, b, c);
}

void matrix_rows_tn(struct matrix_rows rows, size_t m, size_t n, size_t k, const float *a,
                    const float *b, float *c) {
    multiply(CblasTrans, CblasNoTrans, rows, m, n, k, a, b, c);
}

struct matrix_rows matrix_block(size_t m, size_t blocks, size_t i) {
    size_t from = (m * i / blocks + BLOCK_ROWS / 2) / BLOCK_ROWS * BLOCK_ROWS;
    size_t to = (m * (i + 1) / blocks + BLOCK_ROWS / 2) / BLOCK_ROWS * BLOCK_ROWS;
    return (struct matrix_rows){from, i + 1 == blocks ? m : to};
}

/* Whether all blocks have at least so many rows. */
static bool have_rows(size_t m, size_t blocks, size_t rows) {
    for (size_t i = 0; i < blocks; i++) {
        struct matrix_rows block = matrix_block(m, blocks, i);
        if (block.from + rows > block.to)
            return false;
    }
    return true;
}

size_t matrix_blocks(size_t m, size_t n, size_t k, size_t most) {
    size_t rows = (size_t)(SMALL_PRODUCT / ((double)n * (double)k)) + 1;
    size_t blocks = m / rows < most ? m / rows : most;
    while (blocks > 1 && !have_rows(m, blocks, rows))
        blocks--;
    return blocks ? blocks : 1;
}

static void fill(float *values, size_t n, size_t step) {
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(i * step % 10007) / 10007.0F - 0.5F;
}

static bool is_exact(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, size_t m, size_t n,
                     size_t k) {
    struct arena arena = {0};
    size_t blocks = matrix_blocks(m, n, k, m);
    float *a = arena_alloc(&arena, m * k, sizeof *a), *b = arena_alloc(&arena, k * n, sizeof *b);
    float *whole = arena_alloc(&arena, m * n, sizeof *whole);
    float *cut = arena_alloc(&arena, m * n, sizeof *cut);
    fill(a, m * k, 7919);
    fill(b, k * n, 4973);
    multiply(ta, tb, (struct matrix_rows){0, m}, m, n, k, a, b, whole);
    for (size_t i = 0; i < blocks; i++)
        multiply(ta, tb, matrix_block(m, blocks, i), m, n, k, a, b, cut);
    bool same = memcmp(whole, cut, m * n * sizeof *cut) == 0;
    arena_close(&arena);
    return same;
}

bool matrix_blocks_are_exact(void) {
    static const size_t shapes[][3] = {{150, 100, 200}, {263, 33, 401}, {97, 257, 129}};
    bool exact = true;
    matrix_use_one_thread(); /* as all workers do: two threads cut a product elsewhere */
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
        exact = exact && is_exact(CblasNoTrans, CblasTrans, m, n, k) &&
                is_exact(CblasNoTrans, CblasNoTrans, m, n, k) &&
                is_exact(CblasTrans, CblasNoTrans, m, n, k);
    }
    return exact;
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
