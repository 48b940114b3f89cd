/* Which values of a data set are not 0, so that minibatches can leave out the others. */
#ifndef MLPSWEEP_DATA_SPARSE_H
#define MLPSWEEP_DATA_SPARSE_H

#include "data/dataset.h"

/** Whether all parts tell which of their values are not 0: those of sparse files, and of images
 * where three quarters of the training pixels are 0. */
bool dataset_is_sparse(const struct dataset *dataset);

/** The most values that are not 0 in any so many rows of one part. Needs: a sparse data set. */
size_t dataset_entries(const struct dataset *dataset, size_t rows);

/** Finds the pixels that are not 0, where that makes the data set sparse. Part of dataset_load.
 *
 * Owns: what is added lives in the arena. */
void dataset_find_pixels(struct dataset *dataset, struct arena *arena);

#endif
