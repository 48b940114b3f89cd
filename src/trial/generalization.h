/* What a validation curve says about generalization: how far it is above its best, and its smoothed
 * form, on which a rise is judged so that the noise of a minimum is not taken for one. */
#ifndef MLPSWEEP_TRIAL_GENERALIZATION_H
#define MLPSWEEP_TRIAL_GENERALIZATION_H

#include <stddef.h>

/** Validation loss above this multiple of its smoothed minimum has risen. */
#define RISEN_FACTOR 1.05

/** GL in percent: 100 * (now / best - 1). A best of 0: 0 if now is 0 too, else infinite.
 *
 * Source: Prechelt, "Early Stopping - But When?", 1998. */
double generalization_loss(double now, double best);

/** Each value replaced by the mean of itself and its two neighbours, at both ends by the mean of
 * two. A value that is not finite stays infinite and is no neighbour.
 *
 * Shapes: values, smoothed [count], two arrays. */
void curve_smooth(const double *values, size_t count, double *smoothed);

/** Index of the smallest finite value, the first of equal ones; count: there is none. */
size_t curve_lowest(const double *values, size_t count);

/** How many epochs the end of a curve of `count` is: a tenth, rounded down, at least 3, at most
 * all. */
size_t curve_tail(size_t count);

#endif
