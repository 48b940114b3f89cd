/* Reading the database: a read-only connection on which nothing can be written or attached.
 *
 * A reader that waits in the middle of its rows keeps the write-ahead log from shrinking: take the
 * rows whole, or print them through a large buffer. */
#ifndef MLPSWEEP_STORE_QUERY_H
#define MLPSWEEP_STORE_QUERY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/sql_value.h"

struct query_database;
struct work; /* trial/work.h */

/** Opens for reading. Queries may ask is_alive(session): whether its process still runs. Owns:
 * close with query_close.
 *
 * Fails: ERROR_FAILED when there is no file, or it is no database of this program's version. */
MUST_CHECK bool query_open(const char *path, struct query_database **database, struct error *err);

/** Closes; NULL is allowed. */
void query_close(struct query_database *query);

/** The version of SQLite. */
const char *query_library_version(void);

/** From now on member_rows says, on this connection alone, that the experiment's plan are these
 * trials, in this order, as far as the database has them, and those that `--set` added to it.
 *
 * Shapes: work [count]. */
MUST_CHECK bool query_assume_plan(struct query_database *database, const char *experiment,
                                  const struct work *work, size_t count, struct error *err);

/** From now on trial_rows has, on this connection alone, only the trials with these ids of its own
 * (its column id). At most once a connection.
 *
 * Shapes: ids [count], each once. */
MUST_CHECK bool query_keep_trials(struct query_database *database, const int64_t *ids, size_t count,
                                  struct error *err);

/** What query_rows hands over: first the names alone (rows is 0), then each row (rows is 1), valid
 * during the call. False: no more of them. */
typedef bool query_visitor(void *context, const struct table *row);

/** The rows of one SELECT, or of a PRAGMA that tells of tables, one at a time; parameters as in
 * query_table. The transaction stays open until the last row.
 *
 * Fails: as query_table. A visitor that stops is no failure. */
MUST_CHECK bool query_rows(struct query_database *database, const char *sql,
                           const struct sql_value *parameters, size_t parameter_count,
                           query_visitor *visit, void *context, struct error *err);

/** All rows of one SELECT, whose `?1`, `?2`, ... are the parameters.
 *
 * Owns:  names and cells live in the arena.
 * Fails: ERROR_USAGE on bad SQL or anything but a SELECT, ERROR_FAILED when reading fails. */
MUST_CHECK bool query_table(struct query_database *database, const char *sql,
                            const struct sql_value *parameters, size_t parameter_count,
                            struct arena *arena, struct table *table, struct error *err);

/** The id of the trial that a user names by it or its beginning.
 *
 * Owns:  its text lives in the arena.
 * Fails: ERROR_USAGE if the prefix names none or several. */
MUST_CHECK bool query_find_trial(struct query_database *database, const char *prefix,
                                 struct arena *arena, struct sql_value *id, struct error *err);

#endif
