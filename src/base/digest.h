/* Hashes of bytes, and hashes as text. */
#ifndef MLPSWEEP_BASE_DIGEST_H
#define MLPSWEEP_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/** Characters of a hash in hexadecimal, with the NUL. */
enum { DIGEST_TEXT = 33, DIGEST64_TEXT = 17, SHA256_TEXT = 65 };

/** XXH3 of 64 bits. */
uint64_t digest64(const void *bytes, size_t size);

/** The same in hexadecimal. */
void digest64_text(const void *bytes, size_t size, char out[DIGEST64_TEXT]);

/** XXH3 of 128 bits in hexadecimal. */
void digest128_text(const void *bytes, size_t size, char out[DIGEST_TEXT]);

/** A hash of 128 bits in hexadecimal. */
void digest_text(uint64_t high, uint64_t low, char out[DIGEST_TEXT]);

/** SHA-256 in hexadecimal. */
void digest_sha256(const void *bytes, size_t size, char out[SHA256_TEXT]);

#endif
