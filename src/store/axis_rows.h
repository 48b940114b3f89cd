/* axis_rows: for each variant and each of its knobs the value, and a hash of all the others, so
 * that variants which differ in one knob alone find each other (view `pairs`). */
#ifndef MLPSWEEP_STORE_AXIS_ROWS_H
#define MLPSWEEP_STORE_AXIS_ROWS_H

#include "store/database.h"

/** Adds the rows of the variants of all trials whose key is above `after`. */
MUST_CHECK bool axis_rows_add(const struct database *database, int64_t after, struct error *err);

/** Makes the rows anew: the hashes are of the set of knobs, which has changed. */
MUST_CHECK bool axis_rows_rebuild(const struct database *database, struct error *err);

#endif
