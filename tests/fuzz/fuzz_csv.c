/* Any bytes as a CSV file; the first one chooses how it is declared. Rows whose numbers are finite
 * and whose texts lie in the file, and classes for them, or an error. */
#include "fuzz.h"

#include "data/labels.h"

#include <math.h>
#include <stdlib.h>

static void check_rows(const struct raw_part *raw, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < raw->part.rows * raw->inputs; i++)
        if (!isfinite(raw->part.reals[i]))
            abort();
    for (size_t i = 0; i < raw->part.rows && raw->texts; i++) {
        const struct raw_text *text = &raw->texts[i];
        size_t at = (size_t)((const uint8_t *)text->text - bytes);
        if (at > size || text->length > size - at || (raw->values && !isfinite(raw->values[i])))
            abort();
    }
}

static void check_labels(const struct raw_part *raw, struct arena *arena, struct error *err) {
    struct classes classes;
    if (!classes_find(raw, &classes, arena, err))
        return;
    const uint16_t *labels = labels_find(raw, &classes, arena, err);
    for (size_t i = 0; i < raw->part.rows; i++)
        if (!labels || labels[i] >= classes.count) /* all labels are there */
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const targets[] = {NULL, "0", "-2", "y"};
    if (!size)
        return 0;
    struct arena arena = {0};
    struct error err = {0};
    uint8_t *bytes = malloc(size);
    for (size_t i = 1; i < size; i++)
        bytes[i - 1] = data[i];
    bytes[size - 1] = 0;
    struct file_bytes file = {"fuzz.csv", bytes, size - 1, NULL};
    struct data_source source = {.name = "fuzz",
                                 .target = targets[data[0] & 3],
                                 .header = (enum header_line)((data[0] >> 2 & 3) % 3),
                                 .delimiter = data[0] & 16 ? ' ' : 0,
                                 .features = data[0] & 32 ? 2 : 0}; /* rows without a target */
    struct raw_part raw;
    bool ok = csv_parse(&source, &file, &arena, &raw, &err);
    if (ok != (err.first == NULL) || (!ok && err.kind != ERROR_INVALID))
        abort();
    if (ok) {
        check_rows(&raw, bytes, size - 1);
        if (raw.texts)
            check_labels(&raw, &arena, &err);
    }
    error_clear(&err);
    free(bytes);
    arena_close(&arena);
    return 0;
}
