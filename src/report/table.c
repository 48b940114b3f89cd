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

/* Bytes of the first characters of a text. */
static size_t bytes_of(const char *text, size_t characters) {
    size_t i = 0;
    for (; text[i] && (characters || ((unsigned char)text[i] & 0xC0) == 0x80); i++)
        characters -= ((unsigned char)text[i] & 0xC0) != 0x80;
    return i;
}

const char *table_shorten(const char *text, size_t width, struct arena *arena) {
    size_t own = table_width(text);
    if (own <= width || !width)
        return text;
    size_t head = (width - 1) / 2, tail = own - (width - 1 - head);
    return arena_printf(arena, "%.*s\u2026%s", (int)bytes_of(text, head), text,
                        text + bytes_of(text, tail));
}

/* A table as texts. */
struct layout {
    const struct table *table;
    table_style *style;
    size_t rows, columns;
    const char **names; /* [columns] */
    const char **texts; /* [rows x columns] */
    size_t *width;      /* [columns] */
    bool *right;        /* [columns] numbers */
    struct arena arena;
};

static struct layout lay_out(const struct table *table, table_style *style) {
    struct layout layout = {
        .table = table, .style = style, .rows = table->rows, .columns = table->columns};
    struct arena *arena = &layout.arena;
    size_t columns = table->columns, cells = table->rows * columns;
    layout.width = arena_alloc(arena, columns, sizeof *layout.width);
    layout.right = arena_alloc(arena, columns, sizeof *layout.right);
    layout.texts = arena_alloc(arena, cells, sizeof *layout.texts);
    layout.names = arena_alloc(arena, columns, sizeof *layout.names);
    for (size_t c = 0; c < columns; c++) {
        layout.names[c] = text_visible(table->names[c], strlen(table->names[c]), arena);
        layout.width[c] = table_width(layout.names[c]);
    }
    for (size_t i = 0; i < cells; i++) {
        const struct sql_value *cell = &table->cells[i];
        layout.texts[i] = table_value_text(cell, arena);
        size_t own = table_width(layout.texts[i]), *width = &layout.width[i % columns];
        *width = own > *width ? own : *width;
        layout.right[i % columns] |= cell->type == SQL_INTEGER || cell->type == SQL_REAL;
    }
    return layout;
}

static void put_padded(struct layout *layout, const char *text, const char *look, size_t column,
                       bool last, FILE *out) {
    text = table_shorten(text, layout->width[column], &layout->arena);
    int padding = (int)(layout->width[column] - table_width(text));
    if (layout->right[column])
        fprintf(out, "%*s", padding, "");
    if (look)
        fprintf(out, "\033[%sm%s\033[0m", look, text);
    else
        fputs(text, out);
    if (!layout->right[column] && !last)
        fprintf(out, "%*s", padding, "");
    fputs(last ? "\n" : "  ", out);
}

/* Row 0 has the names. */
static void put_cell(struct layout *layout, size_t row, size_t column, bool last, FILE *out) {
    if (row == 0)
        put_padded(layout, layout->names[column], NULL, column, last, out);
    else
        put_padded(layout, layout->texts[(row - 1) * layout->columns + column],
                   layout->style ? layout->style(layout->table, row - 1, column) : NULL, column,
                   last, out);
}

/* The keys, and the columns from `first` to before `end`. */
static void put_block(struct layout *layout, size_t keys, size_t first, size_t end, FILE *out) {
    for (size_t r = 0; r <= layout->rows; r++) {
        for (size_t c = 0; c < keys; c++)
            put_cell(layout, r, c, c + 1 == keys && first == end, out);
        for (size_t c = first; c < end; c++)
            put_cell(layout, r, c, c + 1 == end, out);
    }
}

static size_t width_of_keys(const struct layout *layout, size_t keys) {
    size_t width = 0;
    for (size_t c = 0; c < keys; c++)
        width += layout->width[c] + 2;
    return width;
}

/* Keys take at most two thirds of the room, the widest give way first. Returns their width. */
static size_t fit_keys(struct layout *layout, size_t keys, size_t room) {
    while (width_of_keys(layout, keys) > room * 2 / 3) {
        size_t widest = 0;
        for (size_t c = 1; c < keys; c++)
            widest = layout->width[c] > layout->width[widest] ? c : widest;
        if (layout->width[widest] <= 1)
            break;
        layout->width[widest]--;
    }
    return width_of_keys(layout, keys);
}

static size_t whole_width(const struct layout *layout) {
    size_t width = width_of_keys(layout, layout->columns);
    return width ? width - 2 : 0;
}

const char *table_style_states(const struct table *table, size_t row, size_t column) {
    static const struct {
        const char *state, *look;
    } looks[] = {{"failed", "31"}, {"diverged", "31"}, {"interrupted", "33"}, {"running", "32"}};
    const struct sql_value *cell = &table->cells[row * table->columns + column];
    for (size_t i = 0; cell->type == SQL_TEXT && i < sizeof looks / sizeof *looks; i++)
        if (cell->length == strlen(looks[i].state) &&
            memcmp(cell->text, looks[i].state, cell->length) == 0)
            return looks[i].look;
    return NULL;
}

const char *table_style_leader(const struct table *table, size_t row, size_t column) {
    return row ? table_style_states(table, row, column) : "1";
}

void table_write_text(const struct table *table, size_t room, size_t keys, FILE *out) {
    table_write_styled(table, room, keys, NULL, out);
}

void table_write_styled(const struct table *table, size_t room, size_t keys, table_style *style,
                        FILE *out) {
    struct layout layout = lay_out(table, style);
    size_t end = table->columns, taken = 0;
    if (!room || whole_width(&layout) <= room) {
        put_block(&layout, 0, 0, end, out);
        arena_close(&layout.arena);
        return;
    }
    keys = keys < end ? keys : end;
    taken = fit_keys(&layout, keys, room);
    for (size_t first = keys; first < end;) {
        size_t next = first, used = taken;
        do {
            size_t left = room - (used < room ? used : room - 1);
            if (next == first && layout.width[next] > left)
                layout.width[next] = left;
            used += layout.width[next] + 2;
            next++;
        } while (next < end && used + layout.width[next] <= room);
        if (first > keys)
            fputc('\n', out);
        put_block(&layout, keys, first, next, out);
        first = next;
    }
    arena_close(&layout.arena);
}

/* Bytes of the next word; a percent sign stays with its number. */
static size_t word_length(const char *text) {
    size_t length = strcspn(text, " ");
    return strncmp(text + length, " %", 2) == 0 ? length + 1 + strcspn(text + length + 1, " ")
                                                : length;
}

void table_write_wrapped(const char *text, size_t room, size_t column, size_t indent, FILE *out) {
    bool begun = false;
    room = room > indent || !room ? room : indent + 1;
    for (size_t length; *text; text += length, text += strspn(text, " ")) {
        struct arena scratch = {0};
        length = word_length(text);
        const char *word = arena_text(&scratch, text, length);
        size_t width = table_width(word);
        if (begun && (!room || column + 1 + width <= room)) {
            fputc(' ', out);
            column++;
        } else if (begun) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        for (; room && column + width > room; column = indent) { /* longer than a line */
            size_t bytes = bytes_of(word, room > column ? room - column : 0);
            fprintf(out, "%.*s\n%*s", (int)bytes, word, (int)indent, "");
            word += bytes;
            width = table_width(word);
        }
        fputs(word, out);
        column += width;
        begun = true;
        arena_close(&scratch);
    }
    fputc('\n', out);
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

void table_json_value(const struct sql_value *cell, FILE *out) {
    char number[TEXT_NUMBER_MAX];
    if (cell->type == SQL_INTEGER)
        fprintf(out, "%lld", (long long)cell->integer);
    else if (cell->type == SQL_REAL && isfinite(cell->real))
        fputs(text_from_number(cell->real, number), out);
    else if (cell->type == SQL_TEXT)
        text_write_json_bytes(cell->text, cell->length, out);
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
        text_write_json(names[c], out);
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

void table_append(struct table *table, const struct table *more, struct arena *arena) {
    size_t columns = more->columns, before = table->rows * columns, after = more->rows * columns;
    struct sql_value *cells = arena_alloc(arena, before + after, sizeof *cells);
    if (before)
        memcpy(cells, table->cells, before * sizeof *cells);
    if (after)
        memcpy(cells + before, more->cells, after * sizeof *cells);
    *table = (struct table){table->rows + more->rows, columns, more->names, cells};
}

void table_write(const struct table *table, enum table_format format, FILE *out) {
    if (format == TABLE_TEXT) {
        table_write_text(table, 0, 0, out);
        return;
    }
    table_begin(table, format, out);
    for (size_t r = 0; r < table->rows; r++)
        table_row(table, &table->cells[r * table->columns], format, r == 0, out);
    table_end(format, table->rows == 0, out);
}
