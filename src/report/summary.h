/* The leaderboards of an experiment, and what they say in words (sentences.h). */
#ifndef MLPSWEEP_REPORT_SUMMARY_H
#define MLPSWEEP_REPORT_SUMMARY_H

#include "report/comparison.h"
#include "report/leaderboard.h"
#include "report/sentences.h"

/** What `summary` prints. */
struct summary {
    struct results results;
    struct histories histories;
    struct verdict *verdicts; /* [results.count] in the order of results.groups */
};

/** `metrics`: of enum history_metric, HISTORY_OF_VERDICTS at least. Owns: everything lives in the
 * arena. Fails: see results_load. */
MUST_CHECK bool summary_load(struct query_database *database, const char *experiment,
                             size_t metrics, struct arena *arena, struct summary *summary,
                             struct error *err);

/** What the sentences about a leaderboard are told: it, and its variants compared with the leader.
 * Those compared with `baseline` (board_reference) are in *comparisons. Shapes: comparisons
 * [*count]. Owns: everything lives in the arena. */
struct subject summary_subject(const struct leaderboard *board, const char *baseline,
                               struct arena *arena, const struct comparison **comparisons,
                               size_t *count);

/** Question, leaderboards and sentences, in at most `room` columns, 0: as wide as tables get.
 * With colours, for a terminal, leaders are bold and divergence is red. */
void summary_write(const struct summary *summary, size_t room, bool colours, FILE *out);

#endif
