#define _GNU_SOURCE /* gnu_get_libc_version */
#include "cli/versions.h"

#include "base/digest.h"
#include "base/program.h"
#include "data/file.h"
#include "nn/matrix.h"
#include "plan/yaml.h"
#include "store/query.h"

#include <gnu/libc-version.h>

void versions_write(struct arena *arena, FILE *out) {
    const struct {
        const char *name, *version;
    } rows[] = {
        {"BLAS", matrix_version(arena_alloc(arena, MATRIX_VERSION_MAX, 1))},
        {"BLAS core", matrix_core()},
        {"SQLite", query_library_version()},
        {"libyaml", yaml_library_version()},
        {"zlib", file_library_version()},
        {"xxHash", digest_library_version(arena)},
        {"libmd", program_libmd},
        {"glibc", gnu_get_libc_version()},
        {"compiler", program_compiler},
    };
    fprintf(out, "mlpsweep %s\n", program_version);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fprintf(out, "%-14s %s\n", rows[i].name, rows[i].version);
}
