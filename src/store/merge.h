/* Joining databases: the same trial twice is kept once. */
#ifndef MLPSWEEP_STORE_MERGE_H
#define MLPSWEEP_STORE_MERGE_H

#include "base/error.h"

#include <stdint.h>

/** How many trials of one input were what. */
struct merge_report {
    int64_t trials;    /* of the input */
    int64_t added;     /* that were not there */
    int64_t replaced;  /* that were there and got further in the input */
    int64_t conflicts; /* that ended in both with different weights */
};

/** Opens or makes OUT, bringing an older file up to date. */
MUST_CHECK bool merge_prepare(const char *out, struct error *err);

/** Adds what IN has to OUT, in one transaction; doing it again changes nothing.
 *
 * Of two records of a trial the one is kept that got further: done or diverged, then interrupted
 * with more epochs, failed, planned; of equals the one that finished first. All rows of a trial
 * come from one file. IN is only read.
 *
 * Fails: ERROR_FAILED; OUT is then as it was. */
MUST_CHECK bool merge_add(const char *out, const char *in, struct merge_report *report,
                          struct error *err);

#endif
