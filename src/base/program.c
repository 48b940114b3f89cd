#define _XOPEN_SOURCE 700 /* realpath */
#include "base/program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char program_compiler[] =
#if defined __clang__
    "clang " __clang_version__;
#else
    "gcc " __VERSION__;
#endif

const char *program_file(const char *name, struct arena *arena) {
    char program[4096] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = strrchr(program, '/');
    if (length <= 0 || !slash)
        return NULL;
    *slash = '\0';
    char *path = realpath(arena_printf(arena, "%s/%s/%s", program, program_share, name), NULL);
    const char *kept = path ? arena_text(arena, path, strlen(path)) : NULL;
    free(path);
    return kept;
}
