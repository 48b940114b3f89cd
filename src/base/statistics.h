/* Statistics of a few numbers: spread, intervals, and tests of differences. All of the program's
 * are here. A NaN among values stands for "there is none" and is left out where it says so.
 *
 * Definitions: docs/numerics.md, "Statistics". Tests hold them against what SciPy prints. */
#ifndef MLPSWEEP_BASE_STATISTICS_H
#define MLPSWEEP_BASE_STATISTICS_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/** Two-sided 95 % quantile of the standard normal distribution. */
#define NORMAL_QUANTILE 1.959963984540054

/** Of the values that are not NaN. */
struct moments {
    size_t n;
    double mean;
    double sd;   /* with n - 1, in two passes; NaN for fewer than two */
    double half; /* half the width of Student's 95 % interval of the mean; NaN likewise */
    double minimum, maximum;
};

/** The mean of the values that are not NaN, as moments_of has it; NaN: there are none. */
double mean_of(const double *values, size_t count);

/** Shapes: value i is at values + i * stride, for i < count. */
struct moments moments_of(const double *values, size_t count, size_t stride);

/** The 0.975 quantile of Student's t: mean -+ quantile * sd / sqrt(n) with n - 1 degrees of freedom
 * is the 95 % interval. Error below 1e-9.
 *
 * Needs: degrees >= 1; it need not be whole. */
double t_quantile(double degrees);

/** Puts values in ascending order. Needs: no NaN among them. */
void sort_ascending(double *values, size_t count);

/** The middle value, or the mean of the middle two; NaN without values. NaN among them is left out.
 */
double median_of(const double *values, size_t count);

/** The median of |value - median|, unscaled. */
double median_absolute_deviation(const double *values, size_t count);

/** A mean or a difference of means with its 95 % interval; NaN where there is none. */
struct interval {
    double mean, low, high;
};

/** Of the mean; low and high are NaN for fewer than two values. */
struct interval interval_of(const struct moments *m);

/** Of mean(a) - mean(b), without pairing and without equal variances (Welch 1947). NaN limits where
 * either has fewer than two values; both constant: no width. */
struct interval welch_interval(const struct moments *a, const struct moments *b);

/** Pearson's r of n pairs without NaN; NaN where one side is constant. */
double correlation(const double *x, const double *y, size_t n);

/** Differences y - x of pairs of values. */
struct differences {
    struct moments moments;
    double rounding; /* what the sum of the differences may owe to rounding alone */
};

/** What is no larger than the rounding of x and y, be it a difference or the mean of them, is 0:
 * 0.95 - 0.94 and 0.94 - 0.95 + 0.01 - 0.01 would differ in their last bits.
 *
 * Shapes: x, y, differences [n], without NaN; differences may be x or y. */
struct differences differences_of(const double *x, const double *y, size_t n, double *differences);

/** The random choices of sign_flip_p, which are always the same: kept for the next call. Start from
 * an arena and zeros. */
struct sign_flips {
    struct arena *arena;
    uint8_t *signs;
    size_t batches;
};

/** Exact two-sided p of the hypothesis that the differences are symmetric about 0: the share of the
 * 2^n ways to choose their signs whose |sum| is no less than the one seen. Above 16 differences:
 * (k + 1) / (N + 1) of N = 100,000 random choices, always the same. n = 0: 1. Flips may be NULL.
 * Sums that are `rounding` or less apart count as equal.
 *
 * Source: Fisher, "The Design of Experiments", 1935, section 21. */
double sign_flip_p(const double *differences, size_t n, double rounding, struct sign_flips *flips);

/** The least p that sign_flip_p can give for n differences: 2^(1-n). */
double sign_flip_least_p(size_t n);

/** Adjusts p-values for having made n comparisons (Holm 1979). Shapes: adjusted [n], in p's order.
 */
void holm_adjust(const double *p, size_t n, double *adjusted);

/** Two-sided exact p of McNemar's test: only_a rows are right in A alone, only_b in B alone. */
double mcnemar_p(size_t only_a, size_t only_b);

/** Standard error of a share that was measured on n independent rows. */
double binomial_error(double share, size_t n);

/** Standard error of the difference of two shares on the same n rows: sqrt(discordant) / n. */
double discordant_error(double discordant, size_t n);

#endif
