/* What the epochs after the best did to the trials of a variant: whether it overfits, and whether
 * they helped. Definitions: docs/numerics.md, "Overfits". */
#ifndef MLPSWEEP_REPORT_VERDICT_H
#define MLPSWEEP_REPORT_VERDICT_H

#include "report/histories.h"

/** What the curves of a variant show. */
enum verdict_kind {
    VERDICT_NONE,          /* no trial is done */
    VERDICT_UNVALIDATED,   /* no validation rows */
    VERDICT_FAILED,        /* no trial learned anything */
    VERDICT_SHORT,         /* fewer than 6 epochs: their end is no trend */
    VERDICT_ONE_SEED,      /* validation loss rises, but one seed cannot tell why */
    VERDICT_FALLS,         /* the best epoch is among the last, and the loss still falls */
    VERDICT_STANDS,        /* no rise at the end */
    VERDICT_FLUCTUATES,    /* a rise that the gap does not share beyond what seeds explain */
    VERDICT_OVERFITS,      /* and accuracy falls; of regressions: overfits */
    VERDICT_OVERCONFIDENT, /* it overfits, but accuracy does not fall */
};

/** One or two words: `stands still`. */
const char *verdict_name(enum verdict_kind kind);

/** Changes are over the trials that are done, a mean a unit. */
struct verdict {
    enum verdict_kind kind;
    size_t units, epochs; /* independent repetitions; epochs of the longest trial */
    double level, end;    /* validation loss: the smoothed minimum, the mean of the last epochs */
    struct moments gap;   /* change of val_loss - probe_loss, from the best epoch to the end */
    struct moments accuracy; /* change of validation accuracy, likewise; regressions: none */
    struct moments fall; /* change of val_loss from the tenth before the last to the last tenth */
    /** What the epochs after the best did to the test set (else to the validation rows): accuracy,
     * or of regressions the loss, at the end minus at the best epoch. */
    struct moments help;
    bool help_is_test;
};

/** What one trial's epochs are judged by. */
struct verdict_curve {
    size_t unit, epochs;
    const double *val_loss, *probe_loss, *val_accuracy; /* [epochs] */
};

/** Shapes: curves [count]. `units` is how many independent ones there are among them; `help` and
 * whether trials learned is left to verdicts_of. */
struct verdict verdict_of(const struct verdict_curve *curves, size_t count, size_t units,
                          bool has_classes);

/** Judges the groups of an experiment. Shapes: verdicts [results->count], in the order of
 * results->groups. */
void verdicts_of(const struct results *results, const struct histories *histories,
                 struct verdict *verdicts);

/** Whether the 95 % interval of a mean lies above 0; false for fewer than two values. */
bool is_above_zero(const struct moments *m);

#endif
