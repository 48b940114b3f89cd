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

void digest128_text(const void *bytes, size_t size, char out[DIGEST_TEXT]) {
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    digest_text(hash.high64, hash.low64, out);
}

void digest_text(uint64_t high, uint64_t low, char out[DIGEST_TEXT]) {
    snprintf(out, DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, high, low);
}

void digest_sha256(const void *bytes, size_t size, char out[SHA256_TEXT]) {
    SHA256Data(bytes, size, out);
}
