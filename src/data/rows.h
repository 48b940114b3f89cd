/* Rows without a data set: what a trained net is asked about. */
#ifndef MLPSWEEP_DATA_ROWS_H
#define MLPSWEEP_DATA_ROWS_H

#include "data/dataset.h"

/** Reads rows of so many inputs from a file, or from standard input where the path is `-`. The
 * bytes tell the format: IDX images, LIBSVM lines (LABEL INDEX:VALUE ...; the label is not looked
 * at), or CSV with or without a target column, which is named or numbered as under datasets: (NULL:
 * the last).
 *
 * Owns:  the part lives in the arena; it has neither labels nor targets.
 * Fails: ERROR_INVALID as dataset_load, and for another number of columns. */
MUST_CHECK bool rows_load(const char *path, size_t inputs, const char *target, struct arena *arena,
                          struct data_part *part, struct error *err);

#endif
