/* Any bytes as a LIBSVM file of 20 columns: rows that keep what batches rely on, or an error. */
#include "fuzz.h"

#include "data/format.h"

#include <math.h>
#include <stdlib.h>

enum { FEATURES = 20 };

static void check_rows(const struct raw_part *raw) {
    const struct data_part *part = &raw->part;
    for (size_t i = 0; i < part->rows; i++) {
        if (part->csr.start[i] > part->csr.start[i + 1] || !isfinite(raw->values[i]) ||
            !raw->texts[i].length)
            abort();
        for (size_t e = part->csr.start[i]; e < part->csr.start[i + 1]; e++)
            if (part->csr.entry[e].column >= FEATURES || !isfinite(part->csr.entry[e].value) ||
                (e > part->csr.start[i] &&
                 part->csr.entry[e].column <= part->csr.entry[e - 1].column))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct error err = {0};
    uint8_t *bytes = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = data[i];
    bytes[size] = 0;
    struct file_bytes file = {"fuzz.txt", bytes, size, NULL};
    struct data_source source = {.name = "fuzz", .features = FEATURES};
    struct raw_part raw;
    bool ok = libsvm_parse(&source, &file, &arena, &raw, &err);
    if (ok != (err.first == NULL) || (!ok && err.kind != ERROR_INVALID))
        abort();
    if (ok)
        check_rows(&raw);
    error_clear(&err);
    free(bytes);
    arena_close(&arena);
    return 0;
}
