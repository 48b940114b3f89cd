/* The tables behind the public views, and the way from older versions to this one.
 *
 * Columns of knobs and metrics are made from knobs[] and metrics[]. The views are the contract
 * (docs/database.md); tables, named *_rows, are not. */
#ifndef MLPSWEEP_STORE_SCHEMA_H
#define MLPSWEEP_STORE_SCHEMA_H

#include "store/database.h"

enum { SCHEMA_VERSION = 2 };

/** Creates the schema in an empty database, or brings an older one up to date, in one transaction;
 * does nothing where another process was faster. */
MUST_CHECK bool schema_upgrade(const struct database *database, struct error *err);

#endif
