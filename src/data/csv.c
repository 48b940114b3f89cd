/* CSV as RFC 4180 has it, read in one pass: fields between delimiters, quoted where they hold one,
 * with "" for a quote. Every column but the target must be numbers. */
#include "data/format.h"

#include "base/text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { RECORDS_A_CHECK = 256 }; /* whether to stop is asked once in so many records */

struct reader {
    const struct data_source *source;
    const struct file_bytes *file;
    struct arena *arena;
    const char *at, *end;
    char delimiter;
    struct raw_text *fields; /* [count] of the record that is read */
    size_t count, field_room;
    size_t columns, target;   /* of every record; which one is the target, `columns`: none */
    size_t features;          /* the other columns */
    const char **names;       /* [features] or NULL */
    float *reals;             /* [rows x features] */
    struct raw_text *targets; /* [rows] */
    size_t rows, real_room, target_room;
};

static bool refuse(const struct reader *r, const char *at, const char *what, struct error *err) {
    return error_at(err, file_place(r->file, at), "%s", what);
}

static bool is_blank(const struct reader *r, char c) {
    return (c == ' ' || c == '\t') && c != r->delimiter;
}

static bool is_line_end(const struct reader *r, const char *at) {
    return *at == '\n' || (*at == '\r' && (at + 1 == r->end || at[1] == '\n'));
}

/* What ends a field: a delimiter, the end of a line, or of the file. */
static bool is_field_end(const struct reader *r, const char *at) {
    return at == r->end || *at == r->delimiter || is_line_end(r, at);
}

static bool read_quoted(struct reader *r, struct raw_text *field, struct error *err) {
    const char *quote = r->at++;
    field->text = r->at;
    for (;; r->at++) {
        const char *next = memchr(r->at, '"', (size_t)(r->end - r->at));
        if (!next)
            return refuse(r, quote, "this quote is never closed", err);
        r->at = next + 1;
        if (r->at == r->end || *r->at != '"')
            break;
        field->has_doubled_quotes = true;
    }
    field->length = (size_t)(r->at - 1 - field->text);
    while (r->at < r->end && is_blank(r, *r->at))
        r->at++;
    return is_field_end(r, r->at) ||
           refuse(r, r->at, "text follows the closing quote (a quote in a field is written twice)",
                  err);
}

static bool read_field(struct reader *r, struct raw_text *field, struct error *err) {
    *field = (struct raw_text){0};
    while (r->at < r->end && is_blank(r, *r->at))
        r->at++;
    if (r->at < r->end && *r->at == '"')
        return read_quoted(r, field, err);
    field->text = r->at;
    while (!is_field_end(r, r->at))
        r->at++;
    field->length = (size_t)(r->at - field->text);
    while (field->length && is_blank(r, field->text[field->length - 1]))
        field->length--;
    return true;
}

static void pass_line_end(struct reader *r) {
    if (r->at < r->end && *r->at == '\r')
        r->at++;
    if (r->at < r->end && *r->at == '\n')
        r->at++;
}

static void pass_empty_lines(struct reader *r) {
    for (;;) {
        const char *at = r->at;
        while (at < r->end && is_blank(r, *at))
            at++;
        if (at == r->end || !is_line_end(r, at)) {
            r->at = at == r->end ? at : r->at;
            return;
        }
        r->at = at;
        pass_line_end(r);
    }
}

/* The fields of the next record that is not empty. Count 0: there is none. */
static bool read_record(struct reader *r, struct error *err) {
    r->count = 0;
    pass_empty_lines(r);
    while (r->at < r->end) {
        r->fields = arena_grow(r->arena, r->fields, r->count, &r->field_room, sizeof *r->fields);
        if (!read_field(r, &r->fields[r->count++], err))
            return false;
        if (r->at == r->end || *r->at != r->delimiter) {
            pass_line_end(r);
            return true;
        }
        r->at++;
        if (r->at == r->end) { /* a delimiter at the very end: an empty field follows */
            r->fields =
                arena_grow(r->arena, r->fields, r->count, &r->field_room, sizeof *r->fields);
            r->fields[r->count++] = (struct raw_text){.text = r->at};
        }
    }
    return true;
}

/* The delimiter that the first line has most of, outside quotes. */
static char find_delimiter(const struct reader *r) {
    static const char candidates[] = ",;\t|";
    size_t counts[sizeof candidates] = {0}, best = 0;
    bool is_quoted = false;
    for (const char *at = r->at; at < r->end && (is_quoted || *at != '\n'); at++) {
        is_quoted ^= *at == '"';
        const char *found = *at && !is_quoted ? strchr(candidates, *at) : NULL;
        if (found)
            counts[found - candidates]++;
    }
    for (size_t i = 1; i < sizeof candidates - 1; i++)
        best = counts[i] > counts[best] ? i : best;
    return candidates[best];
}

const char *raw_text_copy(const struct raw_text *raw, struct arena *arena) {
    char *text = arena_text(arena, raw->text, raw->length);
    if (!raw->has_doubled_quotes)
        return text;
    char *to = text;
    for (const char *from = text; *from; from++) {
        *to++ = *from;
        from += from[0] == '"' && from[1] == '"';
    }
    *to = '\0';
    return text;
}

static bool is_number(const struct raw_text *field, double *number) {
    return text_to_number(field->text, field->length, number);
}

static bool is_missing(const struct raw_text *field) {
    static const char *const words[] = {"", "?", "na", "n/a", "nan", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == field->length &&
            strncasecmp(words[i], field->text, field->length) == 0)
            return true;
    return false;
}

/* `column 'age'`, `column 3` (counted from 0, as target: is). */
static const char *column_name(const struct reader *r, size_t feature) {
    return r->names ? arena_printf(r->arena, "'%s'", r->names[feature])
                    : arena_printf(r->arena, "%zu", feature + (feature >= r->target));
}

static bool refuse_value(const struct reader *r, const struct raw_text *field, const char *column,
                         struct error *err) {
    enum { SHOWN = 40 };
    struct place place = file_place(r->file, field->text);
    int shown = field->length < SHOWN ? (int)field->length : SHOWN;
    const char *comma = memchr(field->text, ',', field->length);
    if (is_missing(field))
        return error_at(err, place, "a value is missing in column %s", column);
    if (comma && r->delimiter != ',')
        return error_at(err, place, "'%.*s' in column %s is no number: decimals have a point",
                        shown, field->text, column);
    return error_at(err, place,
                    "'%.*s' in column %s is no number: give each text a column of 0 and 1", shown,
                    field->text, column);
}

static bool read_feature(const struct reader *r, const struct raw_text *field, size_t feature,
                         float *real, struct error *err) {
    double value;
    if (!is_number(field, &value))
        return refuse_value(r, field, column_name(r, feature), err);
    if (fabs(value) > data_value_max)
        return error_at(err, file_place(r->file, field->text), "the value %g is outside -%g..%g",
                        value, data_value_max, data_value_max);
    *real = (float)value;
    return true;
}

static bool add_row(struct reader *r, struct error *err) {
    if (r->count != r->columns)
        return error_at(err, file_place(r->file, r->fields[0].text),
                        "%zu field%s, but the first line has %zu", r->count,
                        r->count == 1 ? "" : "s", r->columns);
    if (r->rows == UINT32_MAX)
        return refuse(r, r->fields[0].text, "more than 4,294,967,295 rows", err);
    size_t features = r->features;
    r->reals = arena_grow(r->arena, r->reals, r->rows, &r->real_room, features * sizeof(float));
    r->targets = arena_grow(r->arena, r->targets, r->rows, &r->target_room, sizeof *r->targets);
    float *row = r->reals + r->rows * features;
    for (size_t i = 0; i < features; i++)
        if (!read_feature(r, &r->fields[i + (i >= r->target)], i, &row[i], err))
            return false;
    if (r->target < r->columns) {
        const struct raw_text *target = &r->fields[r->target];
        if (is_missing(target))
            return refuse(r, target->text, "the target is missing", err);
        r->targets[r->rows] = *target;
    }
    r->rows++;
    return true;
}

/* Which column `target:` means: a name of the header, an index from 0 or from the end, or by
 * default the last. */
static bool find_target(struct reader *r, bool has_header, struct error *err) {
    const char *target = r->source->target;
    uint64_t index;
    r->target = r->columns - 1;
    if (!target)
        return true;
    for (size_t i = 0; has_header && i < r->columns; i++)
        if (strcmp(raw_text_copy(&r->fields[i], r->arena), target) == 0) {
            r->target = i;
            return true;
        }
    bool from_end = *target == '-';
    if (!text_to_whole(target + from_end, strlen(target + from_end), &index))
        return error_at(err, r->source->target_place, "%s has no column '%s'", r->file->path,
                        target);
    if (index >= r->columns + from_end || (from_end && !index))
        return error_at(err, r->source->target_place, "%s has columns 0 to %zu", r->file->path,
                        r->columns - 1);
    r->target = from_end ? r->columns - (size_t)index : (size_t)index;
    return true;
}

/* A first record without any number in it, the target aside, is a header. */
static bool looks_like_header(const struct reader *r) {
    const char *target = r->source->target;
    uint64_t index;
    double number;
    if (target &&
        !text_to_whole(target + (*target == '-'), strlen(target + (*target == '-')), &index))
        return true; /* a name */
    for (size_t i = 0; i < r->count; i++)
        if (is_number(&r->fields[i], &number))
            return false;
    return true;
}

static bool begin(struct reader *r, bool *has_header, struct error *err) {
    if (!r->delimiter)
        r->delimiter = find_delimiter(r);
    if (!read_record(r, err))
        return false;
    if (!r->count)
        return error_set(err, ERROR_INVALID, "%s: no rows", r->file->path);
    r->columns = r->target = r->features = r->count;
    size_t expected = r->source->features;
    bool has_target = r->count != expected;
    if (expected && has_target && r->count != expected + 1)
        return error_at(err, file_place(r->file, r->fields[0].text),
                        "%zu column%s, but the net has %zu input%s", r->count,
                        r->count == 1 ? "" : "s", expected, expected == 1 ? "" : "s");
    if (has_target && r->count < 2)
        return refuse(r, r->fields[0].text, "one column only: a row has features and a target",
                      err);
    *has_header = r->source->header == HEADER_FOUND ? looks_like_header(r)
                                                    : r->source->header == HEADER_GIVEN;
    if (has_target && !find_target(r, *has_header, err))
        return false;
    r->features -= has_target;
    if (!*has_header)
        return true;
    r->names = arena_alloc(r->arena, r->features, sizeof *r->names);
    for (size_t i = 0; i < r->features; i++)
        r->names[i] = raw_text_copy(&r->fields[i + (i >= r->target)], r->arena);
    return true;
}

/* The targets as numbers, where all of them are. */
static const double *target_values(const struct reader *r) {
    double *values = arena_alloc(r->arena, r->rows, sizeof *values);
    for (size_t i = 0; i < r->rows; i++)
        if (!text_to_number(r->targets[i].text, r->targets[i].length, &values[i]))
            return NULL;
    return values;
}

bool csv_parse(const struct data_source *source, const struct file_bytes *files,
               struct arena *arena, struct raw_part *raw, struct error *err) {
    struct reader r = {.source = source,
                       .file = files,
                       .arena = arena,
                       .at = file_text_start(files),
                       .end = (const char *)files->bytes + files->length,
                       .delimiter = source->delimiter};
    bool has_header = false;
    if (!begin(&r, &has_header, err) || (!has_header && !add_row(&r, err)))
        return false;
    while (read_record(&r, err) && r.count)
        if ((r.rows % RECORDS_A_CHECK == 0 && file_stopped(files, err)) || !add_row(&r, err))
            return false;
    if (err->first)
        return false;
    if (!r.rows)
        return error_set(err, ERROR_INVALID, "%s: no rows", files->path);
    *raw = (struct raw_part){.part = {.rows = r.rows, .reals = r.reals},
                             .inputs = r.features,
                             .values = r.target < r.columns ? target_values(&r) : NULL,
                             .texts = r.target < r.columns ? r.targets : NULL,
                             .file = *files,
                             .column_names = r.names};
    return true;
}
