/* Two variants or two trials side by side, and the variants of an experiment against one of them.
 */
#ifndef MLPSWEEP_REPORT_COMPARE_H
#define MLPSWEEP_REPORT_COMPARE_H

#include "report/compared.h"
#include "report/comparison.h"
#include "report/table.h"

#include <stdio.h>

/** What `compare A B` prints. */
struct compare {
    const char *names[2];                 /* as they were given */
    struct table knobs;                   /* that differ: knob, A, B */
    const struct comparison *comparisons; /* [count] one a number that both sides have */
    size_t count;
    struct table trials; /* of two trials: number, A, B, B - A */
    const char *verdict; /* in words */
};

/** Compares two sides: two trials, or (where one is a variant) their variants. Owns: the arena. */
MUST_CHECK bool compare_load(struct query_database *database, const struct compared sides[2],
                             const char *const names[2], struct arena *arena,
                             struct compare *compare, struct error *err);

/** Text is at most `room` columns wide, 0: as wide as tables get. */
void compare_write(const struct compare *compare, enum table_format format, size_t room,
                   struct arena *arena, FILE *out);

/** All variants of each leaderboard against the baseline or the leader. */
void compare_write_results(const struct results *results, enum table_format format, size_t room,
                           struct arena *arena, FILE *out);

#endif
