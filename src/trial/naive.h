/* What is reached without looking at the inputs, and whether a trial got beyond it. */
#ifndef MLPSWEEP_TRIAL_NAIVE_H
#define MLPSWEEP_TRIAL_NAIVE_H

#include "data/split.h"
#include "nn/loss.h"
#include "trial/metric.h"

/** Classes: the share of the largest class among the rows. Values: the loss on the rows of
 * predicting the mean training target. NaN without rows.
 *
 * Needs: rows of `split`, of `dataset`. */
double naive_score(const struct dataset *dataset, const struct split *split,
                   const struct row_set *rows, const struct choice *loss);

/** 1 where the trial learned something, 0 where it did not, NaN where nothing was validated.
 *
 * Classes: the best validation accuracy of all epochs is above the naive score of the `rows`
 * validation rows by more than two binomial standard errors. Values: the best validation loss is
 * below it. */
double has_learned(const struct dataset *dataset, const struct epoch_record *epochs, size_t count,
                   double naive, size_t rows);

#endif
