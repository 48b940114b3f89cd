/* Epoch records as rows of epoch_rows. */
#ifndef MLPSWEEP_STORE_EPOCH_ROWS_H
#define MLPSWEEP_STORE_EPOCH_ROWS_H

#include "store/database.h"
#include "trial/metric.h"

/** `INSERT OR REPLACE ...` with places for the trial's key and one record, see epoch_rows_bind. */
const char *epoch_rows_insert(struct arena *arena);

/** Binds one record to the places of epoch_rows_insert; NaN is stored as NULL. */
void epoch_rows_bind(sqlite3_stmt *insert, int64_t trial, const struct epoch_record *record);

/** The epochs of a trial up to `last`, ascending.
 *
 * Owns: epochs live in the arena. */
MUST_CHECK bool epoch_rows_load(const struct database *database, int64_t trial, int64_t last,
                                struct arena *arena, struct epoch_record **epochs, size_t *count,
                                struct error *err);

#endif
