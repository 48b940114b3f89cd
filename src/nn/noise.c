#include "nn/noise.h"

#include "base/cpu.h"
#include "base/rng.h"
#include "nn/math.h"

#include <math.h>

struct noise_key noise_key(uint64_t seed, uint32_t purpose, uint64_t epoch, uint32_t layer) {
    struct rng rng = rng_stream(seed, (enum rng_purpose)purpose);
    struct rng_words words = rng_draw(rng, (uint32_t)epoch, (uint32_t)(epoch >> 32), layer, 0);
    return (struct noise_key){{words.word[0], words.word[1]}};
}

struct noise_key noise_key_from(struct noise_key key, uint32_t first) {
    return (struct noise_key){{key.word[0], key.word[1] + first}};
}

/* Source: C. Wellons, "Prospecting for hash functions", 2018 (lowbias32). */
INLINE uint32_t mixed(uint32_t x) {
    x = (x ^ x >> 16) * UINT32_C(0x7FEB352D);
    x = (x ^ x >> 15) * UINT32_C(0x846CA68B);
    return x ^ x >> 16;
}

/* 32 random bits for one row and unit. */
INLINE uint32_t bits_of(struct noise_key key, uint32_t row, uint32_t unit) {
    return mixed(mixed(row ^ key.word[0]) + (unit + key.word[1]) * UINT32_C(0x9E3779B9));
}

INLINE uint32_t threshold_of(double rate) {
    return (uint32_t)(rate * 0x1p32);
}

INLINE float factor_of(double rate) {
    return (float)(1 / (1 - rate));
}

EVERY_ISA static void fill(struct noise_key key, uint32_t threshold, float kept, size_t units,
                           size_t batch, const uint32_t *restrict rows, float *restrict mask) {
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i < batch; i++)
            mask[u * batch + i] = bits_of(key, rows[i], (uint32_t)u) < threshold ? 0.0F : kept;
}

void noise_mask(struct noise_key key, double rate, size_t units, size_t batch, const uint32_t *rows,
                float *mask) {
    fill(key, threshold_of(rate), factor_of(rate), units, batch, rows, mask);
}

EVERY_ISA static void apply(size_t n, const float *mask, const float *x, float *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] * mask[i];
}

void noise_apply(size_t n, const float *mask, const float *x, float *out) {
    apply(n, mask, x, out);
}

EVERY_ISA static void drop(struct noise_key key, uint32_t threshold, float kept, size_t inputs,
                           uint32_t row, float *x) {
    for (size_t j = 0; j < inputs; j++)
        x[j] *= bits_of(key, row, (uint32_t)j) < threshold ? 0.0F : kept;
}

void noise_drop_inputs(struct noise_key key, double rate, size_t inputs, size_t batch,
                       const uint32_t *rows, float *x) {
    for (size_t i = 0; i < batch; i++)
        drop(key, threshold_of(rate), factor_of(rate), inputs, rows[i], x + i * inputs);
}

void noise_drop_csr(struct noise_key key, double rate, const uint32_t *rows, struct csr *x) {
    uint32_t threshold = threshold_of(rate);
    float kept = factor_of(rate);
    size_t to = 0;
    for (size_t r = 0, e = 0; r < x->rows; r++) {
        for (size_t end = x->start[r + 1]; e < end; e++) {
            struct csr_entry entry = x->entry[e];
            if (bits_of(key, rows[r], entry.column) < threshold)
                continue;
            x->entry[to++] = (struct csr_entry){entry.column, entry.value * kept};
        }
        x->start[r + 1] = to;
    }
}

/* Two columns take the two normals of two words (Box and Muller 1958). Pairs are drawn by the
 * block, in a loop of unit stride. */
EVERY_ISA static void add_normals(struct noise_key key, float sd, size_t inputs, uint32_t row,
                                  float *restrict x) {
    enum { PAIRS = 64 };
    for (size_t from = 0; from < inputs; from += 2 * PAIRS) {
        float sine[PAIRS], cosine[PAIRS];
        for (uint32_t p = 0; p < PAIRS; p++) {
            uint32_t column = (uint32_t)from + 2 * p;
            float radius = sd * sqrtf(-2.0F * math_log(rng_unit(bits_of(key, row, column))));
            math_sincos(rng_unit(bits_of(key, row, column + 1)), &sine[p], &cosine[p]);
            sine[p] *= radius;
            cosine[p] *= radius;
        }
        for (size_t j = from; j < inputs && j < from + 2 * PAIRS; j++)
            x[j] += (j - from) % 2 ? cosine[(j - from) / 2] : sine[(j - from) / 2];
    }
}

void noise_add_gaussian(struct noise_key key, double sd, size_t inputs, size_t batch,
                        const uint32_t *rows, float *x) {
    for (size_t i = 0; i < batch; i++)
        add_normals(key, (float)sd, inputs, rows[i], x + i * inputs);
}
