/* axis_rows: for each variant and each of its knobs the value, and a hash of all the others, so
 * that variants which differ in one knob alone find each other (view `pairs`). */
#ifndef MLPSWEEP_STORE_AXES_H
#define MLPSWEEP_STORE_AXES_H

#include "store/database.h"

/** Adds the rows of the variants of all trials whose key is above `after`. */
MUST_CHECK bool axes_add(const struct database *database, int64_t after, struct error *err);

#endif
