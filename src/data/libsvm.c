/* LIBSVM, a text format of sparse rows: `LABEL COLUMN:VALUE ...`, columns counted from 1 and
 * rising. */
#include "data/format.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

enum { LINES_A_CHECK = 256 }; /* whether to stop is asked once in so many lines */

/* Where the reader stands, and what it has read. */
struct reader {
    const struct file_bytes *file;
    size_t features;
    struct arena *arena;
    const char *at, *line_end; /* of the line that is read */
    size_t *row_start;         /* [rows + 1] */
    double *values;            /* [rows] */
    struct raw_text *texts;    /* [rows] */
    struct csr_entry *entry;   /* [entries] */
    size_t rows, entries;
    size_t row_room, value_room, text_room, entry_room;
};

static struct place here(const struct reader *reader) {
    return file_place(reader->file, reader->at);
}

static void skip_blanks(struct reader *reader) {
    while (reader->at < reader->line_end &&
           (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r'))
        reader->at++;
}

/* The end of the run of characters that *at begins, up to a blank or `stop`. */
static const char *token_end(const struct reader *reader, char stop) {
    const char *end = reader->at;
    while (end < reader->line_end && *end != ' ' && *end != '\t' && *end != '\r' && *end != stop)
        end++;
    return end;
}

static bool read_label(struct reader *reader, struct error *err) {
    const char *end = token_end(reader, ':');
    double label;
    if (!text_to_number(reader->at, (size_t)(end - reader->at), &label))
        return error_at(err, here(reader), "the label is no number");
    size_t n = reader->rows;
    struct arena *arena = reader->arena;
    reader->row_start = arena_grow(arena, reader->row_start, n, &reader->row_room, sizeof(size_t));
    reader->values = arena_grow(arena, reader->values, n, &reader->value_room, sizeof(double));
    reader->texts = arena_grow(arena, reader->texts, n, &reader->text_room, sizeof *reader->texts);
    reader->row_start[n] = reader->entries;
    reader->values[n] = label;
    reader->texts[n] = (struct raw_text){reader->at, (size_t)(end - reader->at), false};
    reader->rows++;
    reader->at = end;
    return true;
}

static bool read_index(struct reader *reader, uint64_t before, uint64_t *index, struct error *err) {
    const char *end = token_end(reader, ':');
    if (end == reader->line_end || *end != ':' ||
        !text_to_whole(reader->at, (size_t)(end - reader->at), index))
        return error_at(err, here(reader), "expected INDEX:VALUE");
    if (*index < 1 || *index > reader->features)
        return error_at(err, here(reader), "index %llu is outside 1..%zu (%s)",
                        (unsigned long long)*index, reader->features,
                        *index ? "features" : "scikit-learn: zero_based=False");
    if (*index <= before)
        return error_at(err, here(reader), "index %llu does not rise: the one before is %llu",
                        (unsigned long long)*index, (unsigned long long)before);
    reader->at = end + 1;
    return true;
}

static bool read_entries(struct reader *reader, struct error *err) {
    uint64_t index = 0;
    for (skip_blanks(reader); reader->at < reader->line_end; skip_blanks(reader)) {
        double value;
        if (!read_index(reader, index, &index, err))
            return false;
        const char *end = token_end(reader, ' ');
        if (!text_to_number(reader->at, (size_t)(end - reader->at), &value))
            return error_at(err, here(reader), "the value is no number");
        if (fabs(value) > data_value_max)
            return error_at(err, here(reader), "the value %g is outside -%g..%g", value,
                            data_value_max, data_value_max);
        size_t n = reader->entries++;
        reader->entry =
            arena_grow(reader->arena, reader->entry, n, &reader->entry_room, sizeof *reader->entry);
        reader->entry[n] = (struct csr_entry){(uint32_t)index - 1, (float)value};
        reader->at = end;
    }
    return true;
}

static bool read_line(struct reader *reader, struct error *err) {
    const char *comment = memchr(reader->at, '#', (size_t)(reader->line_end - reader->at));
    if (comment)
        reader->line_end = comment;
    skip_blanks(reader);
    if (reader->at == reader->line_end)
        return true;
    if (reader->rows == UINT32_MAX)
        return error_at(err, here(reader), "more than 4,294,967,295 rows");
    return read_label(reader, err) && read_entries(reader, err);
}

bool libsvm_parse(const struct data_source *source, const struct file_bytes *files,
                  struct arena *arena, struct raw_part *raw, struct error *err) {
    struct reader reader = {.file = files, .features = source->features, .arena = arena};
    const char *at = file_text_start(files), *end = (const char *)files->bytes + files->length;
    for (size_t line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        reader.at = at;
        reader.line_end = newline ? newline : end;
        at = newline ? newline + 1 : end;
        if ((line % LINES_A_CHECK == 0 && file_stopped(files, err)) || !read_line(&reader, err))
            return false;
    }
    if (!reader.rows)
        return error_set(err, ERROR_INVALID, "%s: no rows", files->path);
    reader.row_start = arena_grow(arena, reader.row_start, reader.rows, &reader.row_room,
                                  sizeof *reader.row_start);
    reader.row_start[reader.rows] = reader.entries;
    struct csr csr = {.rows = reader.rows,
                      .columns = source->features,
                      .start = reader.row_start,
                      .entry = reader.entry};
    *raw = (struct raw_part){.part = {.rows = reader.rows, .csr = csr},
                             .inputs = source->features,
                             .values = reader.values,
                             .texts = reader.texts,
                             .file = *files};
    return true;
}
