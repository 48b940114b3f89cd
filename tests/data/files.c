#include "files.h"

#include <string.h>
#include <zlib.h>

#include "temporary.h"
#include "test.h"

const char *files_gzip(const char *folder, const char *name, const void *bytes, size_t length) {
    const char *path = temporary_path(folder, name);
    gzFile file = gzopen(path, "wb9");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)length), length);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

struct dataset files_load(const struct data_source *source, struct arena *arena) {
    struct dataset dataset;
    struct error err = {0};
    assert_ok(dataset_load(source, NULL, arena, &dataset, &err), err);
    return dataset;
}

/* Takes out what stands between two places; a test reads better without its folder. */
static void remove_all(char *text, const char *part) {
    size_t length = strlen(part);
    for (char *at; (at = strstr(text, part));)
        memmove(at, at + length, strlen(at + length) + 1);
}

const char *files_refusal(const struct data_source *source, const char *folder) {
    static char message[1000];
    struct arena arena = {0};
    struct error err = {0};
    struct dataset dataset;
    if (dataset_load(source, NULL, &arena, &dataset, &err))
        fail_msg("%s is taken", source->name);
    assert_int_equal(err.kind, ERROR_INVALID);
    FILE *out = fmemopen(message, sizeof message, "w");
    assert_non_null(out);
    error_print(&err, out);
    fclose(out);
    message[strcspn(message, "\n")] = '\0';
    char prefix[4096];
    snprintf(prefix, sizeof prefix, "%s/", folder);
    remove_all(message, prefix);
    remove_all(message, "mlpsweep: ");
    remove_all(message, "error: ");
    error_clear(&err);
    arena_close(&arena);
    return message;
}
