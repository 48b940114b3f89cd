/* Whole files in memory, decompressed where they are gzipped. */
#ifndef MLPSWEEP_DATA_FILE_H
#define MLPSWEEP_DATA_FILE_H

#include "base/arena.h"
#include "base/error.h"

#include <stdatomic.h>
#include <stdint.h>

/** A file that was read. */
struct file_bytes {
    const char *path;
    const uint8_t *bytes; /* [length], and a NUL behind */
    size_t length;
    const atomic_int *stop; /* as given to file_read, for loops over the bytes */
};

/** Reads a regular file to its end; what begins like gzip is decompressed. Neither the file nor
 * what it decompresses to may be larger than 4 GiB.
 *
 * Owns:  the bytes live in the arena.
 * Fails: ERROR_INVALID when it is no regular file, cannot be read or is too large; gzip damage with
 *        its byte offset. ERROR_INTERRUPTED within a fraction of a second of *stop becoming 1; stop
 *        may be NULL. */
MUST_CHECK bool file_read(const char *path, const atomic_int *stop, struct arena *arena,
                          struct file_bytes *file, struct error *err);

/** Reads standard input to its end, otherwise as file_read: at most 4 GiB, decompressed where it is
 * gzipped. Its path is "standard input". */
MUST_CHECK bool file_read_standard_input(struct arena *arena, struct file_bytes *file,
                                         struct error *err);

/** The first character of a text: what follows a byte order mark, where there is one. */
const char *file_text_start(const struct file_bytes *file);

/** Line and column of a character of a text, for messages: it counts the lines before.
 *
 * Needs: `at` points into the bytes or right behind them. */
struct place file_place(const struct file_bytes *file, const char *at);

/** The version of zlib. */
const char *file_library_version(void);

/** Whether *file->stop is 1; then with ERROR_INTERRUPTED in err. For loops over the bytes. */
bool file_stopped(const struct file_bytes *file, struct error *err);

#endif
