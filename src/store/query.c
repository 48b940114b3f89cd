#include "store/query.h"

#include "store/lock.h"
#include "store/open.h"
#include "trial/work.h"

#include <stdlib.h>
#include <string.h>

struct query_database {
    struct database database;
    struct session_lock lock;
    bool assumes; /* whether member_rows is the connection's own */
};

static bool is_among(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (name && sqlite3_stricmp(name, names[i]) == 0)
            return true;
    return false;
}

/* What a reading query may do. A read-only connection alone lets VACUUM INTO write a file and
 * ATTACH pass. */
static int authorize(void *context, int action, const char *a, const char *b, const char *c,
                     const char *d) {
    (void)context, (void)c, (void)d;
    static const char *const refused[] = {"load_extension", "fts3_tokenizer", "readfile",
                                          "writefile", "edit"};
    static const char *const describing[] = {"table_info", "table_xinfo", "table_list"};
    static const char *const plain[] = {"user_version", "application_id"}; /* without a value */
    bool allowed = action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE;
    if (action == SQLITE_FUNCTION)
        allowed = !is_among(b, refused, sizeof refused / sizeof *refused);
    if (action == SQLITE_PRAGMA)
        allowed = is_among(a, describing, sizeof describing / sizeof *describing) ||
                  (!b && is_among(a, plain, sizeof plain / sizeof *plain));
    if (action == SQLITE_UPDATE) /* how pragma_table_info('trials') declares itself */
        allowed = sqlite3_stricmp(a, "sqlite_master") == 0;
    return allowed ? SQLITE_OK : SQLITE_DENY;
}

/* is_alive(session): whether the process of this session still runs. */
static void is_alive(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    const struct session_lock *lock = sqlite3_user_data(context);
    sqlite3_result_int(context, lock_is_held(lock, sqlite3_value_int64(values[0])));
}

bool query_open(const char *path, struct query_database **result, struct error *err) {
    struct query_database *query = calloc(1, sizeof *query);
    if (!query)
        out_of_memory();
    *result = query;
    query->lock.fd = -1;
    if (!database_open_read_only(path, &query->database, err))
        return false;
    sqlite3_db_config(query->database.handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    lock_open_read_only(path, &query->lock);
    if (sqlite3_create_function(query->database.handle, "is_alive", 1, SQLITE_UTF8, &query->lock,
                                is_alive, NULL, NULL) != SQLITE_OK)
        return database_error(&query->database, err);
    sqlite3_set_authorizer(query->database.handle, authorize, NULL);
    return true;
}

void query_close(struct query_database *query) {
    if (!query)
        return;
    database_close(&query->database);
    lock_close(&query->lock);
    free(query);
}

/* A table of the connection's own stands before that of the same name. */
static const char assume_sql[] =
    "PRAGMA temp_store = MEMORY;"
    "CREATE TEMP TABLE member_rows(experiment TEXT, trial_id INTEGER, label TEXT, position "
    "INTEGER, "
    "in_plan INTEGER, origin TEXT, PRIMARY KEY(experiment, trial_id)) WITHOUT ROWID;"
    "CREATE TEMP TABLE assumed_plans(experiment TEXT PRIMARY KEY) WITHOUT ROWID;";

static const char assume_rest_sql[] =
    "INSERT INTO member_rows SELECT experiment, trial_id, label, position, in_plan, origin FROM "
    "main.member_rows WHERE experiment <> ?1";

static const char assume_trial_sql[] =
    "INSERT OR IGNORE INTO member_rows SELECT ?1, id, ?3, ?4, 1, 'file' FROM main.trial_rows WHERE "
    "trial = ?2";

static const char assume_others_sql[] =
    "INSERT OR IGNORE INTO member_rows SELECT experiment, trial_id, label, ?2 + position, in_plan, "
    "origin FROM main.member_rows WHERE experiment = ?1 AND in_plan AND origin = 'set'";

/* Each experiment's plan is the first that was assumed for it, and what others add to it. */
static bool forget_members(struct query_database *query, struct sql_value name, struct error *err) {
    const struct database *database = &query->database;
    if (!query->assumes && !(database_exec(database, assume_sql, err) &&
                             database_run(database, assume_rest_sql, &name, 1, err)))
        return false;
    query->assumes = true;
    return database_run(database,
                        "DELETE FROM member_rows WHERE experiment = ?1 AND ?1 NOT IN (SELECT "
                        "experiment FROM assumed_plans)",
                        &name, 1, err) &&
           database_run(database, "INSERT OR IGNORE INTO assumed_plans VALUES(?1)", &name, 1, err);
}

static bool assume_members(struct query_database *query, struct sql_value name,
                           const struct work *work, size_t count, struct error *err) {
    const struct database *database = &query->database;
    struct sql_value others[] = {name, sql_integer((int64_t)count)};
    if (!forget_members(query, name, err))
        return false;
    sqlite3_stmt *insert = database_prepare(database, assume_trial_sql, NULL, 0, err);
    bool ok = insert != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        struct sql_value cells[] = {name, sql_text(work[i].id.trial), sql_text(work[i].label),
                                    sql_integer((int64_t)i + 1)};
        database_bind(insert, cells, sizeof cells / sizeof *cells);
        ok = sqlite3_step(insert) == SQLITE_DONE || database_error(database, err);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return ok && database_run(database, assume_others_sql, others, 2, err);
}

bool query_assume_plan(struct query_database *query, const char *experiment,
                       const struct work *work, size_t count, struct error *err) {
    sqlite3_set_authorizer(query->database.handle, NULL, NULL);
    bool ok = assume_members(query, sql_text(experiment), work, count, err);
    sqlite3_set_authorizer(query->database.handle, authorize, NULL);
    return ok;
}

/* As above, for queries that name trial_rows without `main.`; the public views stay whole. */
static const char keep_sql[] = "PRAGMA temp_store = MEMORY;"
                               "CREATE TEMP TABLE kept_trials(id INTEGER PRIMARY KEY);"
                               "CREATE TEMP VIEW trial_rows AS SELECT * FROM main.trial_rows WHERE "
                               "id IN (SELECT id FROM kept_trials);";

static bool keep_trials(const struct database *database, const int64_t *ids, size_t count,
                        struct error *err) {
    if (!database_exec(database, keep_sql, err))
        return false;
    sqlite3_stmt *insert =
        database_prepare(database, "INSERT INTO kept_trials VALUES(?1)", NULL, 0, err);
    bool ok = insert != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        struct sql_value id = sql_integer(ids[i]);
        database_bind(insert, &id, 1);
        ok = sqlite3_step(insert) == SQLITE_DONE || database_error(database, err);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return ok;
}

bool query_keep_trials(struct query_database *query, const int64_t *ids, size_t count,
                       struct error *err) {
    sqlite3_set_authorizer(query->database.handle, NULL, NULL);
    bool ok = keep_trials(&query->database, ids, count, err);
    sqlite3_set_authorizer(query->database.handle, authorize, NULL);
    return ok;
}

const char *query_library_version(void) {
    return sqlite3_libversion();
}

/* Texts and blobs stay SQLite's until the next step. */
static struct sql_value cell_at(sqlite3_stmt *row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return sql_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return sql_real(sqlite3_column_double(row, column));
    case SQLITE_NULL:
        return sql_null();
    case SQLITE_BLOB: {
        const char *bytes = sqlite3_column_blob(row, column); /* NULL where there are none */
        return (struct sql_value){.type = SQL_BLOB,
                                  .text = bytes ? bytes : "",
                                  .length = (size_t)sqlite3_column_bytes(row, column)};
    }
    default: {
        const char *text = (const char *)sqlite3_column_text(row, column);
        return (struct sql_value){.type = SQL_TEXT,
                                  .text = text ? text : "",
                                  .length = (size_t)sqlite3_column_bytes(row, column)};
    }
    }
}

/* Comments and semicolons behind a query are no second one. */
static bool is_end(sqlite3 *handle, const char *tail) {
    sqlite3_stmt *statement = NULL;
    while (*tail) {
        int status = sqlite3_prepare_v2(handle, tail, -1, &statement, &tail);
        sqlite3_finalize(statement);
        if (status != SQLITE_OK || statement)
            return false;
    }
    return true;
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
    } else if (!is_end(handle, tail)) {
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

bool query_rows(struct query_database *query, const char *sql, const struct sql_value *parameters,
                size_t parameter_count, query_visitor *visit, void *context, struct error *err) {
    sqlite3_stmt *statement = prepare(query, sql, err);
    if (!statement)
        return false;
    struct arena arena = {0};
    struct table row = {.columns = (size_t)sqlite3_column_count(statement)};
    row.names = arena_alloc(&arena, row.columns, sizeof *row.names);
    row.cells = arena_alloc(&arena, row.columns, sizeof *row.cells);
    for (size_t c = 0; c < row.columns; c++) {
        const char *name = sqlite3_column_name(statement, (int)c);
        row.names[c] = arena_text(&arena, name, strlen(name));
    }
    database_bind(statement, parameters, parameter_count);
    bool goes_on = visit(context, &row);
    int status = SQLITE_DONE;
    row.rows = 1;
    while (goes_on && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        for (size_t c = 0; c < row.columns; c++)
            row.cells[c] = cell_at(statement, (int)c);
        goes_on = visit(context, &row);
    }
    bool ok = !goes_on || status == SQLITE_DONE || refuse_step(query, status, err);
    sqlite3_finalize(statement);
    arena_close(&arena);
    return ok;
}

struct collection {
    struct table *table;
    struct arena *arena;
    size_t room; /* rows */
};

static bool collect(void *context, const struct table *row) {
    struct collection *collection = context;
    struct table *table = collection->table;
    struct arena *arena = collection->arena;
    if (!row->rows) {
        *table = (struct table){.columns = row->columns};
        table->names = arena_alloc(arena, row->columns, sizeof *table->names);
        for (size_t c = 0; c < row->columns; c++)
            table->names[c] = arena_text(arena, row->names[c], strlen(row->names[c]));
        return true;
    }
    table->cells = arena_grow(arena, table->cells, table->rows, &collection->room,
                              table->columns * sizeof *table->cells);
    struct sql_value *cells = &table->cells[table->rows++ * table->columns];
    for (size_t c = 0; c < table->columns; c++) {
        cells[c] = row->cells[c];
        if (cells[c].text)
            cells[c].text = arena_text(arena, cells[c].text, cells[c].length);
    }
    return true;
}

bool query_table(struct query_database *query, const char *sql, const struct sql_value *parameters,
                 size_t parameter_count, struct arena *arena, struct table *table,
                 struct error *err) {
    struct collection collection = {table, arena, 0};
    return query_rows(query, sql, parameters, parameter_count, collect, &collection, err);
}

bool query_find_trial(struct query_database *database, const char *prefix, struct arena *arena,
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
