/* Hashes as text. */
#ifndef MLPSWEEP_BASE_DIGEST_H
#define MLPSWEEP_BASE_DIGEST_H

#include <stdint.h>

enum { DIGEST_TEXT = 33 };

/** A hash of 128 bits in hexadecimal. */
void digest_text(uint64_t high, uint64_t low, char out[DIGEST_TEXT]);

#endif
