#include "report/table.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

const char *const table_formats[] = {"table", "csv", "json", NULL};

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
        return cell->text;
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
    /* a line break within a cell would tear the table */
    for (; *text; text++)
        fputc(*text == '\n' || *text == '\t' || *text == '\r' ? ' ' : *text, out);
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
    for (size_t c = 0; c < columns; c++)
        width[c] = table_width(table->names[c]);
    for (size_t i = 0; i < table->rows * columns; i++) {
        const struct sql_value *cell = &table->cells[i];
        texts[i] = table_value_text(cell, &arena);
        size_t own = table_width(texts[i]);
        width[i % columns] = own > width[i % columns] ? own : width[i % columns];
        right[i % columns] |= cell->type == SQL_INTEGER || cell->type == SQL_REAL;
    }
    for (size_t c = 0; c < columns; c++)
        put_padded(table->names[c], width[c], right[c], c + 1 == columns, out);
    for (size_t i = 0; i < table->rows * columns; i++)
        put_padded(texts[i], width[i % columns], right[i % columns], (i + 1) % columns == 0, out);
    arena_close(&arena);
}

void table_csv_field(const struct sql_value *cell, FILE *out) {
    char number[TEXT_NUMBER_MAX];
    if (cell->type == SQL_INTEGER)
        fprintf(out, "%lld", (long long)cell->integer);
    else if (cell->type == SQL_REAL)
        fputs(text_from_number(cell->real, number), out);
    else if (cell->type == SQL_TEXT && !strpbrk(cell->text, ",\"\r\n"))
        fputs(cell->text, out);
    else if (cell->type == SQL_TEXT) {
        fputc('"', out);
        for (const char *at = cell->text; *at; at++)
            fprintf(out, *at == '"' ? "\"\"" : "%c", *at);
        fputc('"', out);
    }
}

void table_json_string(const char *text, FILE *out) {
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
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
        table_json_string(cell->text, out);
    else
        fputs("null", out); /* JSON has no infinity */
}

static void write_csv(const struct table *table, FILE *out) {
    for (size_t c = 0; c < table->columns; c++) {
        struct sql_value name = sql_text(table->names[c]);
        table_csv_field(&name, out);
        fputs(c + 1 == table->columns ? "\r\n" : ",", out);
    }
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        table_csv_field(&table->cells[i], out);
        fputs((i + 1) % table->columns == 0 ? "\r\n" : ",", out);
    }
}

static void write_json(const struct table *table, FILE *out) {
    fputs("[", out);
    for (size_t r = 0; r < table->rows; r++) {
        fputs(r ? ",\n {" : "\n {", out);
        for (size_t c = 0; c < table->columns; c++) {
            fputs(c ? ", " : "", out);
            table_json_string(table->names[c], out);
            fputs(": ", out);
            table_json_value(&table->cells[r * table->columns + c], out);
        }
        fputs("}", out);
    }
    fputs(table->rows ? "\n]\n" : "]\n", out);
}

void table_write(const struct table *table, enum table_format format, FILE *out) {
    if (format == TABLE_CSV)
        write_csv(table, out);
    else if (format == TABLE_JSON)
        write_json(table, out);
    else
        write_text(table, out);
}
