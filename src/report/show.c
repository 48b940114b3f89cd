#include "report/show.h"

#include "trial/metric.h"

#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 40 }; /* a matrix of more does not fit on a screen */

static const char *epochs_sql(struct arena *arena) {
    const char *sql = "SELECT epoch";
    for (size_t i = 0; i < metric_count; i++)
        sql = arena_printf(arena, "%s, %s", sql, metrics[i].name);
    return arena_printf(arena, "%s FROM epochs WHERE trial = ?1 ORDER BY epoch", sql);
}

bool show_load(struct query_database *database, const char *prefix, struct arena *arena,
               struct trial_story *story, struct error *err) {
    struct sql_value id;
    const struct {
        struct table *table;
        const char *sql;
    } all[] = {
        {&story->trial, "SELECT * FROM trials WHERE trial = ?1"},
        {&story->overfitting, "SELECT * FROM overfitting WHERE trial = ?1"},
        {&story->members,
         "SELECT experiment, label, position, in_plan FROM members WHERE trial = ?1"},
        {&story->epochs, epochs_sql(arena)},
        {&story->confusion, "SELECT actual, predicted, count FROM confusion WHERE trial = ?1"},
    };
    if (!query_find_trial(database, prefix, arena, &id, err))
        return false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!query_table(database, all[i].sql, &id, 1, arena, all[i].table, err))
            return false;
    return true;
}

/* Where a trial's story is written. */
struct paper {
    FILE *out;
    size_t room;
    bool colours;
};

static void write_heading(const struct paper *paper, const char *words) {
    fprintf(paper->out, paper->colours ? "\n\033[1m%s\033[0m\n" : "\n%s\n", words);
}

/* One `name value` a line; what is NULL is left out. Values go on below themselves. */
static void write_fields(const struct table *table, size_t first, const struct paper *paper,
                         struct arena *arena) {
    size_t width = 0;
    for (size_t c = first; table->rows && c < table->columns; c++)
        width = strlen(table->names[c]) > width ? strlen(table->names[c]) : width;
    for (size_t c = first; table->rows && c < table->columns; c++) {
        const struct sql_value *cell = &table->cells[c];
        if (cell->type == SQL_NULL || (cell->type == SQL_TEXT && strcmp(cell->text, "{}") == 0))
            continue;
        fprintf(paper->out, "%-*s  ", (int)width, table->names[c]);
        const char *look = paper->colours ? table_style_states(table, 0, c) : NULL;
        if (look) /* a state is one word */
            fprintf(paper->out, "\033[%sm%s\033[0m\n", look, cell->text);
        else
            table_write_wrapped(table_value_text(cell, arena), paper->room, width + 2, width + 2,
                                paper->out);
    }
}

static bool same_value(const struct sql_value *a, const struct sql_value *b) {
    return a->type == b->type && (a->type == SQL_NULL || sql_number(a) == sql_number(b));
}

/* Whether a column holds one value in all rows. Needs: a row. */
static bool is_constant(const struct table *table, size_t column) {
    for (size_t r = 1; r < table->rows; r++)
        if (!same_value(&table->cells[column], &table->cells[r * table->columns + column]))
            return false;
    return true;
}

/* What holds in every epoch is a line of its own instead of a column; what is NULL is left out. */
static void write_epochs(const struct table *table, const struct paper *paper,
                         struct arena *arena) {
    struct table varying = {.rows = table->rows};
    size_t *columns = arena_alloc(arena, table->columns, sizeof *columns);
    const char *constants = "";
    varying.names = arena_alloc(arena, table->columns, sizeof *varying.names);
    for (size_t c = 0; c < table->columns; c++) {
        const struct sql_value *first = &table->cells[c];
        if (table->rows == 1 ? first->type != SQL_NULL : !is_constant(table, c)) {
            columns[varying.columns] = c;
            varying.names[varying.columns++] = table->names[c];
        } else if (first->type != SQL_NULL)
            constants = arena_printf(arena, "%s%s %s %s", constants, *constants ? "," : "",
                                     table->names[c], table_value_text(first, arena));
    }
    varying.cells = arena_alloc(arena, varying.rows * varying.columns, sizeof *varying.cells);
    for (size_t r = 0, n = 0; r < varying.rows; r++)
        for (size_t c = 0; c < varying.columns; c++)
            varying.cells[n++] = table->cells[r * table->columns + columns[c]];
    write_heading(paper, "Epochs");
    table_write_text(&varying, paper->room, 1, paper->out);
    if (*constants)
        table_write_wrapped(arena_printf(arena, "in every epoch:%s", constants), paper->room, 0, 2,
                            paper->out);
}

/* Numbers before texts. */
static int by_label(const void *left, const void *right) {
    const struct sql_value *a = left, *b = right;
    if (a->type == SQL_TEXT || b->type == SQL_TEXT)
        return a->type == b->type ? strcmp(a->text, b->text) : a->type == SQL_TEXT ? 1 : -1;
    double x = sql_number(a), y = sql_number(b);
    return (x > y) - (x < y);
}

/* The labels in the columns `actual` and `predicted`, each once, ascending. Returns how many. */
static size_t find_labels(const struct table *table, struct arena *arena,
                          struct sql_value **labels) {
    size_t count = 2 * table->rows, kept = 0;
    struct sql_value *all = arena_alloc(arena, count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = table->cells[i / 2 * table->columns + i % 2];
    qsort(all, count, sizeof *all, by_label);
    for (size_t i = 0; i < count; i++)
        if (!kept || by_label(&all[i], &all[kept - 1]) != 0)
            all[kept++] = all[i];
    *labels = all;
    return kept;
}

static size_t label_index(const struct sql_value *labels, size_t count,
                          const struct sql_value *label) {
    const struct sql_value *found = bsearch(label, labels, count, sizeof *labels, by_label);
    return (size_t)(found - labels);
}

/* Rows are what an image is, columns what it was taken for. */
static void write_confusion(const struct table *table, const struct paper *paper,
                            struct arena *arena) {
    struct sql_value *labels;
    size_t n = find_labels(table, arena, &labels);
    if (!n || n > CLASSES_MAX)
        return;
    struct table matrix = {.rows = n, .columns = n + 1};
    matrix.names = arena_alloc(arena, n + 1, sizeof *matrix.names);
    matrix.cells = arena_alloc(arena, n * (n + 1), sizeof *matrix.cells);
    matrix.names[0] = "";
    for (size_t c = 0; c < n; c++) {
        matrix.names[c + 1] = table_value_text(&labels[c], arena);
        matrix.cells[c * (n + 1)] = labels[c];
        for (size_t p = 0; p < n; p++)
            matrix.cells[c * (n + 1) + 1 + p] = sql_text(".");
    }
    for (size_t i = 0; i < table->rows; i++) {
        const struct sql_value *row = &table->cells[i * table->columns];
        size_t actual = label_index(labels, n, &row[0]), taken = label_index(labels, n, &row[1]);
        if (row[2].integer)
            matrix.cells[actual * (n + 1) + 1 + taken] = row[2];
    }
    write_heading(paper, "Confusion");
    table_write_wrapped("on the test set at the best epoch; rows: actual, columns: predicted",
                        paper->room, 0, 0, paper->out);
    table_write_text(&matrix, paper->room, 1, paper->out);
}

void show_write(const struct trial_story *story, size_t room, bool colours, FILE *out) {
    const struct paper paper = {out, room, colours};
    struct arena arena = {0};
    write_fields(&story->trial, 0, &paper, &arena);
    if (story->overfitting.rows) {
        write_heading(&paper, "Overfitting");
        write_fields(&story->overfitting, 1, &paper, &arena);
    }
    if (story->members.rows) {
        write_heading(&paper, "Experiments");
        table_write_text(&story->members, room, 1, out);
    }
    if (story->epochs.rows)
        write_epochs(&story->epochs, &paper, &arena);
    if (story->confusion.rows)
        write_confusion(&story->confusion, &paper, &arena);
    arena_close(&arena);
}

/* The trial with what its curves say beside it. */
static struct table one_row(const struct trial_story *story, struct arena *arena) {
    const struct table *left = &story->trial, *right = &story->overfitting;
    size_t more = right->rows ? right->columns - 1 : 0, columns = left->columns;
    struct table row = {.rows = left->rows};
    row.names = arena_alloc(arena, columns + more, sizeof *row.names);
    row.cells = arena_alloc(arena, columns + more, sizeof *row.cells);
    memcpy(row.names, left->names, columns * sizeof *row.names);
    memcpy(row.cells, left->cells, columns * sizeof *row.cells);
    for (size_t c = 0; c < more; c++) {
        bool is_there = false;
        for (size_t i = 0; i < columns; i++)
            is_there |= strcmp(left->names[i], right->names[c + 1]) == 0;
        if (is_there)
            continue;
        row.names[columns + row.columns] = right->names[c + 1];
        row.cells[columns + row.columns++] = right->cells[c + 1];
    }
    row.columns += columns;
    return row;
}

void show_write_as(const struct trial_story *story, enum table_format format, FILE *out) {
    const struct {
        const char *name;
        const struct table *table;
    } all[] = {
        {"trial", &story->trial},         {"overfitting", &story->overfitting},
        {"members", &story->members},     {"epochs", &story->epochs},
        {"confusion", &story->confusion},
    };
    struct arena arena = {0};
    struct table row = one_row(story, &arena);
    if (format != TABLE_JSON)
        table_write(&row, format, out);
    for (size_t i = 0; format == TABLE_JSON && i < sizeof all / sizeof *all; i++) {
        fprintf(out, "%s\"%s\": ", i ? ",\n" : "{", all[i].name);
        table_write(all[i].table, TABLE_JSON, out);
    }
    if (format == TABLE_JSON)
        fputs("}\n", out);
    arena_close(&arena);
}
