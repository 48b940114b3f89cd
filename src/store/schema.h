/* The tables behind the public views, and the way from older files to this program's.
 *
 * Columns are made from knobs[], metrics[] and trial_results[]. The views are the contract
 * (docs/database.md); tables, named *_rows, are not. */
#ifndef MLPSWEEP_STORE_SCHEMA_H
#define MLPSWEEP_STORE_SCHEMA_H

#include "store/database.h"

/** The version of the schema, kept in `PRAGMA user_version`: it rises with each row that is added
 * to the tables that columns are made from. */
int schema_version(void);

/** Whether the file's tables and views are exactly this program's. */
MUST_CHECK bool schema_is_current(const struct database *database, bool *is_current,
                                  struct error *err);

/** Creates the schema in an empty database, or brings an older one up to date, in one transaction;
 * does nothing where another process was faster. Older rows get the defaults of newer knobs. */
MUST_CHECK bool schema_upgrade(const struct database *database, struct error *err);

#endif
