#define _GNU_SOURCE /* statfs */
#include "store/open.h"

#include "store/lock.h"
#include "store/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum {
    LOG_PASSIVE = 1000,   /* pages of the write-ahead log: 4 MB */
    LOG_TRUNCATE = 16384, /* 64 MB */
    TRIES_A_SECOND = 20,
    READER_TRIES = 2 * TRIES_A_SECOND,
};

/* SQLite asks this again and again while another program has locked the file. 0: give up. */
static int wait_for_lock(void *context, int tries) {
    const struct database *database = context;
    const struct database_wait *wait = &database->wait;
    bool reads = sqlite3_db_readonly(database->handle, "main") == 1;
    if (tries == TRIES_A_SECOND && wait->tell)
        wait->tell(database->path);
    if (reads && tries >= READER_TRIES)
        return 0;
    if (database_is_stopped(database) && tries >= (int)(wait->grace * TRIES_A_SECOND))
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = 1000000000 / TRIES_A_SECOND}, NULL);
    return 1;
}

/* Where files are shared over a network, or may be. Source: statfs(2), magic numbers. */
static bool is_network(const char *path) {
    static const unsigned magics[] = {0x6969,     0xff534d42, 0xfe534d42, 0x517b,
                                      0x0bd00bd0, 0x47504653, 0x19830326, 0x65735546};
    struct arena arena = {0};
    struct statfs info;
    int status = statfs(database_folder(path, &arena), &info);
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
    if (*version > schema_version())
        return error_set(err, ERROR_FAILED,
                         "%s: written by a newer mlpsweep (schema %lld, this one knows %d)",
                         database->path, (long long)*version, schema_version());
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return true;
}

/* After each commit. A log that readers kept from being copied back is cut as soon as none holds
 * it, without waiting for them. */
static int keep_log_short(void *context, sqlite3 *handle, const char *name, int pages) {
    if (pages >= LOG_TRUNCATE) {
        sqlite3_busy_handler(handle, NULL, NULL);
        sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_busy_handler(handle, wait_for_lock, context);
    } else if (pages >= LOG_PASSIVE)
        sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

static bool set_journal(struct database *database, struct error *err) {
    int status;
    do
        status = sqlite3_exec(database->handle,
                              database->on_network ? "PRAGMA journal_mode=DELETE"
                                                   : "PRAGMA journal_mode=WAL",
                              NULL, NULL, NULL);
    while (status == SQLITE_BUSY && !database->on_network && !database_is_stopped(database));
    if (status != SQLITE_OK)
        return database_error(database, err);
    sqlite3_wal_hook(database->handle, keep_log_short, database);
    return database_exec(database,
                         "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA "
                         "trusted_schema=0",
                         err);
}

static bool open_handle(const char *path, int flags, struct database *database, struct error *err) {
    if (sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
                        NULL) != SQLITE_OK) {
        if (!database->handle)
            out_of_memory();
        return database_error(database, err);
    }
    sqlite3_extended_result_codes(database->handle, 0);
    sqlite3_busy_handler(database->handle, wait_for_lock, database);
    return true;
}

bool database_make_folder(const char *path, struct error *err) {
    struct arena arena = {0};
    char *folder = database_folder(path, &arena);
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

bool database_check_path(const char *path, struct error *err) {
    struct stat info;
    if (!*path || strcmp(path, ":memory:") == 0)
        return error_set(err, ERROR_USAGE, "'%s' is no file: its results would be lost", path);
    if (strncmp(path, "file:", 5) == 0)
        return error_set(err, ERROR_USAGE, "'%s' is a URI; a database is named by its path", path);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return error_set(err, ERROR_FAILED, "%s: not a regular file", path);
    return true;
}

static bool check_folder(const char *path, struct error *err) {
    struct arena arena = {0};
    struct stat info;
    const char *folder = database_folder(path, &arena);
    bool ok = stat(folder, &info) == 0 && S_ISDIR(info.st_mode);
    if (!ok)
        error_set(err, ERROR_FAILED, "%s: there is no folder %s", path, folder);
    else if (access(folder, W_OK) != 0)
        ok = error_set(err, ERROR_FAILED, "%s: cannot write in the folder %s: %s", path, folder,
                       strerror(errno));
    arena_close(&arena);
    return ok;
}

/* Reading a file with a write-ahead log makes the log and its index beside it. Where that cannot
 * be, a URI says that nobody changes the file: without a log or a journal nobody has it open. NULL:
 * not so. */
static const char *unchanging_uri(const char *path, struct arena *arena) {
    char *real = realpath(path, NULL);
    const char *file = real ? arena_text(arena, real, strlen(real)) : path;
    free(real);
    if (database_has_log(file) || access(arena_printf(arena, "%s-journal", file), F_OK) == 0 ||
        access(database_folder(file, arena), W_OK) == 0)
        return NULL;
    char *uri = arena_alloc(arena, 3 * strlen(file) + 32, 1), *at = uri + sprintf(uri, "file:");
    for (; *file; file++)
        at += sprintf(at, strchr("%?#", *file) ? "%%%02X" : "%c", (unsigned char)*file);
    strcpy(at, "?immutable=1");
    return uri;
}

static bool open_read_only(const char *path, struct database *database, int64_t *version,
                           struct error *err) {
    struct arena arena = {0};
    struct error own = {0};
    bool ok = open_handle(path, SQLITE_OPEN_READONLY, database, &own) &&
              check_owner(database, false, version, &own);
    const char *uri = ok ? NULL : unchanging_uri(path, &arena);
    if (uri) {
        error_clear(&own);
        sqlite3_close(database->handle);
        database->handle = NULL;
        ok = open_handle(uri, SQLITE_OPEN_READONLY, database, &own) &&
             check_owner(database, false, version, &own);
    }
    error_move(err, &own);
    arena_close(&arena);
    return ok;
}

/* An older file is brought up to date only while no other session has it open. */
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

static bool bring_up_to_date(const struct database *database, int64_t version, struct error *err) {
    bool is_current;
    return schema_is_current(database, &is_current, err) &&
           (is_current || migrate(database, version, err));
}

bool database_has_log(const char *path) {
    struct arena arena = {0};
    bool has = access(arena_printf(&arena, "%s-wal", path), F_OK) == 0;
    arena_close(&arena);
    return has;
}

bool database_open(const char *path, const struct database_wait *wait, struct database *database,
                   struct error *err) {
    int64_t version;
    *database = (struct database){.path = path, .wait = wait ? *wait : (struct database_wait){0}};
    database->leaves_log = !database_has_log(path); /* as long as it is not known to be ours */
    if (!database_check_path(path, err) || !check_folder(path, err) ||
        !open_handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, database, err))
        return false;
    database->on_network = is_network(path);
    if (database->on_network && !database_exec(database, "PRAGMA locking_mode=EXCLUSIVE", err))
        return false;
    if (sqlite3_db_readonly(database->handle, "main") == 1)
        return error_set(err, ERROR_FAILED, "%s: the database cannot be written", path);
    if (!check_owner(database, true, &version, err))
        return false;
    database->leaves_log = false;
    return set_journal(database, err) && bring_up_to_date(database, version, err);
}

bool database_check_existing(const char *path, struct error *err) {
    if (!database_check_path(path, err))
        return false;
    return access(path, F_OK) == 0 ||
           error_set(err, ERROR_FAILED, "%s: %s (nothing was run yet?)", path, strerror(errno));
}

bool database_open_read_only(const char *path, struct database *database, struct error *err) {
    int64_t version;
    *database = (struct database){.path = path};
    if (!database_check_existing(path, err))
        return false;
    database->leaves_log = !database_has_log(path);
    if (!open_read_only(path, database, &version, err))
        return false;
    if (version < schema_version())
        return error_set(err, ERROR_FAILED,
                         "%s: written by an older mlpsweep (schema %lld); the next `mlpsweep run`, "
                         "or `mlpsweep merge %s`, brings it up to date",
                         path, (long long)version, path);
    /* Pages are looked at again and again where trials are grouped: up to 32 MB of them stay. */
    return database_exec(
        database, "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=0; PRAGMA cache_size=-32768",
        err);
}

/* A connection that only reads cannot remove the log and its index that it made. One that may write
 * does when it is the last to close, under SQLite's own locks. */
void database_remove_log(const char *path) {
    sqlite3 *handle = NULL;
    if (database_has_log(path) &&
        sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
        sqlite3_exec(handle, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    sqlite3_close(handle);
}

void database_truncate_log(const struct database *database) {
    sqlite3_busy_timeout(database->handle, 2000);
    sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void database_close(struct database *database) {
    bool was_open = database->handle != NULL;
    sqlite3_close(database->handle);
    database->handle = NULL;
    if (was_open && database->leaves_log)
        database_remove_log(database->path);
}
