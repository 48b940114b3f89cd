/* What comes out of a trial beside its epochs, and what its curves say about overfitting. */
#ifndef MLPSWEEP_TRIAL_OUTCOME_H
#define MLPSWEEP_TRIAL_OUTCOME_H

#include "base/digest.h"
#include "data/scale.h"
#include "trial/metric.h"
#include "trial/stopping.h"

#include <stdbool.h>
#include <stdint.h>

/** How far a trial is, as the database has it. */
enum trial_state {
    TRIAL_PLANNED,
    TRIAL_RUNNING,
    TRIAL_DONE,
    TRIAL_DIVERGED,
    TRIAL_FAILED,
    TRIAL_INTERRUPTED,
};

/** `planned`, `running`, ... as the database and the terminal spell it. */
const char *trial_state_name(enum trial_state state);

/** The state of this name. False: there is none, or name is NULL. */
bool trial_state_find(const char *name, enum trial_state *state);

/** Whether nothing is left to train: it is done or diverged. */
bool trial_state_is_final(enum trial_state state);

/** Weights in layer order, each layer's kernel [inputs x units] and then its biases [units]. */
struct weights {
    const float *values; /* NULL: not kept */
    size_t count;
};

/** How many rows of one class were taken for another (or for itself). */
struct confusion {
    uint32_t actual, predicted; /* indices of classes */
    uint32_t count;
};

/** Numbers are NaN where there is no such thing (no test set, no validation). */
struct outcome {
    enum trial_state state;
    uint64_t epochs_done, updates;
    uint64_t best_epoch; /* 0: none */
    double final_test_loss, final_test_accuracy, final_test_mae;
    double test_loss_at_best, test_accuracy_at_best, test_mae_at_best;
    double train_seconds; /* its share of its cohort's time, by multiply-adds */
    double learned;       /* 1: better than guessing (trial/naive.h); 0: not */
    uint64_t validation_rows, test_rows;
    double naive_val_score, naive_test_score; /* what guessing reaches there (trial/naive.h) */
    uint64_t cohort_size;                     /* nets trained in lock-step with it when it began */
    char weights_digest[DIGEST_TEXT];         /* of the last weights */
    struct weights best, last; /* valid during the call that hands the outcome over */
    struct scale scale;        /* of the inputs; arrays as the weights */
    struct target_scale target_scale;
    /** On the test set at the best epoch: the pairs of classes that there are, ascending. */
    const struct confusion *confusion;
    size_t confusion_count;
    const char *error; /* why it failed, or NULL */
};

/** An outcome without results: all numbers NaN. */
struct outcome outcome_empty(enum trial_state state);

/** Overfitting as numbers, of the epochs of one trial (docs/numerics.md). NaN: none. */
struct overfitting {
    uint64_t best_epoch, best_accuracy_epoch; /* 0: none */
    double best_val_loss, final_val_loss;
    double val_accuracy_at_best, final_val_accuracy;
    double gap_at_best, gap_at_end;                        /* val_loss - probe_loss */
    double accuracy_gap_at_end;                            /* probe - val */
    double wasted_epochs, wasted_fraction, wasted_seconds; /* after the best epoch */
    double gl_at_end;     /* 100 * (E_va / E_opt - 1), Prechelt 1998 */
    uint64_t onset_epoch; /* 0: none */
    struct stopping stopping[STOPPING_CRITERIA];
};

/** The best epoch is the first with the best number that the monitor looks at. onset_epoch is the
 * first epoch after it from which the smoothed val_loss (curve_smooth) stays above 1.05 times its
 * minimum to the end. */
struct overfitting overfitting_measure(const struct epoch_record *epochs, size_t count,
                                       const struct choice *monitor);

#endif
