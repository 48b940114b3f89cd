/* Data files for tests, and what is wrong with them. */
#ifndef MLPSWEEP_TESTS_DATA_FILES_H
#define MLPSWEEP_TESTS_DATA_FILES_H

#include "data/dataset.h"

/** The bytes gzipped, as gzip(1) does, in a folder; returns the path. Owns: as temporary_write. */
const char *files_gzip(const char *folder, const char *name, const void *bytes, size_t length);

/** Loads, or ends the test with the message. */
struct dataset files_load(const struct data_source *source, struct arena *arena);

/** What a source that must not load is refused with: the first line that is printed, without
 * `error: ` and without the folder. Owns: static, until the next call. */
const char *files_refusal(const struct data_source *source, const char *folder);

#endif
