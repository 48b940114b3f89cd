/* stopping_rows: what early stopping would have done, written when a trial ends. */
#ifndef MLPSWEEP_STORE_HINDSIGHT_H
#define MLPSWEEP_STORE_HINDSIGHT_H

#include "store/database.h"
#include "trial/stopping.h"

/** Shapes: stopping [STOPPING_CRITERIA]. */
MUST_CHECK bool hindsight_add(const struct database *database, int64_t trial,
                              const struct stopping *stopping, struct error *err);

/** Fills in the rows of all trials that have ended, from their epochs: for files that are older
 * than the table. */
MUST_CHECK bool hindsight_add_all(const struct database *database, struct error *err);

#endif
