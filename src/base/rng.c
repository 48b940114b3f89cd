#include "base/rng.h"

static void multiply(uint32_t a, uint32_t b, uint32_t *high, uint32_t *low) {
    uint64_t product = (uint64_t)a * b;
    *high = (uint32_t)(product >> 32);
    *low = (uint32_t)product;
}

static struct rng_words philox(uint32_t key0, uint32_t key1, struct rng_words c) {
    for (int round = 0; round < 10; round++) {
        uint32_t high0, low0, high1, low1;
        multiply(UINT32_C(0xD2511F53), c.word[0], &high0, &low0);
        multiply(UINT32_C(0xCD9E8D57), c.word[2], &high1, &low1);
        c = (struct rng_words){{high1 ^ c.word[1] ^ key0, low1, high0 ^ c.word[3] ^ key1, low0}};
        key0 += UINT32_C(0x9E3779B9);
        key1 += UINT32_C(0xBB67AE85);
    }
    return c;
}

struct rng rng_stream(uint64_t seed, enum rng_purpose purpose) {
    struct rng_words words =
        philox((uint32_t)seed, (uint32_t)(seed >> 32), (struct rng_words){{(uint32_t)purpose}});
    return (struct rng){{words.word[0], words.word[1]}};
}

struct rng_words rng_draw(struct rng rng, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) {
    return philox(rng.key[0], rng.key[1], (struct rng_words){{c0, c1, c2, c3}});
}
