/* Reading the database: a read-only connection on which nothing can be written or attached.
 *
 * Rows are taken whole and the transaction ends before anything is printed, so that no reader holds
 * the write-ahead log open. */
#ifndef MLPSWEEP_STORE_QUERY_H
#define MLPSWEEP_STORE_QUERY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/sql_value.h"

struct query_database;

/** Opens for reading. Owns: close with query_close.
 *
 * Fails: ERROR_FAILED when there is no file, or it is no database of this program, or newer than
 * it. */
MUST_CHECK bool query_open(const char *path, struct query_database **database, struct error *err);

void query_close(struct query_database *database);

/** SQLite's version. */
const char *query_library_version(void);

/** All rows of one SELECT, whose `?1`, `?2`, ... are the parameters.
 *
 * Owns:  names and cells live in the arena.
 * Fails: ERROR_USAGE on bad SQL or anything but a SELECT, ERROR_FAILED when reading fails. */
MUST_CHECK bool query_table(struct query_database *database, const char *sql,
                            const struct sql_value *parameters, size_t parameter_count,
                            struct arena *arena, struct table *table, struct error *err);

#endif
