#include "report/export.h"

#include "report/table.h"

#include <errno.h>
#include <string.h>

const char *const export_formats[] = {"csv", "jsonl", NULL};

static const enum table_format written_as[] = {TABLE_CSV, TABLE_JSONL};

enum { PAGE = 20000 };

/* The two columns in front are the key by which the next page goes on. */
enum { KEYS = 2 };

/* ?3 is the experiment, NULL for all. */
#define IN_EXPERIMENT                                                                              \
    "(?3 IS NULL OR id IN (SELECT trial_id FROM member_rows WHERE experiment = ?3 AND in_plan))"

static const struct {
    const char *view, *from;
} views[] = {
    {"trials",
     "SELECT id, 0, %s FROM trial_rows WHERE (id, 0) > (?1, ?2) AND " IN_EXPERIMENT " ORDER BY id"},
    {"epochs",
     "SELECT e.trial_id, e.epoch, %s FROM epoch_rows e JOIN (SELECT id, trial FROM "
     "trial_rows) ON id = e.trial_id WHERE (e.trial_id, e.epoch) > (?1, ?2) AND " IN_EXPERIMENT
     " ORDER BY e.trial_id, e.epoch"},
};

/* One page behind the key, with the experiment after it; *rows tells how many there were, the key
 * moves on. */
static bool write_page(struct query_database *database, const char *sql, const struct table *names,
                       struct sql_value key[KEYS + 1], enum table_format format, FILE *out,
                       size_t *rows, struct error *err) {
    struct arena arena = {0};
    struct table table = {0};
    bool ok = query_table(database, sql, key, KEYS + 1, &arena, &table, err);
    *rows = ok ? table.rows : 0;
    for (size_t r = 0; r < *rows; r++) {
        const struct sql_value *row = &table.cells[r * table.columns];
        table_row(names, row + KEYS, format, false, out);
        memcpy(key, row, KEYS * sizeof *key);
    }
    arena_close(&arena);
    if (ok && fflush(out) != 0 && errno != EPIPE)
        ok = error_set(err, ERROR_FAILED, "standard output: %s", strerror(errno));
    if (ferror(out))
        *rows = 0; /* the reader has closed the pipe */
    return ok;
}

bool export_view(struct query_database *database, const char *view, const char *experiment,
                 size_t format, FILE *out, struct error *err) {
    struct arena arena = {0};
    struct table names;
    struct sql_value key[KEYS + 1] = {sql_integer(0), sql_integer(0), sql_text(experiment)};
    size_t v = strcmp(view, views[0].view) == 0 ? 0 : 1, rows = PAGE;
    bool ok = query_table(database, arena_printf(&arena, "SELECT * FROM %s LIMIT 0", view), NULL, 0,
                          &arena, &names, err);
    const char *columns = "", *sql = NULL;
    for (size_t c = 0; ok && c < names.columns; c++)
        columns = arena_printf(&arena, "%s%s%s", columns, c ? ", " : "", names.names[c]);
    if (ok) {
        sql = arena_printf(&arena, views[v].from, columns);
        sql = arena_printf(&arena, "%s LIMIT %d", sql, PAGE);
        table_begin(&names, written_as[format], out);
    }
    while (ok && rows == PAGE)
        ok = write_page(database, sql, &names, key, written_as[format], out, &rows, err);
    arena_close(&arena);
    return ok;
}
