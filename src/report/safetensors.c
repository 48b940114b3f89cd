#include "report/safetensors.h"

#include "base/stream.h"
#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIGNMENT = 8 };

static size_t bytes_of(const struct tensor *tensor) {
    return (tensor->rows ? tensor->rows : 1) * tensor->columns * sizeof *tensor->values;
}

static void write_notes(const struct tensor_note *notes, size_t count, FILE *out) {
    fputs("{\"__metadata__\":{", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? "," : "", out);
        text_write_json(notes[i].key, out);
        fputc(':', out);
        text_write_json(notes[i].value, out);
    }
    fputc('}', out);
}

/* The header without its length, padded with blanks so that the arrays are aligned. */
static void write_header(const struct tensor *tensors, size_t count,
                         const struct tensor_note *notes, size_t note_count,
                         struct stream *header) {
    FILE *out = stream_open(header);
    write_notes(notes, note_count, out);
    for (size_t i = 0, at = 0; i < count; at += bytes_of(&tensors[i++])) {
        fputc(',', out);
        text_write_json(tensors[i].name, out);
        fputs(":{\"dtype\":\"F32\",\"shape\":[", out);
        if (tensors[i].rows)
            fprintf(out, "%zu,", tensors[i].rows);
        fprintf(out, "%zu],\"data_offsets\":[%zu,%zu]}", tensors[i].columns, at,
                at + bytes_of(&tensors[i]));
    }
    fputc('}', out);
    for (long n = ftell(out); n % ALIGNMENT; n++)
        fputc(' ', out);
    stream_close(header);
}

static bool write_all(FILE *out, const struct stream *header, const struct tensor *tensors,
                      size_t count) {
    uint8_t size[8];
    for (size_t i = 0; i < sizeof size; i++)
        size[i] = (uint8_t)((uint64_t)header->length >> 8 * i);
    fwrite(size, 1, sizeof size, out);
    fwrite(header->text, 1, header->length, out);
    for (size_t i = 0; i < count; i++)
        fwrite(tensors[i].values, 1, bytes_of(&tensors[i]), out);
    return fflush(out) == 0 && !ferror(out);
}

/* Whether a device or a pipe stands there: it is written to, a file is replaced. */
static bool is_special(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

bool safetensors_write(const char *path, const struct tensor *tensors, size_t count,
                       const struct tensor_note *notes, size_t note_count, struct error *err) {
    struct arena arena = {0};
    bool in_place = is_special(path);
    const char *temporary =
        in_place ? path : arena_printf(&arena, "%s.%ld.tmp", path, (long)getpid());
    FILE *out = fopen(temporary, "wbe");
    bool ok = out != NULL;
    if (ok) {
        struct stream header;
        write_header(tensors, count, notes, note_count, &header);
        ok = write_all(out, &header, tensors, count) && (in_place || fsync(fileno(out)) == 0);
        free(header.text);
        int cause = errno;
        ok &= fclose(out) == 0;
        ok = ok && (in_place || rename(temporary, path) == 0);
        if (!ok) {
            cause = cause ? cause : errno;
            if (!in_place)
                unlink(temporary);
            errno = cause;
        }
    }
    if (!ok)
        error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    arena_close(&arena);
    return ok;
}
