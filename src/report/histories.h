/* The epochs of every trial of an experiment, read in one go. */
#ifndef MLPSWEEP_REPORT_HISTORIES_H
#define MLPSWEEP_REPORT_HISTORIES_H

#include "report/curve.h"
#include "report/results.h"

/** What is read of each epoch: the first few for verdicts, all for the curves of a page. */
enum history_metric {
    HISTORY_VAL_LOSS,
    HISTORY_PROBE_LOSS,
    HISTORY_VAL_ACCURACY,
    HISTORY_OF_VERDICTS,
    HISTORY_TRAIN_LOSS = HISTORY_OF_VERDICTS,
    HISTORY_PROBE_ACCURACY,
    HISTORY_METRICS,
};

/** The epochs of one trial. */
struct history {
    int64_t trial;                   /* id of its row */
    size_t epochs, room;             /* that there are, and that the trial says it has */
    double *values[HISTORY_METRICS]; /* [room] NaN: none */
};

/** Those of all trials that are done or diverged. */
struct histories {
    struct history *list; /* [count] by trial */
    size_t count, metrics;
};

/** Reads the first `metrics` of them. Owns: everything lives in the arena. Fails: see query_table.
 */
MUST_CHECK bool histories_load(struct query_database *database, const struct results *results,
                               size_t metrics, struct arena *arena, struct histories *histories,
                               struct error *err);

/** NULL: the trial is not among them. */
const struct history *history_of(const struct histories *histories, int64_t trial);

/** Mean and band of a metric over the trials of a group, as curves_load has it. Owns: the arena. */
struct curve history_curve(const struct histories *histories, const struct group *group,
                           enum history_metric metric, struct arena *arena);

#endif
