/* Early stopping: criteria that end a training while it runs. Applied to the epochs of a trial that
 * ran to its end, they tell where it would have stopped, and what that would have saved and
 * changed.
 *
 * Source: Prechelt, "Early Stopping - But When?", 1998. */
#ifndef MLPSWEEP_TRIAL_STOPPING_H
#define MLPSWEEP_TRIAL_STOPPING_H

#include "trial/monitor.h"

/** patience 3, 5, 10; GL 1, 2, 5; PQ 0.5, 1, 2; UP 2, 3, 4 with strips of 5 epochs. */
enum { STOPPING_CRITERIA = 12 };

/** What one criterion says of a trial that ran to its end. */
struct stopping {
    const char *criterion; /* as it would be written: `gl(alpha=2)` */
    uint64_t stop_epoch;   /* 0: it would not have stopped before the last epoch */
    uint64_t epochs_saved;
    double seconds_saved;
    /** Accuracy at the best epoch up to the stop minus that at the overall best: what stopping
     * would have done to it. 0 where nothing stops; NaN where there is no accuracy to compare. */
    double accuracy_change;
    const char *accuracy_metric; /* `test_accuracy`, or `val_accuracy` where one of the two epochs
                                    was not tested; NULL: neither */
};

/** Judges the epochs of one trial by every criterion. Without validation none stops. */
void stopping_measure(const struct epoch_record *epochs, size_t count, const struct choice *monitor,
                      struct stopping result[STOPPING_CRITERIA]);

/** The criteria by name, `none` among them. */
extern const struct registry early_stoppings;

/** Whether the choice's criterion ends a training after these epochs. Needs: count > 0, and that it
 * did not end it before. */
bool stopping_is_due(const struct choice *early_stopping, const struct choice *monitor,
                     const struct epoch_record *epochs, size_t count);

#endif
