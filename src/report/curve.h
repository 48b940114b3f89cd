/* One metric over the epochs of a variant: mean and band over its seeds. */
#ifndef MLPSWEEP_REPORT_CURVE_H
#define MLPSWEEP_REPORT_CURVE_H

#include "report/results.h"

/** Seeds from which the band is the 95 % interval of the mean; below, it is minimum to maximum. */
enum { BAND_SEEDS = 6 };

/** The metric epoch by epoch. */
struct curve {
    size_t epochs;
    struct moments *at; /* [epochs], epoch 1 first */
};

/** What stands on the x axis of a curve. */
struct curve_x {
    const char *name, *label;
    const char *expression; /* SQL over trial_rows t and epoch_rows e */
    bool whole;             /* ticks at whole numbers */
    bool from_zero;         /* the axis begins at 0 rather than at the first epoch */
    const char *saved;      /* what a stop saves: SQL over trial_rows t and stopping_rows s */
    const char *saved_label;
};

extern const struct curve_x curve_xs[];   /* the first is the epoch */
extern const char *const curve_x_names[]; /* for option_word; NULL behind the last */

/** Reads some SQL expressions over the columns of the view epochs, for the trials of a group. The
 * first of them may well be that of a curve_x.
 *
 * Shapes: curves [count]. Owns: everything lives in the arena. */
MUST_CHECK bool curves_load(struct query_database *database, const char *experiment,
                            const struct group *group, const char *const *expressions, size_t count,
                            struct arena *arena, struct curve *curves, struct error *err);

/** The band of one epoch around its mean. */
double curve_low(const struct moments *m, size_t seeds);
double curve_high(const struct moments *m, size_t seeds);

#endif
