/* Whole files in memory, gunzipped where they are gzipped. */
#ifndef MLPSWEEP_DATA_FILE_H
#define MLPSWEEP_DATA_FILE_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

struct file_bytes {
    const char *path;
    const uint8_t *bytes; /* [length], and a NUL behind */
    size_t length;
};

/** Reads a file to its end; what begins like gzip is decompressed, up to 4 GiB.
 *
 * Owns:  the bytes live in the arena.
 * Fails: ERROR_INVALID when it cannot be read; gzip damage with its byte offset. */
MUST_CHECK bool file_read(const char *path, struct arena *arena, struct file_bytes *file,
                          struct error *err);

#endif
