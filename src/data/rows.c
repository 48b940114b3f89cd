#include "data/rows.h"

#include "data/format.h"

#include <string.h>

static bool is_idx(const struct file_bytes *file) {
    return file->length >= 4 && memcmp(file->bytes, "\0\0\x08", 3) == 0;
}

/* Whether the first line that has anything holds INDEX:VALUE, or is a label alone. */
static bool is_libsvm(const struct file_bytes *file) {
    const char *at = file_text_start(file), *end = (const char *)file->bytes + file->length;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);
        const char *comment = memchr(at, '#', length);
        length = comment ? (size_t)(comment - at) : length;
        if (memchr(at, ':', length) && !memchr(at, ',', length) && !memchr(at, '"', length))
            return true;
        for (size_t i = 0; i < length; i++)
            if (!strchr(" \t\r", at[i]))
                return false;
        at = newline ? newline + 1 : end;
    }
    return false;
}

bool rows_load(const char *path, size_t inputs, const char *target, struct arena *arena,
               struct data_part *part, struct error *err) {
    struct file_bytes file;
    struct raw_part raw;
    struct data_source source = {.name = path, .features = inputs, .target = target};
    if (!(strcmp(path, "-") == 0 ? file_read_standard_input(arena, &file, err)
                                 : file_read(path, NULL, arena, &file, err)))
        return false;
    bool ok = is_idx(&file)      ? idx_parse_images(&file, &raw, err)
              : is_libsvm(&file) ? libsvm_parse(&source, &file, arena, &raw, err)
                                 : csv_parse(&source, &file, arena, &raw, err);
    if (!ok)
        return false;
    *part = raw.part;
    return raw.inputs == inputs ||
           error_set(err, ERROR_INVALID, "%s: %zu columns, but the net has %zu inputs", file.path,
                     raw.inputs, inputs);
}
