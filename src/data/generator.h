/* Data sets that are computed: points on curves, noisy functions, the outputs of another net.
 *
 * Rows depend on nothing but the arguments, on every machine: values are rounded to multiples of
 * 2^-20, far above what one machine's sine differs from another's. Formulas: docs/numerics.md. */
#ifndef MLPSWEEP_DATA_GENERATOR_H
#define MLPSWEEP_DATA_GENERATOR_H

#include "data/dataset.h"

/** All generators by name. */
extern const struct registry generators;

/** The source of generator i, with its arguments not chosen yet; NULL after the last. */
const struct data_source *generator_source(size_t i);

/** Computes training and test rows.
 *
 * Needs: a source with its generator chosen.
 * Owns:  everything lives in the arena.
 * Fails: ERROR_INTERRUPTED within a second of *stop becoming 1. */
MUST_CHECK bool generator_load(const struct data_source *source, const atomic_int *stop,
                               struct arena *arena, struct dataset *dataset, struct error *err);

#endif
