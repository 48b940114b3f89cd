#include "report/show.h"

#include "report/table.h"
#include "trial/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 40 }; /* a matrix of more does not fit on a screen */

static const char *epochs_sql(struct arena *arena) {
    const char *sql = "SELECT epoch";
    for (size_t i = 0; i < metric_count; i++)
        sql = arena_printf(arena, "%s, %s", sql, metrics[i].name);
    return arena_printf(arena, "%s FROM epochs WHERE trial = ?1 ORDER BY epoch", sql);
}

static bool find_trial(struct query_database *database, const char *prefix, struct arena *arena,
                       struct sql_value *id, struct error *err) {
    struct table found;
    struct sql_value pattern = sql_text(prefix);
    if (strspn(prefix, "0123456789abcdef") != strlen(prefix) || !*prefix)
        return error_set(err, ERROR_USAGE, "'%s' is no trial id (16 hex digits or a prefix)",
                         prefix);
    if (!query_table(database,
                     "SELECT trial FROM trials WHERE trial >= ?1 AND trial < ?1 || 'g' LIMIT 2",
                     &pattern, 1, arena, &found, err))
        return false;
    if (found.rows != 1)
        return error_set(
            err, ERROR_USAGE,
            found.rows ? "several trials begin with '%s'" : "no trial begins with '%s'", prefix);
    *id = found.cells[0];
    return true;
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
    if (!find_trial(database, prefix, arena, &id, err))
        return false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!query_table(database, all[i].sql, &id, 1, arena, all[i].table, err))
            return false;
    return true;
}

/* One `name value` a line; what is NULL is left out. */
static void write_fields(const struct table *table, size_t first, struct arena *arena, FILE *out) {
    size_t width = 0;
    for (size_t c = first; table->rows && c < table->columns; c++)
        width = strlen(table->names[c]) > width ? strlen(table->names[c]) : width;
    for (size_t c = first; table->rows && c < table->columns; c++)
        if (table->cells[c].type != SQL_NULL &&
            !(table->cells[c].type == SQL_TEXT && strcmp(table->cells[c].text, "{}") == 0))
            fprintf(out, "%-*s  %s\n", (int)width, table->names[c],
                    table_value_text(&table->cells[c], arena));
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
static void write_epochs(const struct table *table, struct arena *arena, FILE *out) {
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
    fputs("\nEpochs\n", out);
    table_write(&varying, TABLE_TEXT, out);
    if (*constants)
        fprintf(out, "in every epoch:%s\n", constants);
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The labels in the columns `actual` and `predicted`, each once, ascending. Returns how many. */
static size_t find_labels(const struct table *table, struct arena *arena, double **labels) {
    size_t count = 2 * table->rows, kept = 0;
    double *all = arena_alloc(arena, count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = sql_number(&table->cells[i / 2 * table->columns + i % 2]);
    qsort(all, count, sizeof *all, ascending);
    for (size_t i = 0; i < count; i++)
        if (!kept || all[i] != all[kept - 1])
            all[kept++] = all[i];
    *labels = all;
    return kept;
}

static size_t label_index(const double *labels, size_t count, const struct sql_value *cell) {
    double label = sql_number(cell);
    return (size_t)((double *)bsearch(&label, labels, count, sizeof label, ascending) - labels);
}

/* Rows are what an image is, columns what it was taken for. */
static void write_confusion(const struct table *table, struct arena *arena, FILE *out) {
    bool has_names = false;
    for (size_t i = 0; i < table->rows * 3; i++)
        has_names |= table->cells[i].type == SQL_TEXT;
    if (has_names) {
        fputs("\nConfusion on the test set at the best epoch\n", out);
        table_write(table, TABLE_TEXT, out);
        return;
    }
    double *labels;
    size_t n = find_labels(table, arena, &labels);
    if (!n || n > CLASSES_MAX)
        return;
    int64_t *counts = arena_alloc(arena, n * n, sizeof *counts);
    for (size_t i = 0; i < table->rows; i++) {
        const struct sql_value *row = &table->cells[i * table->columns];
        counts[label_index(labels, n, &row[0]) * n + label_index(labels, n, &row[1])] =
            row[2].integer;
    }
    fputs("\nConfusion on the test set at the best epoch (rows: actual, columns: predicted)\n     ",
          out);
    for (size_t p = 0; p < n; p++)
        fprintf(out, " %5g", labels[p]);
    for (size_t a = 0; a < n; a++) {
        fprintf(out, "\n%5g", labels[a]);
        for (size_t p = 0; p < n; p++)
            if (counts[a * n + p])
                fprintf(out, " %5lld", (long long)counts[a * n + p]);
            else
                fputs("     .", out);
    }
    fputc('\n', out);
}

void show_write(const struct trial_story *story, FILE *out) {
    struct arena arena = {0};
    write_fields(&story->trial, 0, &arena, out);
    if (story->overfitting.rows) {
        fputs("\nOverfitting\n", out);
        write_fields(&story->overfitting, 1, &arena, out);
    }
    if (story->members.rows) {
        fputs("\nExperiments\n", out);
        table_write(&story->members, TABLE_TEXT, out);
    }
    if (story->epochs.rows)
        write_epochs(&story->epochs, &arena, out);
    write_confusion(&story->confusion, &arena, out);
    arena_close(&arena);
}
