/* One metric over the epochs of a variant: mean and band over its seeds. */
#ifndef MLPSWEEP_REPORT_CURVE_H
#define MLPSWEEP_REPORT_CURVE_H

#include "report/results.h"

/** Seeds from which the band is the 95 % interval of the mean; below, it is minimum to maximum. */
enum { BAND_SEEDS = 6 };

struct curve {
    size_t epochs;
    struct moments *at; /* [epochs], epoch 1 first */
};

/** Reads some SQL expressions over the columns of the view epochs, for the trials of a group.
 *
 * Shapes: curves [count]. Owns: everything lives in the arena. */
MUST_CHECK bool curves_load(struct query_database *database, const char *experiment,
                            const struct group *group, const char *const *expressions, size_t count,
                            struct arena *arena, struct curve *curves, struct error *err);

/** The band of one epoch around its mean. */
double curve_low(const struct moments *m, size_t seeds);
double curve_high(const struct moments *m, size_t seeds);

#endif
