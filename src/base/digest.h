/* Hashes of bytes, and hashes as text. The only file that calls xxHash and libmd is digest.c. */
#ifndef MLPSWEEP_BASE_DIGEST_H
#define MLPSWEEP_BASE_DIGEST_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Characters of a hash in hexadecimal, with the NUL. */
enum { DIGEST_TEXT = 33, DIGEST64_TEXT = 17, SHA256_TEXT = 65 };

/** XXH3 of 64 bits. */
uint64_t digest64(const void *bytes, size_t size);

/** The same in hexadecimal. */
void digest64_text(const void *bytes, size_t size, char out[DIGEST64_TEXT]);

/** A hash of 128 bits. */
struct digest {
    uint64_t high, low;
};

/** XXH3 of 128 bits. Without a seed of its own, the seed is 0. */
struct digest digest128(const void *bytes, size_t size, uint64_t seed);

/** Whether all bits are equal. */
bool digest_equal(struct digest a, struct digest b);

/** The hash of seed 0 in hexadecimal. */
void digest128_text(const void *bytes, size_t size, char out[DIGEST_TEXT]);

/** A hash of 128 bits in hexadecimal. */
void digest_text(struct digest digest, char out[DIGEST_TEXT]);

/** XXH3 of 128 bits, seed 0, of bytes that come piece by piece. */
struct digest_stream {
    struct XXH3_state_s *state;
};

/** Owns: digest_end frees it. */
struct digest_stream digest_begin(void);

/** Adds the next bytes. */
void digest_add(struct digest_stream stream, const void *bytes, size_t size);

/** The hash of all bytes that were added. */
struct digest digest_end(struct digest_stream stream);

/** SHA-256 in hexadecimal. */
void digest_sha256(const void *bytes, size_t size, char out[SHA256_TEXT]);

/** The version of xxHash. */
const char *digest_library_version(struct arena *arena);

#endif
