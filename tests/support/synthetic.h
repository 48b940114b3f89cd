/* Images and values that a small net can learn, in memory: what trainings in tests run on. */
#ifndef MLPSWEEP_TESTS_SYNTHETIC_H
#define MLPSWEEP_TESTS_SYNTHETIC_H

#include "data/dataset.h"

/** Ten classes of 784 pixels: a pattern a class, and noise. Lives in the arena. */
const struct dataset *synthetic_images(size_t train_rows, size_t test_rows, struct arena *arena);

/** The same with a fifth of the pixels nonzero and all others 0, found as dataset_load finds them.
 */
const struct dataset *synthetic_strokes(size_t train_rows, size_t test_rows, struct arena *arena);

/** One target that is a smooth function of 8 columns. */
const struct dataset *synthetic_values(size_t train_rows, size_t test_rows, struct arena *arena);

#endif
