/* How fast one core of this machine multiplies matrices now. */
#ifndef MLPSWEEP_CLI_SPEED_H
#define MLPSWEEP_CLI_SPEED_H

#include "base/arena.h"

/** The best of some attempts, each of some 20 ms: products of BLAS, and those of first layers.
 * Units: billions of floating-point operations a second. */
double speed_of_blas(size_t attempts, struct arena *arena);
double speed_of_panels(size_t attempts, struct arena *arena);

#endif
