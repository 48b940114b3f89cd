/* A few numbers of each trial that is done, with the variant that it belongs to. */
#ifndef MLPSWEEP_REPORT_POINTS_H
#define MLPSWEEP_REPORT_POINTS_H

#include "base/statistics.h"
#include "report/variation.h"

/** One trial. */
struct point {
    size_t row; /* of the variation: which variant */
    int64_t seed;
    double *values; /* [count] NaN: none */
};

/** All trials that are done. */
struct points {
    size_t count;
    struct point *at; /* [count] by variant in the order of the plan, then by seed */
};

/** What the expressions over trial_rows `t` and its epoch row `e` come to: that of the best epoch,
 * without validation rows that of the last.
 *
 * Shapes: expressions [count], values [count]. Owns: everything lives in the arena. */
MUST_CHECK bool points_load(struct query_database *database, const char *experiment,
                            const struct variation *variation, const char *const *expressions,
                            size_t count, struct arena *arena, struct points *points,
                            struct error *err);

/** Mean and spread of value i of points from..to-1. */
struct moments points_moments(const struct points *points, size_t from, size_t to, size_t i);

/** The end of the run of points from `from` on that are of one variant. */
size_t points_variant_end(const struct points *points, size_t from);

#endif
