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

/* Loads a row into the cache while the one before it is converted: rows come in random order, which
 * the processor's own prefetcher cannot predict. */
INLINE void prefetch(const void *start, size_t length) {
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

EVERY_ISA static void scale_values(const float *restrict values, size_t n, float factor,
                                   float *restrict out) {
    for (size_t i = 0; i < n; i++)
        out[i] = values[i] * factor;
}

static void densify(const struct csr *csr, uint32_t row, size_t inputs, float factor, float *out) {
    memset(out, 0, inputs * sizeof *out);
    for (size_t e = csr->start[row]; e < csr->start[row + 1]; e++)
        out[csr->entry[e].column] = csr->entry[e].value * factor;
}

void batch_inputs(const struct data_part *part, size_t inputs, const struct scale *scale,
                  const uint32_t *rows, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        float *row = out + i * inputs;
        if (part->pixels) {
            if (i + 1 < count)
                prefetch(part->pixels + rows[i + 1] * inputs, inputs);
            convert(part->pixels + rows[i] * inputs, inputs, scale->factor, row);
        } else if (part->reals) {
            if (i + 1 < count)
                prefetch(part->reals + rows[i + 1] * inputs, inputs * sizeof *part->reals);
            scale_values(part->reals + rows[i] * inputs, inputs, scale->factor, row);
        } else
            densify(&part->csr, rows[i], inputs, scale->factor, row);
        if (scale->shifts)
            rescale(scale->shifts, scale->factors, inputs, row);
    }
}

enum { ROWS_AHEAD = 8 }; /* CSR rows are short: the next one would be asked for too late */

#define VECTOR_OF(type) __attribute__((vector_size(CSR_SPARE * sizeof(type)))) type

/* Entries as numbers of 64 bits, which vectors hold: a column, then the bits of a value. Values
 * type by type: compilers turn each of these steps, and not all in one, into vector instructions.
 */
INLINE void widen(const uint16_t *columns, const uint8_t *values, float factor,
                  struct csr_entry *out) {
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && sizeof *out == sizeof(uint64_t),
                   "a column is the lower half of an entry");
    VECTOR_OF(uint16_t) column;
    VECTOR_OF(uint8_t) narrow;
    memcpy(&column, columns, sizeof column);
    memcpy(&narrow, values, sizeof narrow);
    VECTOR_OF(int16_t) half = __builtin_convertvector(narrow, VECTOR_OF(int16_t));
    VECTOR_OF(int32_t) whole = __builtin_convertvector(half, VECTOR_OF(int32_t));
    VECTOR_OF(float) value = __builtin_convertvector(whole, VECTOR_OF(float)) * factor;
    VECTOR_OF(uint32_t) bits, low = __builtin_convertvector(column, VECTOR_OF(uint32_t));
    memcpy(&bits, &value, sizeof bits);
    VECTOR_OF(uint64_t) entries = __builtin_convertvector(bits, VECTOR_OF(uint64_t)) << 32;
    entries |= __builtin_convertvector(low, VECTOR_OF(uint64_t));
    memcpy(out, &entries, sizeof entries);
}

/* In whole vectors: what is written beyond the end of a row is overwritten by the next one. */
EVERY_ISA static void copy_pixels(const struct pixel_csr *from, float factor, const uint32_t *rows,
                                  size_t count, struct csr *out) {
    size_t *restrict starts = out->start;
    struct csr_entry *restrict entry = out->entry;
    for (size_t i = 0, e = 0; i < count; i++) {
        size_t start = from->start[rows[i]], n = from->start[rows[i] + 1] - start;
        if (i + 2 * ROWS_AHEAD < count)
            __builtin_prefetch(from->start + rows[i + 2 * ROWS_AHEAD]);
        if (i + ROWS_AHEAD < count) {
            size_t ahead = from->start[rows[i + ROWS_AHEAD]];
            size_t length = from->start[rows[i + ROWS_AHEAD] + 1] - ahead;
            prefetch(from->column + ahead, length * sizeof *from->column);
            prefetch(from->value + ahead, length * sizeof *from->value);
        }
        for (size_t j = 0; j < n; j += CSR_SPARE)
            widen(from->column + start + j, from->value + start + j, factor, entry + e + j);
        starts[i + 1] = e += n;
    }
}

static void copy_reals(const struct csr *from, float factor, const uint32_t *rows, size_t count,
                       struct csr *out) {
    struct csr_entry *restrict entry = out->entry;
    for (size_t i = 0, e = 0; i < count; i++) {
        size_t start = from->start[rows[i]], n = from->start[rows[i] + 1] - start;
        const struct csr_entry *restrict row = from->entry + start;
        if (i + ROWS_AHEAD < count) {
            size_t ahead = from->start[rows[i + ROWS_AHEAD]];
            size_t length = from->start[rows[i + ROWS_AHEAD] + 1] - ahead;
            prefetch(from->entry + ahead, length * sizeof *from->entry);
        }
        for (size_t j = 0; j < n; j++)
            entry[e + j] = (struct csr_entry){row[j].column, row[j].value * factor};
        out->start[i + 1] = e += n;
    }
}

void batch_csr(const struct data_part *part, float factor, const uint32_t *rows, size_t count,
               struct csr *out) {
    out->rows = count;
    if (part->pixels)
        copy_pixels(&part->nonzero, factor, rows, count, out);
    else
        copy_reals(&part->csr, factor, rows, count, out);
}

void batch_labels(const struct data_part *part, const uint32_t *rows, size_t count, uint16_t *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = part->labels[rows[i]];
}

void batch_targets(const struct data_part *part, struct target_scale scale, const uint32_t *rows,
                   size_t count, float *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = (float)(((double)part->targets[rows[i]] - scale.mean) / scale.deviation);
}
