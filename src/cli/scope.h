/* Which experiments a reading command is about. */
#ifndef MLPSWEEP_CLI_SCOPE_H
#define MLPSWEEP_CLI_SCOPE_H

#include "cli/cli.h"
#include "store/query.h"

/** The names of the experiments in the files on the command line; without files, of all that are
 * in the database.
 *
 * Fails: ERROR_INVALID for a file with errors, ERROR_FAILED when the database is empty. */
MUST_CHECK bool scope_read(const struct invocation *in, struct query_database *database,
                           const char ***names, size_t *count, struct error *err);

#endif
