#define _GNU_SOURCE /* statfs */
#include "store/database.h"

#include "store/lock.h"
#include "store/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    LOG_PASSIVE = 1000,   /* pages of the write-ahead log: 4 MB */
    LOG_TRUNCATE = 16384, /* 64 MB */
    BUSY_MILLISECONDS = 2000,
};

/* The folder of a path, "." for a bare name. */
static char *folder_of(const char *path, struct arena *arena) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_text(arena, ".", 1);
    return arena_text(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

static double megabytes_left(const char *path) {
    struct arena arena = {0};
    struct statvfs info;
    int status = statvfs(folder_of(path, &arena), &info);
    arena_close(&arena);
    return status == 0 ? (double)info.f_bavail * (double)info.f_frsize / 1e6 : -1;
}

/* A limit on file sizes (RLIMIT_FSIZE) fails a write without the error number of a full disk
 * getting through to us. */
static bool is_full(const struct database *database) {
    struct rlimit limit;
    int code = sqlite3_extended_errcode(database->handle);
    int cause = sqlite3_system_errno(database->handle);
    bool is_write =
        code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE || code == SQLITE_IOERR_SHMSIZE;
    bool is_limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return (code & 0xff) == SQLITE_FULL || cause == ENOSPC || cause == EDQUOT || cause == EFBIG ||
           (is_write && is_limited);
}

bool database_error(const struct database *database, struct error *err) {
    int code = sqlite3_errcode(database->handle) & 0xff;
    const char *text = sqlite3_errmsg(database->handle);
    int cause = sqlite3_system_errno(database->handle);
    if (is_full(database))
        return error_set(err, ERROR_FAILED,
                         "%s: the disk is full or a limit is reached (%.1f MB left); nothing "
                         "committed is lost, run again when there is space",
                         database->path, megabytes_left(database->path));
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

bool database_begin(const struct database *database, struct error *err) {
    int status;
    do
        status = sqlite3_exec(database->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    while (status == SQLITE_BUSY);
    return status == SQLITE_OK || database_error(database, err);
}

bool database_commit(const struct database *database, struct error *err) {
    int status;
    do
        status = sqlite3_exec(database->handle, "COMMIT", NULL, NULL, NULL);
    while (status == SQLITE_BUSY);
    return status == SQLITE_OK || database_error(database, err);
}

void database_rollback(const struct database *database) {
    if (!sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* Where files are shared over a network, or may be. Source: statfs(2), magic numbers. */
static bool is_network(const char *path) {
    static const unsigned magics[] = {0x6969,     0xff534d42, 0xfe534d42, 0x517b,
                                      0x0bd00bd0, 0x47504653, 0x19830326, 0x65735546};
    struct arena arena = {0};
    struct statfs info;
    int status = statfs(folder_of(path, &arena), &info);
    arena_close(&arena);
    for (size_t i = 0; status == 0 && i < sizeof magics / sizeof *magics; i++)
        if ((unsigned)info.f_type == magics[i])
            return true;
    return false;
}

/* Whose file it is, at one moment: another process may be creating it just now. */
static bool read_owner(const struct database *database, int64_t *id, int64_t *version,
                       int64_t *tables, struct error *err) {
    if (!database_exec(database, "BEGIN", err))
        return false;
    bool ok = database_whole(database, "SELECT count(*) FROM sqlite_schema", tables, err) &&
              database_whole(database, "PRAGMA application_id", id, err) &&
              database_whole(database, "PRAGMA user_version", version, err);
    database_rollback(database);
    return ok;
}

/* Refuses what is not ours before anything is written; until then closing does not even copy a
 * log back that others left. */
static bool check_owner(const struct database *database, bool may_be_new, int64_t *version,
                        struct error *err) {
    int64_t id, tables;
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (!read_owner(database, &id, version, &tables, err))
        return false;
    bool is_new = may_be_new && id == 0 && tables == 0 && *version == 0;
    if (!is_new && id != DATABASE_APPLICATION_ID)
        return error_set(err, ERROR_FAILED, "%s: not a database of mlpsweep", database->path);
    if (*version > SCHEMA_VERSION)
        return error_set(err, ERROR_FAILED,
                         "%s: written by a newer mlpsweep (schema %lld, this one knows %d)",
                         database->path, (long long)*version, SCHEMA_VERSION);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return true;
}

/* After each commit. A log that readers kept from being copied back is cut as soon as none holds
 * it, without waiting for them. */
static int keep_log_short(void *context, sqlite3 *handle, const char *name, int pages) {
    (void)context;
    if (pages >= LOG_TRUNCATE) {
        sqlite3_busy_timeout(handle, 0);
        sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_busy_timeout(handle, BUSY_MILLISECONDS);
    } else if (pages >= LOG_PASSIVE)
        sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

static bool set_journal(const struct database *database, struct error *err) {
    int status;
    do
        status = sqlite3_exec(database->handle,
                              database->on_network ? "PRAGMA journal_mode=DELETE"
                                                   : "PRAGMA journal_mode=WAL",
                              NULL, NULL, NULL);
    while (status == SQLITE_BUSY && !database->on_network);
    if (status != SQLITE_OK)
        return database_error(database, err);
    sqlite3_wal_hook(database->handle, keep_log_short, NULL);
    return database_exec(database,
                         "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA "
                         "trusted_schema=0",
                         err);
}

static bool open_handle(const char *path, int flags, struct database *database, struct error *err) {
    *database = (struct database){.path = path};
    if (sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
                        NULL) != SQLITE_OK) {
        if (!database->handle)
            out_of_memory();
        return database_error(database, err);
    }
    sqlite3_extended_result_codes(database->handle, 0);
    sqlite3_busy_timeout(database->handle, BUSY_MILLISECONDS);
    return true;
}

/* mkdir -p of the folder that the file is to be in. */
static bool make_folder(const char *path, struct error *err) {
    struct arena arena = {0};
    char *folder = folder_of(path, &arena);
    bool ok = true;
    for (char *at = folder + 1; ok && *folder; at++) {
        char end = *at;
        if (end != '/' && end != '\0')
            continue;
        *at = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            ok = error_set(err, ERROR_FAILED, "%s: cannot make the folder: %s", folder,
                           strerror(errno));
        if (end == '\0')
            break;
        *at = end;
    }
    arena_close(&arena);
    return ok;
}

/* An older file is brought up to date only while nobody else works on it. */
static bool migrate(const struct database *database, int64_t version, struct error *err) {
    struct session_lock lock = {.fd = -1};
    bool ok = version == 0 || lock_open(database->path, &lock, err);
    if (ok && lock_any_is_held(&lock))
        ok = error_set(err, ERROR_FAILED,
                       "%s: written by an older mlpsweep that still runs; try again when it has "
                       "ended",
                       database->path);
    ok = ok && schema_upgrade(database, err);
    lock_close(&lock);
    return ok;
}

bool database_open(const char *path, struct database *database, struct error *err) {
    int64_t version;
    *database = (struct database){.path = path};
    if (strcmp(path, ":memory:") != 0 && !make_folder(path, err))
        return false;
    if (!open_handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, database, err))
        return false;
    database->on_network = is_network(path);
    if (database->on_network && !database_exec(database, "PRAGMA locking_mode=EXCLUSIVE", err))
        return false;
    if (sqlite3_db_readonly(database->handle, "main") == 1)
        return error_set(err, ERROR_FAILED, "%s: the database cannot be written", path);
    return check_owner(database, true, &version, err) && set_journal(database, err) &&
           (version == SCHEMA_VERSION || migrate(database, version, err));
}

bool database_open_read_only(const char *path, struct database *database, struct error *err) {
    int64_t version;
    *database = (struct database){.path = path};
    if (access(path, F_OK) != 0)
        return error_set(err, ERROR_FAILED, "%s: %s (nothing was run yet?)", path, strerror(errno));
    if (!open_handle(path, SQLITE_OPEN_READONLY, database, err) ||
        !check_owner(database, false, &version, err))
        return false;
    if (version < SCHEMA_VERSION)
        return error_set(err, ERROR_FAILED,
                         "%s: written by an older mlpsweep (schema %lld); the next `mlpsweep run` "
                         "brings it up to date",
                         path, (long long)version);
    return database_exec(database, "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=0", err);
}

void database_close(struct database *database) {
    sqlite3_close(database->handle);
    database->handle = NULL;
}
