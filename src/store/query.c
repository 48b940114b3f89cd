#include "store/query.h"

#include "store/database.h"

#include <stdlib.h>
#include <string.h>

struct query_database {
    struct database database;
};

/* What a reading query may do. A read-only connection alone lets VACUUM INTO write a file and
 * ATTACH pass. */
static int authorize(void *context, int action, const char *a, const char *b, const char *c,
                     const char *d) {
    (void)context, (void)a, (void)c, (void)d;
    static const char *const refused[] = {"load_extension", "fts3_tokenizer", "readfile",
                                          "writefile", "edit"};
    if (action == SQLITE_FUNCTION)
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
            if (sqlite3_stricmp(b, refused[i]) == 0)
                return SQLITE_DENY;
    return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
                   action == SQLITE_RECURSIVE
               ? SQLITE_OK
               : SQLITE_DENY;
}

bool query_open(const char *path, struct query_database **result, struct error *err) {
    struct query_database *query = calloc(1, sizeof *query);
    if (!query)
        out_of_memory();
    *result = query;
    if (!database_open_read_only(path, &query->database, err))
        return false;
    sqlite3_db_config(query->database.handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_set_authorizer(query->database.handle, authorize, NULL);
    return true;
}

void query_close(struct query_database *query) {
    if (!query)
        return;
    database_close(&query->database);
    free(query);
}

const char *query_library_version(void) {
    return sqlite3_libversion();
}

static struct cell cell_at(sqlite3_stmt *row, int column, struct arena *arena) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return cell_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return cell_real(sqlite3_column_double(row, column));
    case SQLITE_NULL:
        return cell_null();
    default: {
        const char *text = (const char *)sqlite3_column_text(row, column);
        return cell_text(
            arena_text(arena, text ? text : "", (size_t)sqlite3_column_bytes(row, column)));
    }
    }
}

static sqlite3_stmt *prepare(struct query_database *query, const char *sql, struct error *err) {
    sqlite3 *handle = query->database.handle;
    sqlite3_stmt *statement = NULL;
    const char *tail = sql;
    int status = sqlite3_prepare_v2(handle, sql, -1, &statement, &tail);
    if (status == SQLITE_AUTH || (statement && !sqlite3_stmt_readonly(statement))) {
        error_set(err, ERROR_USAGE, "only SELECT is allowed: this is a reading command");
    } else if (status == SQLITE_ERROR) {
        error_set(err, ERROR_USAGE, "SQL: %s", sqlite3_errmsg(handle));
    } else if (status != SQLITE_OK) {
        database_error(&query->database, err);
    } else if (!statement) {
        error_set(err, ERROR_USAGE, "SQL: the query is empty");
    } else if (tail[strspn(tail, " \t\r\n;")]) {
        error_set(err, ERROR_USAGE, "SQL: one query at a time");
    } else
        return statement;
    sqlite3_finalize(statement);
    return NULL;
}

static bool refuse_change(struct query_database *query, int status, struct error *err) {
    if (status == SQLITE_ERROR || status == SQLITE_MISMATCH || status == SQLITE_TOOBIG)
        return error_set(err, ERROR_USAGE, "SQL: %s", sqlite3_errmsg(query->database.handle));
    return database_error(&query->database, err);
}

bool query_rows(struct query_database *query, const char *sql, const struct cell *parameters,
                size_t parameter_count, const struct row_sink *sink, struct error *err) {
    sqlite3_stmt *statement = prepare(query, sql, err);
    if (!statement)
        return false;
    database_bind(statement, parameters, parameter_count);
    struct arena arena = {0};
    size_t columns = (size_t)sqlite3_column_count(statement);
    const char **names = arena_alloc(&arena, columns, sizeof *names);
    for (size_t c = 0; c < columns; c++) {
        const char *name = sqlite3_column_name(statement, (int)c);
        names[c] = arena_text(&arena, name, strlen(name));
    }
    bool ok = sink->names(sink->context, names, columns, err);
    int status = SQLITE_DONE;
    while (ok && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        struct arena row = {0};
        struct cell *cells = arena_alloc(&row, columns, sizeof *cells);
        for (size_t c = 0; c < columns; c++)
            cells[c] = cell_at(statement, (int)c, &row);
        ok = sink->row(sink->context, cells, columns, err);
        arena_close(&row);
    }
    if (ok && status != SQLITE_DONE)
        ok = refuse_change(query, status, err);
    sqlite3_finalize(statement);
    arena_close(&arena);
    return ok;
}

/* A table that grows. */
struct collector {
    struct arena *arena;
    struct table *table;
    size_t room;
};

static bool collect_names(void *context, const char *const *names, size_t columns,
                          struct error *err) {
    (void)err;
    struct collector *collector = context;
    *collector->table = (struct table){.columns = columns};
    collector->table->names = arena_alloc(collector->arena, columns, sizeof *names);
    for (size_t c = 0; c < columns; c++)
        collector->table->names[c] = arena_text(collector->arena, names[c], strlen(names[c]));
    return true;
}

static bool collect_row(void *context, const struct cell *cells, size_t columns,
                        struct error *err) {
    (void)err;
    struct collector *collector = context;
    struct table *table = collector->table;
    table->cells = arena_grow(collector->arena, table->cells, table->rows, &collector->room,
                              columns * sizeof *cells);
    struct cell *row = &table->cells[table->rows++ * columns];
    for (size_t c = 0; c < columns; c++) {
        row[c] = cells[c];
        if (row[c].type == CELL_TEXT)
            row[c].text = arena_text(collector->arena, cells[c].text, strlen(cells[c].text));
    }
    return true;
}

bool query_table(struct query_database *query, const char *sql, const struct cell *parameters,
                 size_t parameter_count, struct arena *arena, struct table *table,
                 struct error *err) {
    struct collector collector = {.arena = arena, .table = table};
    struct row_sink sink = {&collector, collect_names, collect_row};
    return query_rows(query, sql, parameters, parameter_count, &sink, err);
}
