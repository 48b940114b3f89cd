/* Two variants compared seed by seed. Definitions: docs/numerics.md, "Statistics". */
#ifndef MLPSWEEP_REPORT_COMPARISON_H
#define MLPSWEEP_REPORT_COMPARISON_H

#include "report/results.h"

/** Pairs below which there is no p. */
enum { COMPARISON_PAIRS_MIN = 6 };

/** An adjusted p up to this tells two variants apart. */
#define COMPARISON_SIGNIFICANT 0.05

/** Of b minus a in one number. */
struct comparison {
    const struct group *a, *b;
    enum result_number number;
    const double *differences; /* [pairs], in the order of a's trials, a mean a unit */
    size_t pairs;          /* independent ones, done on both sides and equal in all four seeds */
    struct moments paired; /* of the differences */
    double rounding;       /* as in struct differences */
    struct interval welch; /* of the difference without pairing */
    double r;              /* correlation of the pairs; NaN: none */
    double p, adjusted;    /* exact sign flips; Holm. NaN with fewer than 6 pairs */
    /** Standard error of the difference on other validation rows, at most: as if every row that
     * either side has wrong were wrong on that side alone. NaN: not known. */
    double rows_error;
};

/** Both done, and equal in all four seeds. */
bool result_is_pair(const struct result *a, const struct result *b);

/** Compares in one number; `adjusted` is p. */
struct comparison comparison_of(const struct group *a, const struct group *b,
                                enum result_number number, struct arena *arena);

/** Compares each other group of a leaderboard with `reference` in the number that ranks it, and
 * adjusts p for all of them. Shapes: result [board->count - 1]. Needs: board->count > 0. */
struct comparison *comparisons_of(const struct leaderboard *board, const struct group *reference,
                                  size_t *count, struct arena *arena);

/** Seeds with which the least adjusted p of `count` comparisons reaches 0.05. */
size_t comparison_seeds_needed(size_t count);

/** The declared baseline, else the leader. Needs: board->count > 0. */
const struct group *board_reference(const struct leaderboard *board, const char *baseline);

/** Validation accuracy, or of regressions validation loss. */
enum result_number board_number(const struct leaderboard *board);

#endif
