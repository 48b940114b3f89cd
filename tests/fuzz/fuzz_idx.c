/* Any bytes as a pair of IDX files. The first two bytes say how many of the rest are images. */
#include "fuzz.h"

#include "data/format.h"

#include <stdlib.h>

static void read_all(const struct raw_part *raw) {
    unsigned sum = 0;
    for (size_t i = 0; i < raw->part.rows * raw->inputs; i++)
        sum += raw->part.pixels[i];
    for (size_t i = 0; i < raw->part.rows; i++)
        sum += (unsigned)raw->values[i];
    if (sum == UINT32_MAX) /* so that the reads stay */
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    struct arena arena = {0};
    struct error err = {0};
    size_t images = (size_t)data[0] << 8 | data[1], rest = size - 2;
    images = images < rest ? images : rest;
    /* exactly as large as they are, so that a byte too far is seen */
    uint8_t *bytes[2] = {malloc(images + 1), malloc(rest - images + 1)};
    for (size_t i = 0; i < images; i++)
        bytes[0][i] = data[2 + i];
    for (size_t i = images; i < rest; i++)
        bytes[1][i - images] = data[2 + i];
    bytes[0][images] = bytes[1][rest - images] = 0;
    struct file_bytes files[2] = {{"images", bytes[0], images, NULL},
                                  {"labels", bytes[1], rest - images, NULL}};
    struct data_source source = {.name = "fuzz"};
    struct raw_part raw;
    bool ok = idx_parse(&source, files, &arena, &raw, &err);
    if (ok != (err.first == NULL) || (!ok && err.kind != ERROR_INVALID))
        abort();
    if (ok)
        read_all(&raw);
    error_clear(&err);
    free(bytes[0]);
    free(bytes[1]);
    arena_close(&arena);
    return 0;
}
