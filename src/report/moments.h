/* Mean and spread of a few numbers. */
#ifndef MLPSWEEP_REPORT_MOMENTS_H
#define MLPSWEEP_REPORT_MOMENTS_H

#include <stddef.h>

/** Of the numbers that are none of NaN. */
struct moments {
    size_t n;
    double mean;
    double sd;   /* with n - 1; NaN for fewer than two */
    double half; /* half the width of Student's 95 % interval of the mean; NaN likewise */
    double minimum, maximum;
};

/** Shapes: value i is at values + i * stride, for i < count. */
struct moments moments_of(const double *values, size_t count, size_t stride);

#endif
