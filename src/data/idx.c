/* IDX, the format of MNIST: images of unsigned bytes and their labels, in two files. Other types of
 * elements are refused. */
#include "data/format.h"

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool refuse(const struct file_bytes *file, size_t offset, const char *what,
                   struct error *err) {
    return error_set(err, ERROR_INVALID, "%s: byte %zu: %s", file->path, offset, what);
}

/* Reads the header: `rows` things of `size` bytes each, which begin at `offset`. */
static bool parse_header(const struct file_bytes *file, bool labels, size_t *rows, size_t *size,
                         size_t *offset, struct error *err) {
    if (file->length < 4)
        return refuse(file, file->length, "the file ends within its IDX header", err);
    uint32_t magic = big_endian(file->bytes), dimensions = magic & 0xFF;
    if (magic >> 8 != 0x08 || (labels ? dimensions != 1 : dimensions < 2 || dimensions > 4))
        return error_set(err, ERROR_INVALID,
                         "%s: byte 0: the magic number is 0x%08x, not 0x%08x (IDX %s of unsigned "
                         "bytes)",
                         file->path, magic, labels ? 0x0801U : 0x0803U,
                         labels ? "labels" : "images");
    *offset = 4 + 4 * (size_t)dimensions;
    if (file->length < *offset)
        return refuse(file, file->length, "the file ends within its IDX header", err);
    *rows = big_endian(file->bytes + 4);
    *size = 1;
    for (uint32_t d = 1; d < dimensions; d++)
        if (__builtin_mul_overflow(*size, big_endian(file->bytes + 4 + (size_t)4 * d), size) ||
            *size > UINT32_MAX)
            return refuse(file, 4 + 4 * d, "the images are too large", err);
    if (*size == 0)
        return refuse(file, 8, "the images have no pixels", err);
    return true;
}

/* Exactly header plus product bytes, then the end of the file. */
static bool check_length(const struct file_bytes *file, size_t rows, size_t size, size_t offset,
                         struct error *err) {
    size_t length = offset + rows * size; /* both below 2^32 */
    if (file->length < length)
        return error_set(err, ERROR_INVALID,
                         "%s: byte %zu: the file is truncated: its header announces %zu bytes",
                         file->path, file->length, length);
    if (file->length > length)
        return error_set(err, ERROR_INVALID,
                         "%s: byte %zu: %zu bytes more than its header announces", file->path,
                         length, file->length - length);
    return true;
}

bool idx_parse_images(const struct file_bytes *images, struct raw_part *raw, struct error *err) {
    size_t rows = 0, size = 0, offset = 0;
    if (!parse_header(images, false, &rows, &size, &offset, err) ||
        !check_length(images, rows, size, offset, err))
        return false;
    *raw = (struct raw_part){
        .part = {.rows = rows, .pixels = images->bytes + offset}, .inputs = size, .file = *images};
    return true;
}

bool idx_parse(const struct data_source *source, const struct file_bytes *files,
               struct arena *arena, struct raw_part *raw, struct error *err) {
    const struct file_bytes *images = &files[0], *labels = &files[1];
    size_t rows = 0, size = 0, offset = 0, label_rows = 0, label_size = 0, label_offset = 0;
    if (!parse_header(images, false, &rows, &size, &offset, err) ||
        !check_length(images, rows, size, offset, err) ||
        !parse_header(labels, true, &label_rows, &label_size, &label_offset, err) ||
        !check_length(labels, label_rows, label_size, label_offset, err))
        return false;
    if (rows != label_rows)
        return error_set(err, ERROR_INVALID, "%s: byte 4: %zu labels, but %s has %zu images",
                         labels->path, label_rows, images->path, rows);
    (void)source;
    double *values = arena_alloc(arena, rows, sizeof *values);
    for (size_t i = 0; i < rows; i++)
        values[i] = labels->bytes[label_offset + i];
    *raw = (struct raw_part){.part = {.rows = rows, .pixels = images->bytes + offset},
                             .inputs = size,
                             .values = values,
                             .file = *labels,
                             .offset = label_offset};
    return true;
}
