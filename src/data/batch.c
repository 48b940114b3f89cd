#include "data/batch.h"

#include "base/cpu.h"
#include "base/rng.h"

#include <string.h>

enum { DIGIT = 11, DIGITS = 3, BUCKETS = 1 << DIGIT };

/* Least significant digit first: stable, so that equal ranks keep the order of their rows. */
void batch_order(const struct row_set *train, uint64_t order_seed, uint64_t epoch,
                 struct order_pair *scratch, struct order_pair *pairs, uint32_t *order) {
    struct rng rng = rng_stream(order_seed, RNG_ORDER);
    uint32_t counts[DIGITS][BUCKETS] = {{0}};
    for (size_t i = 0; i < train->count; i++) {
        uint32_t rank = rng_hash(rng, (uint32_t)epoch, train->rows[i]);
        pairs[i] = (struct order_pair){rank, train->rows[i]};
        for (int d = 0; d < DIGITS; d++)
            counts[d][rank >> (d * DIGIT) & (BUCKETS - 1)]++;
    }
    for (int d = 0; d < DIGITS; d++) {
        for (uint32_t b = 0, sum = 0; b < BUCKETS; b++) {
            uint32_t count = counts[d][b];
            counts[d][b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < train->count; i++)
            scratch[counts[d][pairs[i].rank >> (d * DIGIT) & (BUCKETS - 1)]++] = pairs[i];
        struct order_pair *swap = pairs;
        pairs = scratch;
        scratch = swap;
    }
    for (size_t i = 0; i < train->count; i++)
        order[i] = pairs[i].row;
}

/* The next row is asked for while this one is converted: rows come in random order, and each is a
 * few cache lines that the processor cannot foresee. */
static void prefetch(const void *start, size_t length) {
    for (size_t at = 0; at < length; at += 64)
        __builtin_prefetch((const char *)start + at);
}

EVERY_ISA static void convert(const uint8_t *pixels, size_t n, float factor, float *out) {
    for (size_t j = 0; j < n; j++)
        out[j] = (float)pixels[j] * factor;
}

EVERY_ISA static void rescale(const float *shifts, const float *factors, size_t n, float *out) {
    for (size_t j = 0; j < n; j++)
        out[j] = (out[j] - shifts[j]) * factors[j];
}

static void spread(const struct data_part *part, uint32_t row, size_t inputs, float factor,
                   float *out) {
    memset(out, 0, inputs * sizeof *out);
    for (size_t e = part->row_start[row]; e < part->row_start[row + 1]; e++)
        out[part->column[e]] = part->value[e] * factor;
}

void batch_inputs(const struct data_part *part, size_t inputs, const struct scale *scale,
                  const uint32_t *rows, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        float *row = out + i * inputs;
        if (part->pixels) {
            if (i + 1 < count)
                prefetch(part->pixels + rows[i + 1] * inputs, inputs);
            convert(part->pixels + rows[i] * inputs, inputs, scale->factor, row);
        } else
            spread(part, rows[i], inputs, scale->factor, row);
        if (scale->shifts)
            rescale(scale->shifts, scale->factors, inputs, row);
    }
}

EVERY_ISA static void scale_values(const float *restrict values, size_t n, float factor,
                                   float *restrict out) {
    for (size_t i = 0; i < n; i++)
        out[i] = values[i] * factor;
}

EVERY_ISA static void widen(const uint16_t *restrict places, size_t n, uint32_t *restrict out) {
    for (size_t i = 0; i < n; i++)
        out[i] = places[i];
}

static void prefetch_list(const struct data_part *part, uint32_t row) {
    size_t from = part->row_start[row], n = part->row_start[row + 1] - from;
    if (part->pixels) {
        prefetch(part->place + from, n * sizeof *part->place);
        prefetch(part->shade + from, n * sizeof *part->shade);
    } else {
        prefetch(part->column + from, n * sizeof *part->column);
        prefetch(part->value + from, n * sizeof *part->value);
    }
}

void batch_lists(const struct data_part *part, float factor, const uint32_t *rows, size_t count,
                 struct csr *out) {
    enum { AHEAD = 4 };
    out->rows = count;
    for (size_t i = 0, e = 0; i < count; i++) {
        size_t from = part->row_start[rows[i]], n = part->row_start[rows[i] + 1] - from;
        if (i + AHEAD < count)
            prefetch_list(part, rows[i + AHEAD]);
        if (part->pixels) {
            widen(part->place + from, n, out->column + e);
            convert(part->shade + from, n, factor, out->value + e);
        } else {
            memcpy(out->column + e, part->column + from, n * sizeof *out->column);
            scale_values(part->value + from, n, factor, out->value + e);
        }
        out->start[i + 1] = e += n;
    }
}

void batch_labels(const struct data_part *part, const uint32_t *rows, size_t count, uint16_t *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = part->labels[rows[i]];
}

void batch_targets(const struct data_part *part, const uint32_t *rows, size_t count, float *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = part->targets[rows[i]];
}
