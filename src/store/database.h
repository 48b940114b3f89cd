/* One SQLite connection: opened with the journal that survives, errors as messages that name the
 * file, statements in short. What the tables mean stands in schema.h. */
#ifndef MLPSWEEP_STORE_DATABASE_H
#define MLPSWEEP_STORE_DATABASE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/sql_value.h"

#include <sqlite3.h>

/** 0x4D4C5053, "MLPS": what tells our files from others. */
enum { DATABASE_APPLICATION_ID = 0x4D4C5053 };

struct database {
    sqlite3 *handle;
    const char *path;
    bool on_network; /* WAL needs shared memory: there one process at a time */
};

/** Opens for writing and sets the journal: WAL, and a sync at every commit. The file is created
 * with its schema if there is none, and migrated if it is older.
 *
 * Owns:  close with database_close, also after a failure.
 * Fails: ERROR_FAILED for a file that is none of ours, newer, damaged or not writable. Such a file
 *        is left as it is. */
MUST_CHECK bool database_open(const char *path, struct database *database, struct error *err);

/** Opens for reading only; needs an existing file of this or an older version. */
MUST_CHECK bool database_open_read_only(const char *path, struct database *database,
                                        struct error *err);

void database_close(struct database *database);

/** Notes SQLite's last error: what failed, in which file, and the space that is left where that is
 * the cause. Always returns false. */
bool database_error(const struct database *database, struct error *err);

/** Runs statements that return no rows. */
MUST_CHECK bool database_exec(const struct database *database, const char *sql, struct error *err);

/** Prepares one statement; the cells are bound to ?1, ?2, ... NULL on failure.
 *
 * Owns: finalize it with sqlite3_finalize. */
MUST_CHECK sqlite3_stmt *database_prepare(const struct database *database, const char *sql,
                                          const struct sql_value *cells, size_t count,
                                          struct error *err);

void database_bind(sqlite3_stmt *statement, const struct sql_value *cells, size_t count);

/** Runs one statement with its cells to its end. */
MUST_CHECK bool database_run(const struct database *database, const char *sql,
                             const struct sql_value *cells, size_t count, struct error *err);

/** The first column of the first row as a whole number; 0 where there is none. */
MUST_CHECK bool database_whole(const struct database *database, const char *sql, int64_t *result,
                               struct error *err);

/** Begins a transaction that writes. Waits for other writers for as long as it takes. */
MUST_CHECK bool database_begin(const struct database *database, struct error *err);
MUST_CHECK bool database_commit(const struct database *database, struct error *err);
void database_rollback(const struct database *database);

#endif
