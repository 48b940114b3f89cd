/* Which experiments a reading command is about. */
#ifndef MLPSWEEP_CLI_SCOPE_H
#define MLPSWEEP_CLI_SCOPE_H

#include "cli/cli.h"
#include "store/query.h"

/** Opens the database for reading; the names are those of the experiments in the files on the
 * command line, and without files of all that are in the database.
 *
 * Owns:  close with query_close, also after a failure.
 * Fails: ERROR_INVALID for a file with errors, ERROR_FAILED when the database is empty or cannot be
 *        opened. */
MUST_CHECK bool scope_open(const struct invocation *in, struct query_database **database,
                           const char ***names, size_t *count, struct error *err);

#endif
