#include "base/digest.h"

#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <xxhash.h>

uint64_t digest64(const void *bytes, size_t size) {
    return XXH3_64bits(bytes, size);
}

void digest64_text(const void *bytes, size_t size, char out[DIGEST64_TEXT]) {
    snprintf(out, DIGEST64_TEXT, "%016" PRIx64, digest64(bytes, size));
}

static struct digest digest_of(XXH128_hash_t hash) {
    return (struct digest){.high = hash.high64, .low = hash.low64};
}

struct digest digest128(const void *bytes, size_t size, uint64_t seed) {
    return digest_of(XXH3_128bits_withSeed(bytes, size, seed));
}

bool digest_equal(struct digest a, struct digest b) {
    return a.high == b.high && a.low == b.low;
}

void digest128_text(const void *bytes, size_t size, char out[DIGEST_TEXT]) {
    digest_text(digest128(bytes, size, 0), out);
}

void digest_text(struct digest digest, char out[DIGEST_TEXT]) {
    snprintf(out, DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, digest.high, digest.low);
}

struct digest_stream digest_begin(void) {
    struct digest_stream stream = {XXH3_createState()};
    if (!stream.state)
        out_of_memory();
    XXH3_128bits_reset(stream.state);
    return stream;
}

void digest_add(struct digest_stream stream, const void *bytes, size_t size) {
    XXH3_128bits_update(stream.state, bytes, size);
}

struct digest digest_end(struct digest_stream stream) {
    struct digest digest = digest_of(XXH3_128bits_digest(stream.state));
    XXH3_freeState(stream.state);
    return digest;
}

void digest_sha256(const void *bytes, size_t size, char out[SHA256_TEXT]) {
    SHA256Data(bytes, size, out);
}

const char *digest_library_version(struct arena *arena) {
    unsigned n = XXH_versionNumber(); /* major * 10000 + minor * 100 + release */
    return arena_printf(arena, "%u.%u.%u", n / 10000, n / 100 % 100, n % 100);
}
