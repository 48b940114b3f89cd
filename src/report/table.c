#include "report/table.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

const char *const table_formats[] = {"table", "csv", "json", NULL};

/* x'00ff', as SQL writes the bytes of a blob. */
static const char *blob_text(const struct sql_value *cell, struct arena *arena) {
    char *text = arena_alloc(arena, 2 * cell->length + 4, 1), *at = text;
    at += sprintf(at, "x'");
    for (size_t i = 0; i < cell->length; i++)
        at += sprintf(at, "%02x", (unsigned char)cell->text[i]);
    strcpy(at, "'");
    return text;
}

const char *table_value_text(const struct sql_value *cell, struct arena *arena) {
    char number[TEXT_NUMBER_MAX];
    switch (cell->type) {
    case SQL_NULL:
        return "";
    case SQL_INTEGER:
        return arena_printf(arena, "%lld", (long long)cell->integer);
    case SQL_REAL:
        snprintf(number, sizeof number, "%.6g", cell->real);
        return arena_text(arena, number, strlen(number));
    case SQL_TEXT:
        return text_visible(cell->text, cell->length, arena);
    case SQL_BLOB:
        return blob_text(cell, arena);
    }
    return "";
}

size_t table_width(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void put_padded(const char *text, size_t width, bool right, bool last, FILE *out) {
    size_t own = table_width(text);
    if (right)
        fprintf(out, "%*s", (int)(width - own), "");
    fputs(text, out);
    if (!right && !last)
        fprintf(out, "%*s", (int)(width - own), "");
    fputs(last ? "\n" : "  ", out);
}

static void write_text(const struct table *table, FILE *out) {
    struct arena arena = {0};
    size_t columns = table->columns;
    size_t *width = arena_alloc(&arena, columns, sizeof *width);
    bool *right = arena_alloc(&arena, columns, sizeof *right);
    const char **texts = arena_alloc(&arena, table->rows * columns, sizeof *texts);
    const char **names = arena_alloc(&arena, columns, sizeof *names);
    for (size_t c = 0; c < columns; c++) {
        names[c] = text_visible(table->names[c], strlen(table->names[c]), &arena);
        width[c] = table_width(names[c]);
    }
    for (size_t i = 0; i < table->rows * columns; i++) {
        const struct sql_value *cell = &table->cells[i];
        texts[i] = table_value_text(cell, &arena);
        size_t own = table_width(texts[i]);
        width[i % columns] = own > width[i % columns] ? own : width[i % columns];
        right[i % columns] |= cell->type == SQL_INTEGER || cell->type == SQL_REAL;
    }
    for (size_t c = 0; c < columns; c++)
        put_padded(names[c], width[c], right[c], c + 1 == columns, out);
    for (size_t i = 0; i < table->rows * columns; i++)
        put_padded(texts[i], width[i % columns], right[i % columns], (i + 1) % columns == 0, out);
    arena_close(&arena);
}

static void put_hexadecimal(const struct sql_value *blob, FILE *out) {
    fputs("x'", out);
    for (size_t i = 0; i < blob->length; i++)
        fprintf(out, "%02x", (unsigned char)blob->text[i]);
    fputc('\'', out);
}

static bool has_any(const struct sql_value *text, const char *characters) {
    for (size_t i = 0; i < text->length; i++)
        if (text->text[i] && strchr(characters, text->text[i]))
            return true;
    return false;
}

void table_csv_field(const struct sql_value *cell, FILE *out) {
    char number[TEXT_NUMBER_MAX];
    if (cell->type == SQL_INTEGER)
        fprintf(out, "%lld", (long long)cell->integer);
    else if (cell->type == SQL_REAL)
        fputs(text_from_number(cell->real, number), out);
    else if (cell->type == SQL_BLOB)
        put_hexadecimal(cell, out);
    else if (cell->type == SQL_TEXT && !has_any(cell, ",\"\r\n"))
        fwrite(cell->text, 1, cell->length, out);
    else if (cell->type == SQL_TEXT) {
        fputc('"', out);
        for (size_t i = 0; i < cell->length; i++)
            fprintf(out, cell->text[i] == '"' ? "\"\"" : "%c", cell->text[i]);
        fputc('"', out);
    }
}

/* Bytes that are no UTF-8 become U+FFFD: a JSON text has no place for them. */
static void put_json_string(const char *text, size_t length, FILE *out) {
    fputc('"', out);
    for (size_t i = 0, bytes; i < length; i += bytes ? bytes : 1) {
        unsigned char c = (unsigned char)text[i];
        bytes = text_character(text + i, length - i);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else if (bytes)
            fwrite(text + i, 1, bytes, out);
        else
            fputs("\xEF\xBF\xBD", out);
    }
    fputc('"', out);
}

void table_json_value(const struct sql_value *cell, FILE *out) {
    char number[TEXT_NUMBER_MAX];
    if (cell->type == SQL_INTEGER)
        fprintf(out, "%lld", (long long)cell->integer);
    else if (cell->type == SQL_REAL && isfinite(cell->real))
        fputs(text_from_number(cell->real, number), out);
    else if (cell->type == SQL_TEXT)
        put_json_string(cell->text, cell->length, out);
    else if (cell->type == SQL_BLOB) {
        fputc('"', out);
        put_hexadecimal(cell, out);
        fputc('"', out);
    } else
        fputs("null", out); /* JSON has no infinity */
}

static void put_csv_row(const struct sql_value *cells, size_t columns, FILE *out) {
    for (size_t c = 0; c < columns; c++) {
        table_csv_field(&cells[c], out);
        fputc(c + 1 == columns ? '\n' : ',', out);
    }
}

static void put_json_row(const char *const *names, const struct sql_value *cells, size_t columns,
                         FILE *out) {
    for (size_t c = 0; c < columns; c++) {
        fputs(c ? ", " : "{", out);
        put_json_string(names[c], strlen(names[c]), out);
        fputs(": ", out);
        table_json_value(&cells[c], out);
    }
    fputc('}', out);
}

void table_begin(const struct table *table, enum table_format format, FILE *out) {
    for (size_t c = 0; format == TABLE_CSV && c < table->columns; c++) {
        struct sql_value name = sql_text(table->names[c]);
        table_csv_field(&name, out);
        fputc(c + 1 == table->columns ? '\n' : ',', out);
    }
    if (format == TABLE_JSON)
        fputc('[', out);
}

void table_row(const struct table *table, const struct sql_value *cells, enum table_format format,
               bool is_first, FILE *out) {
    if (format == TABLE_CSV)
        put_csv_row(cells, table->columns, out);
    else {
        fputs(format == TABLE_JSONL ? "" : is_first ? "\n " : ",\n ", out);
        put_json_row(table->names, cells, table->columns, out);
        fputs(format == TABLE_JSONL ? "\n" : "", out);
    }
}

void table_end(enum table_format format, bool is_empty, FILE *out) {
    if (format == TABLE_JSON)
        fputs(is_empty ? "]\n" : "\n]\n", out);
}

void table_write(const struct table *table, enum table_format format, FILE *out) {
    if (format == TABLE_TEXT) {
        write_text(table, out);
        return;
    }
    table_begin(table, format, out);
    for (size_t r = 0; r < table->rows; r++)
        table_row(table, &table->cells[r * table->columns], format, r == 0, out);
    table_end(format, table->rows == 0, out);
}
