/* What follows from the epochs of a trial: overfitting as numbers, in columns of trial_rows, and
 * what early stopping would have done, in stopping_rows. Written when the trial ends. */
#ifndef MLPSWEEP_STORE_DERIVED_ROWS_H
#define MLPSWEEP_STORE_DERIVED_ROWS_H

#include "store/database.h"
#include "trial/outcome.h"

/** Writes what was measured of one trial. */
MUST_CHECK bool derived_rows_write(const struct database *database, int64_t trial,
                                   const struct overfitting *overfitting, struct error *err);

/** Measures all trials that have ended again, from their epochs: for files whose numbers are older
 * than their definitions. */
MUST_CHECK bool derived_rows_rebuild(const struct database *database, struct error *err);

#endif
