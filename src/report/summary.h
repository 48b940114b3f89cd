/* The leaderboard of an experiment, and what it says about overfitting in words. */
#ifndef MLPSWEEP_REPORT_SUMMARY_H
#define MLPSWEEP_REPORT_SUMMARY_H

#include "report/results.h"

#include <stdio.h>

void summary_write(const struct results *results, FILE *out);

#endif
