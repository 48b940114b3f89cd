#include "cli/speed.h"

#include "base/clock.h"
#include "nn/matrix.h"
#include "nn/panel.h"

/* Large square products. */
double speed_of_blas(size_t attempts, struct arena *arena) {
    enum { N = 1000 };
    float *a = arena_alloc(arena, N * N, sizeof *a), *b = arena_alloc(arena, N * N, sizeof *b);
    float *c = arena_alloc(arena, N * N, sizeof *c);
    double best = 0;
    for (size_t attempt = 0; attempt < attempts; attempt++) {
        double start = clock_seconds();
        matrix_nn(N, N, N, a, b, c);
        double now = 2e-9 * N * N * N / (clock_seconds() - start);
        best = now > best ? now : best;
    }
    return best;
}

/* A dense minibatch by the first layers of some nets, in blocks as in training. */
double speed_of_panels(size_t attempts, struct arena *arena) {
    const struct panel_kernel *kernel = panel_kernel_here();
    enum { BATCH = 100, INPUTS = 784, STEP = 56, REPEATS = 50 };
    size_t lanes = PANEL_VECTORS * kernel->lanes;
    float *x = arena_alloc(arena, BATCH * INPUTS, sizeof *x);
    float *panel = arena_alloc(arena, STEP * lanes, sizeof *panel);
    float *out = arena_alloc(arena, BATCH * lanes, sizeof *out);
    struct panel_factor factor = {.dense = x, .row_stride = INPUTS, .stride = 1};
    double best = 0;
    for (size_t attempt = 0; attempt < attempts; attempt++) {
        double start = clock_seconds();
        for (int repeat = 0; repeat < REPEATS; repeat++)
            for (size_t i = 0; i < INPUTS; i += STEP)
                kernel->multiply(&factor, (struct panel_block){0, BATCH, i, i + STEP},
                                 PANEL_VECTORS, panel, out, NULL);
        double now = 2e-9 * REPEATS * BATCH * INPUTS * (double)lanes / (clock_seconds() - start);
        best = now > best ? now : best;
    }
    return best;
}
