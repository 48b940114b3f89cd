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

static struct sql_value cell_at(sqlite3_stmt *row, int column, struct arena *arena) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return sql_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return sql_real(sqlite3_column_double(row, column));
    case SQLITE_NULL:
        return sql_null();
    default: {
        const char *text = (const char *)sqlite3_column_text(row, column);
        return sql_text(
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

static bool refuse_step(struct query_database *query, int status, struct error *err) {
    if (status == SQLITE_ERROR || status == SQLITE_MISMATCH || status == SQLITE_TOOBIG)
        return error_set(err, ERROR_USAGE, "SQL: %s", sqlite3_errmsg(query->database.handle));
    return database_error(&query->database, err);
}

static void read_names(sqlite3_stmt *statement, struct arena *arena, struct table *table) {
    *table = (struct table){.columns = (size_t)sqlite3_column_count(statement)};
    table->names = arena_alloc(arena, table->columns, sizeof *table->names);
    for (size_t c = 0; c < table->columns; c++) {
        const char *name = sqlite3_column_name(statement, (int)c);
        table->names[c] = arena_text(arena, name, strlen(name));
    }
}

bool query_table(struct query_database *query, const char *sql, const struct sql_value *parameters,
                 size_t parameter_count, struct arena *arena, struct table *table,
                 struct error *err) {
    sqlite3_stmt *statement = prepare(query, sql, err);
    if (!statement)
        return false;
    database_bind(statement, parameters, parameter_count);
    read_names(statement, arena, table);
    size_t room = 0;
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        table->cells = arena_grow(arena, table->cells, table->rows, &room,
                                  table->columns * sizeof *table->cells);
        struct sql_value *row = &table->cells[table->rows++ * table->columns];
        for (size_t c = 0; c < table->columns; c++)
            row[c] = cell_at(statement, (int)c, arena);
    }
    if (status != SQLITE_DONE)
        refuse_step(query, status, err);
    sqlite3_finalize(statement);
    return status == SQLITE_DONE;
}
