/* Random draws without state: a value is a pure function of (seed, purpose, counters).
 *
 * The generator is Philox4x32-10. Each purpose is a stream of its own, so that changing how one is
 * used never moves another, and nothing depends on how far another trial has come.
 * Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011. */
#ifndef MLPSWEEP_BASE_RNG_H
#define MLPSWEEP_BASE_RNG_H

#include <stdint.h>

/** What a stream is drawn for. Values are part of a trial's numbers: never renumber. */
enum rng_purpose {
    RNG_WEIGHTS = 1,
    RNG_ORDER = 2,
    RNG_TRAIN_ROWS = 3,
    RNG_PROBE = 4,
    RNG_VALIDATION = 5,
    RNG_LABEL_NOISE = 6,
    RNG_DROPOUT = 7,
    RNG_INPUT_DROPOUT = 8,
    RNG_INPUT_NOISE = 9,
    RNG_DATA = 10,
    RNG_DRAWS = 64, /* of a random search; no number of a trial comes from it */
};

/** A stream of draws, each a function of the key and a counter. */
struct rng {
    uint32_t key[2];
};

/** The stream of a seed for one purpose. */
struct rng rng_stream(uint64_t seed, enum rng_purpose purpose);

/** Four independent uniform 32-bit words for one counter. */
struct rng_words {
    uint32_t word[4];
};
struct rng_words rng_draw(struct rng rng, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3);

/** A fast keyed 32-bit hash of (a, b) for ranking many rows; not for values. */
static inline uint32_t rng_hash(struct rng rng, uint32_t a, uint32_t b) {
    uint64_t x = ((uint64_t)a << 32 | b) ^ ((uint64_t)rng.key[1] << 32 | rng.key[0]);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ x >> 31) >> 32);
}

/** (0, 1): the middle of one of 2^23 equal cells, exact in a float. Never 0 or 1. */
static inline float rng_unit(uint32_t word) {
    return ((float)(word >> 9) + 0.5F) * 0x1p-23F;
}

#endif
