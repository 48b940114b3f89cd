/* Orthonormal matrices from Gaussian ones. */
#ifndef MLPSWEEP_NN_ORTHOGONAL_H
#define MLPSWEEP_NN_ORTHOGONAL_H

#include "base/arena.h"

/** Replaces the draws by gain * Q, where Q is the orthogonal factor of the QR decomposition of the
 * matrix with its longer side as rows, its columns' signs those of R's diagonal.
 *
 * Shapes: kernel [fan_in x fan_out], read and overwritten. Double precision inside. */
void orthogonal_columns(size_t fan_in, size_t fan_out, double gain, struct arena *scratch,
                        float *kernel);

#endif
