#include "report/show.h"

#include "report/table.h"

#include <string.h>

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
        {&story->epochs, "SELECT epoch, train_loss, train_accuracy, train_mae, probe_loss, "
                         "probe_accuracy, probe_mae, val_loss, val_accuracy, val_mae, test_loss, "
                         "test_accuracy, test_mae, weight_norm, dead_units, epoch_seconds FROM "
                         "epochs WHERE trial = ?1 ORDER BY epoch"},
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

/* The columns of a table that hold something. */
static struct table without_empty(const struct table *table, struct arena *arena) {
    struct table kept = {.rows = table->rows};
    bool *keep = arena_alloc(arena, table->columns, sizeof *keep);
    kept.names = arena_alloc(arena, table->columns, sizeof *kept.names);
    for (size_t i = 0; i < table->rows * table->columns; i++)
        keep[i % table->columns] |= table->cells[i].type != SQL_NULL;
    for (size_t c = 0; c < table->columns; c++)
        if (keep[c])
            kept.names[kept.columns++] = table->names[c];
    kept.cells = arena_alloc(arena, kept.rows * kept.columns, sizeof *kept.cells);
    for (size_t i = 0, n = 0; i < table->rows * table->columns; i++)
        if (keep[i % table->columns])
            kept.cells[n++] = table->cells[i];
    return kept;
}

/* Rows are what an image is, columns what it was taken for. */
static void write_confusion(const struct table *table, struct arena *arena, FILE *out) {
    int64_t classes = 0;
    for (size_t i = 0; i < table->rows * 3; i++)
        if (i % 3 < 2 && table->cells[i].integer >= classes)
            classes = table->cells[i].integer + 1;
    if (!classes || classes > 40 || table->cells[0].integer < 0)
        return;
    size_t n = (size_t)classes;
    int64_t *counts = arena_alloc(arena, n * n, sizeof *counts);
    for (size_t i = 0; i < table->rows; i++)
        counts[(size_t)table->cells[3 * i].integer * n + (size_t)table->cells[3 * i + 1].integer] =
            table->cells[3 * i + 2].integer;
    fputs("\nConfusion on the test set at the best epoch (rows: actual, columns: predicted)\n     ",
          out);
    for (size_t p = 0; p < n; p++)
        fprintf(out, "%6zu", p);
    for (size_t a = 0; a < n; a++) {
        fprintf(out, "\n%5zu", a);
        for (size_t p = 0; p < n; p++)
            fprintf(out, counts[a * n + p] ? "%6lld" : "     .", (long long)counts[a * n + p]);
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
    if (story->epochs.rows) {
        struct table epochs = without_empty(&story->epochs, &arena);
        fputs("\nEpochs\n", out);
        table_write(&epochs, TABLE_TEXT, out);
    }
    write_confusion(&story->confusion, &arena, out);
    arena_close(&arena);
}
