/* Compressed sparse rows (CSR) of a data set: sparse files come in them, and mostly black images
 * get them beside their bytes, so that minibatches can leave out zeros. */
#ifndef MLPSWEEP_DATA_NONZERO_H
#define MLPSWEEP_DATA_NONZERO_H

#include "data/dataset.h"

/** Whether every part has its rows in CSR: those of sparse files, and of images where at least
 * three quarters of the training pixels are 0. */
bool dataset_has_csr(const struct dataset *dataset);

/** An upper bound of the entries that any `rows` rows of one part have: the longest row's times
 * `rows`, and no more than the part has in all.
 *
 * Needs: dataset_has_csr. */
size_t dataset_csr_entries(const struct dataset *dataset, size_t rows);

/** Adds CSR to the pixels of all parts where at least three quarters of the training pixels are 0;
 * changes nothing otherwise. The last step of dataset_load.
 *
 * Owns: what is added lives in the arena. */
void dataset_find_nonzero(struct dataset *dataset, struct arena *arena);

#endif
