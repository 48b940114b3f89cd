/* Where an axis begins and ends and which of its values are written beside it. */
#ifndef MLPSWEEP_REPORT_TICKS_H
#define MLPSWEEP_REPORT_TICKS_H

#include "base/arena.h"

/** What an axis covers. */
struct range {
    double low, high;
    bool cut; /* some values lie outside on purpose: an explosion would flatten all others */
};

/** The sides on which a range may leave far values outside. */
enum { CUT_LOW = 1, CUT_HIGH = 2 };

/** The range of count finite values, with a margin. Values far from the middle half of all are left
 * outside on the sides in `cuts` where they would make the range more than four times as long as
 * the rest needs.
 *
 * Shapes: values [count], sorted in place; logarithmic: those at or below 0 are ignored. With no
 * value: 0 to 1, or 0.1 to 1. */
struct range range_of(double *values, size_t count, bool logarithmic, unsigned cuts);

/** Ticks as gnuplot's list `('0.1' 0.1, ...)` for an axis that has room for so many of them.
 *
 * Whole ticks are whole numbers, the first value among them. */
const char *ticks_linear(struct range range, size_t room, struct arena *arena);
const char *ticks_whole(struct range range, size_t room, struct arena *arena);
const char *ticks_logarithmic(struct range range, size_t room, struct arena *arena);

/** A number as a tick or a label shows it: 0.002, 50, 1e6. */
const char *ticks_number(double number, struct arena *arena);

#endif
