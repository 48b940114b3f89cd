/* `--where` of reading commands: which trials of a database they are about. */
#ifndef MLPSWEEP_CLI_WHERE_H
#define MLPSWEEP_CLI_WHERE_H

#include "cli/cli.h"
#include "store/query.h"

/** Leaves, on this connection, only trials that satisfy all conditions of --where by the values in
 * their columns (query_keep_trials); all without the option. A condition means the same as for an
 * experiment file (condition_holds); of data sets those that the database knows may be named.
 *
 * Fails: ERROR_USAGE for a condition that cannot be read, and where no trial is left. */
MUST_CHECK bool where_apply(const struct invocation *in, struct query_database *database,
                            struct error *err);

#endif
