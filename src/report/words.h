/* Numbers as sentences write them. */
#ifndef MLPSWEEP_REPORT_WORDS_H
#define MLPSWEEP_REPORT_WORDS_H

#include "report/sentences.h"

/** "" for one, else "s". */
const char *words_plural(size_t n);

/** 100 where accuracies are told in points, 1 for losses. */
double words_scale(const struct subject *subject);

/** `0.56 points`, of regressions `0.0123`. */
const char *words_amount(const struct subject *subject, double x);

/** `+0.56` of a number in points (scale 100), else `+0.0123`. */
const char *words_signed(const struct subject *subject, double x, double scale);

/** What seeds say of a mean: `95 % interval +0.31 to +0.81 over 8 seeds`, below six the range. */
const char *words_spread(const struct subject *subject, const struct moments *m, double scale);

/** `6,000`. */
const char *words_rows(const struct subject *subject, int64_t rows);

/** What makes an epoch the best, by the knob `monitor`: `lowest validation loss`. NULL: variants
 * differ in it. */
const char *words_best(const char *monitor);

/** Of the variant. */
const struct moments *words_moments(const struct subject *subject, enum result_number number);

#endif
