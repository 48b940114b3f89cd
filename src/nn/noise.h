/* Dropout and Gaussian noise of a minibatch.
 *
 * Every draw is a pure function of (key, row, unit), so that it depends neither on the size of
 * the minibatch nor on the order of rows. */
#ifndef MLPSWEEP_NN_NOISE_H
#define MLPSWEEP_NN_NOISE_H

#include "base/csr.h"

#include <stddef.h>
#include <stdint.h>

/** The key of one layer in one epoch. */
struct noise_key {
    uint32_t word[2];
};

/** purpose is an enum rng_purpose of base/rng.h. */
struct noise_key noise_key(uint64_t seed, uint32_t purpose, uint64_t epoch, uint32_t layer);

/** The key with which the units from `first` on count from 0. */
struct noise_key noise_key_from(struct noise_key key, uint32_t first);

/** The factors of inverted dropout: 0 with probability rate, else 1 / (1 - rate).
 *
 * Shapes: rows [batch] -> mask [units x batch]. */
void noise_mask(struct noise_key key, double rate, size_t units, size_t batch, const uint32_t *rows,
                float *mask);

/** out = x * mask. Shapes: all [n]; out may be x. */
void noise_apply(size_t n, const float *mask, const float *x, float *out);

/** Inverted dropout of dense inputs, in place. Shapes: rows [batch], x [batch x inputs]. */
void noise_drop_inputs(struct noise_key key, double rate, size_t inputs, size_t batch,
                       const uint32_t *rows, float *x);

/** The same of inputs in compressed sparse rows. Shapes: rows [x->rows]. */
void noise_drop_csr(struct noise_key key, double rate, const uint32_t *rows, struct csr *x);

/** Adds Gaussian noise to dense inputs. Shapes: rows [batch], x [batch x inputs]. */
void noise_add_gaussian(struct noise_key key, double sd, size_t inputs, size_t batch,
                        const uint32_t *rows, float *x);

#endif
