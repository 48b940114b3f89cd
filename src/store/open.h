/* Opening a database: whose file it is, the journal that survives, waiting for other programs, and
 * bringing an older file up to date. */
#ifndef MLPSWEEP_STORE_OPEN_H
#define MLPSWEEP_STORE_OPEN_H

#include "store/database.h"

/** Refuses paths by which SQLite would keep results in memory or somewhere else than in the file of
 * that name, and what is there and no regular file.
 *
 * Fails: ERROR_USAGE for a path that no file can have, ERROR_FAILED for what is no file. */
MUST_CHECK bool database_check_path(const char *path, struct error *err);

/** The same, and that there is such a file. */
MUST_CHECK bool database_check_existing(const char *path, struct error *err);

/** Makes the folder that the file is to be in, and those above it. */
MUST_CHECK bool database_make_folder(const char *path, struct error *err);

/** Opens for writing and sets the journal: WAL, and a sync at every commit. The file is created
 * with its schema if there is none, and brought up to date if it is older. wait: NULL waits for
 * ever and silently.
 *
 * Owns:  close with database_close, also after a failure. The struct must not move until then.
 * Fails: ERROR_FAILED for a file that is none of ours, newer, damaged or not writable. Such a file
 *        is left as it is. Otherwise as database_check_path and database_begin. */
MUST_CHECK bool database_open(const char *path, const struct database_wait *wait,
                              struct database *database, struct error *err);

/** Opens for reading only; needs an existing file of this program's version.
 *
 * Owns: close with database_close, also after a failure. */
MUST_CHECK bool database_open_read_only(const char *path, struct database *database,
                                        struct error *err);

/** Whether a write-ahead log stands beside the file. */
bool database_has_log(const char *path);

/** Removes the log and its index that reading a file left beside it, unless it is in use. */
void database_remove_log(const char *path);

/** Copies the write-ahead log into the file and cuts it, unless a reader keeps it for two seconds.
 */
void database_truncate_log(const struct database *database);

/** Closes; what reading left beside the file goes, too. */
void database_close(struct database *database);

#endif
