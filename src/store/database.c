#include "store/database.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

char *database_folder(const char *path, struct arena *arena) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_text(arena, ".", 1);
    return arena_text(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

/* Why there is no room for a write, or NULL where that is not what failed. A limit on file sizes
 * (RLIMIT_FSIZE) fails a write without the error number getting through to us. */
static const char *no_room(const struct database *database) {
    struct rlimit limit;
    int code = sqlite3_extended_errcode(database->handle);
    int cause = sqlite3_system_errno(database->handle);
    bool is_full = (code & 0xff) == SQLITE_FULL;
    bool is_write =
        code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE || code == SQLITE_IOERR_SHMSIZE;
    bool is_limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    if (cause == EDQUOT)
        return "the disk quota is used up";
    if (cause == EFBIG || (is_limited && cause != ENOSPC && (is_full || is_write)))
        return "the limit on the size of files is reached (ulimit -f)";
    return is_full || cause == ENOSPC ? "the disk is full" : NULL;
}

bool database_is_stopped(const struct database *database) {
    const atomic_int *stop = database->wait.stop;
    return stop && atomic_load(stop) != 0;
}

bool database_error(const struct database *database, struct error *err) {
    int code = sqlite3_errcode(database->handle) & 0xff;
    const char *text = sqlite3_errmsg(database->handle);
    int cause = sqlite3_system_errno(database->handle);
    const char *full = no_room(database);
    if (full)
        return error_set(err, ERROR_FAILED,
                         "%s: %s; nothing committed is lost, run again when there is space",
                         database->path, full);
    if (code == SQLITE_BUSY && database_is_stopped(database))
        return error_set(err, ERROR_INTERRUPTED, "interrupted; %s is locked by another program",
                         database->path);
    if (code == SQLITE_BUSY)
        return error_set(err, ERROR_FAILED, "%s: locked by another program", database->path);
    if (code == SQLITE_NOTADB)
        return error_set(err, ERROR_FAILED, "%s: not a database of mlpsweep", database->path);
    if (code == SQLITE_CORRUPT)
        return error_set(err, ERROR_FAILED, "%s: the database is damaged (%s)", database->path,
                         text);
    if (cause && (code == SQLITE_CANTOPEN || code == SQLITE_IOERR))
        return error_set(err, ERROR_FAILED, "%s: %s (%s)", database->path, text, strerror(cause));
    return error_set(err, ERROR_FAILED, "%s: %s", database->path, text);
}

bool database_exec(const struct database *database, const char *sql, struct error *err) {
    if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return database_error(database, err);
    return true;
}

void database_bind(sqlite3_stmt *statement, const struct sql_value *cells, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int at = (int)i + 1;
        switch (cells[i].type) {
        case SQL_NULL:
            sqlite3_bind_null(statement, at);
            break;
        case SQL_INTEGER:
            sqlite3_bind_int64(statement, at, cells[i].integer);
            break;
        case SQL_REAL:
            sqlite3_bind_double(statement, at, cells[i].real);
            break;
        case SQL_TEXT:
            sqlite3_bind_text64(statement, at, cells[i].text, cells[i].length, SQLITE_STATIC,
                                SQLITE_UTF8);
            break;
        case SQL_BLOB:
            sqlite3_bind_blob64(statement, at, cells[i].text, cells[i].length, SQLITE_STATIC);
            break;
        }
    }
}

sqlite3_stmt *database_prepare(const struct database *database, const char *sql,
                               const struct sql_value *cells, size_t count, struct error *err) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) != SQLITE_OK) {
        database_error(database, err);
        return NULL;
    }
    database_bind(statement, cells, count);
    return statement;
}

bool database_run(const struct database *database, const char *sql, const struct sql_value *cells,
                  size_t count, struct error *err) {
    sqlite3_stmt *statement = database_prepare(database, sql, cells, count, err);
    if (!statement)
        return false;
    int status;
    do
        status = sqlite3_step(statement);
    while (status == SQLITE_ROW);
    if (status != SQLITE_DONE)
        database_error(database, err);
    sqlite3_finalize(statement);
    return status == SQLITE_DONE;
}

bool database_whole(const struct database *database, const char *sql, int64_t *result,
                    struct error *err) {
    *result = 0;
    sqlite3_stmt *statement = database_prepare(database, sql, NULL, 0, err);
    if (!statement)
        return false;
    int status = sqlite3_step(statement);
    if (status == SQLITE_ROW)
        *result = sqlite3_column_int64(statement, 0);
    else if (status != SQLITE_DONE)
        database_error(database, err);
    sqlite3_finalize(statement);
    return status == SQLITE_ROW || status == SQLITE_DONE;
}

/* With the handler that waits, BUSY comes back only where waiting has been given up, or where two
 * connections would wait for each other. */
static bool run_when_free(const struct database *database, const char *sql, struct error *err) {
    int status;
    do
        status = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
    while (status == SQLITE_BUSY && !database_is_stopped(database));
    return status == SQLITE_OK || database_error(database, err);
}

bool database_begin(const struct database *database, struct error *err) {
    return run_when_free(database, "BEGIN IMMEDIATE", err);
}

bool database_commit(const struct database *database, struct error *err) {
    return run_when_free(database, "COMMIT", err);
}

void database_rollback(const struct database *database) {
    if (!sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}
