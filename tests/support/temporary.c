#define _GNU_SOURCE /* nftw, mkdtemp */
#include "temporary.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

int temporary_open(void **state) {
    char pattern[] = "/tmp/mlpsweep-test-XXXXXX";
    if (!mkdtemp(pattern))
        return -1;
    *state = strdup(pattern);
    return *state ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int temporary_close(void **state) {
    int result = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

const char *temporary_path(const char *folder, const char *name) {
    static char paths[4][4096];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *temporary_write(const char *folder, const char *name, const void *bytes,
                            size_t length) {
    const char *path = temporary_path(folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
    return path;
}

const char *temporary_write_text(const char *folder, const char *name, const char *text) {
    return temporary_write(folder, name, text, strlen(text));
}

bool temporary_exists(const char *folder, const char *name) {
    return access(temporary_path(folder, name), F_OK) == 0;
}

void temporary_read(const char *folder, const char *name, char *text, size_t room) {
    FILE *file = fopen(temporary_path(folder, name), "rb");
    if (!file)
        fail_msg("%s is not there", name);
    text[fread(text, 1, room - 1, file)] = '\0';
    fclose(file);
}
