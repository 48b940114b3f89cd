/* A few numbers of each trial that is done, with the variant that it belongs to. */
#ifndef MLPSWEEP_REPORT_POINTS_H
#define MLPSWEEP_REPORT_POINTS_H

#include "base/statistics.h"
#include "report/variation.h"

/** What is read of each trial, accuracies and errors in percent: of the best epoch, without
 * validation rows of the last. */
enum point_number {
    POINT_TEST_ERROR,
    POINT_TEST_ACCURACY,
    POINT_TEST_LOSS,
    POINT_TEST_MAE,
    POINT_VAL_ERROR,
    POINT_VAL_ACCURACY,
    POINT_VAL_LOSS,
    POINT_VAL_MAE,
    POINT_PROBE_ERROR,
    POINT_PROBE_LOSS,
    POINT_PROBE_MAE,
    POINT_FINAL_PROBE, /* accuracy in the last epoch, as a fraction */
    POINT_PARAMETERS,
    POINT_DEPTH,
    POINT_EPOCHS,
    POINT_NUMBERS,
};

/** One trial. */
struct point {
    size_t row; /* of the variation: which variant */
    int64_t seed;
    double *values; /* [POINT_NUMBERS] NaN: none */
};

/** All trials that are done. */
struct points {
    size_t count;
    struct point *at; /* [count] by variant in the order of the plan, then by seed */
};

/** Owns: everything lives in the arena. Fails: see query_table. */
MUST_CHECK bool points_load(struct query_database *database, const char *experiment,
                            const struct variation *variation, struct arena *arena,
                            struct points *points, struct error *err);

/** Mean and spread of a number of points from..to-1. */
struct moments points_moments(const struct points *points, size_t from, size_t to,
                              enum point_number number);

/** Where the run of points of one variant begins, or would. */
size_t points_variant_begin(const struct points *points, size_t row);

/** The end of the run of points from `from` on that are of one variant. */
size_t points_variant_end(const struct points *points, size_t from);

#endif
