/* One SQLite connection: statements in short, and errors as messages that name the file. How it is
 * opened stands in open.h, what the tables mean in schema.h. */
#ifndef MLPSWEEP_STORE_DATABASE_H
#define MLPSWEEP_STORE_DATABASE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/sql_value.h"

#include <sqlite3.h>
#include <stdatomic.h>

/** 0x4D4C5053, "MLPS": what tells our files from others. */
enum { DATABASE_APPLICATION_ID = 0x4D4C5053 };

/** What to do while another program has locked the file. */
struct database_wait {
    const atomic_int *stop;         /* not 0: give up; NULL: never */
    double grace;                   /* seconds to go on waiting after that */
    void (*tell)(const char *path); /* called once a second has passed; or NULL */
};

/** An open connection. */
struct database {
    sqlite3 *handle;
    const char *path;
    bool on_network; /* WAL needs shared memory: there one process at a time */
    bool leaves_log; /* the write-ahead log beside the file was made by us for reading only */
    struct database_wait wait;
};

/** The folder that a file is in, "." for a bare name. Owns: lives in the arena. */
char *database_folder(const char *path, struct arena *arena);

/** Whether waiting for locks has been given up. */
bool database_is_stopped(const struct database *database);

/** Notes SQLite's last error: what failed, in which file, and whether it was for want of space.
 * Always returns false. */
bool database_error(const struct database *database, struct error *err);

/** Runs statements that return no rows. */
MUST_CHECK bool database_exec(const struct database *database, const char *sql, struct error *err);

/** Prepares one statement; the cells are bound to ?1, ?2, ... NULL on failure.
 *
 * Owns: finalize it with sqlite3_finalize. */
MUST_CHECK sqlite3_stmt *database_prepare(const struct database *database, const char *sql,
                                          const struct sql_value *cells, size_t count,
                                          struct error *err);

/** Binds the cells to ?1, ?2, ... Their texts are not copied. */
void database_bind(sqlite3_stmt *statement, const struct sql_value *cells, size_t count);

/** Runs one statement with its cells to its end. */
MUST_CHECK bool database_run(const struct database *database, const char *sql,
                             const struct sql_value *cells, size_t count, struct error *err);

/** The first column of the first row as a whole number; 0 where there is none. */
MUST_CHECK bool database_whole(const struct database *database, const char *sql, int64_t *result,
                               struct error *err);

/** Begins a transaction that writes; waits for other writers.
 *
 * Fails: ERROR_INTERRUPTED where waiting has been given up. */
MUST_CHECK bool database_begin(const struct database *database, struct error *err);

/** Ends the transaction: what was written is on the disk. */
MUST_CHECK bool database_commit(const struct database *database, struct error *err);

/** Takes back what the transaction wrote, if there is one. */
void database_rollback(const struct database *database);

#endif
