/* A leaderboard as a table: for people, and with all its numbers for other tools. */
#ifndef MLPSWEEP_REPORT_LEADERBOARD_H
#define MLPSWEEP_REPORT_LEADERBOARD_H

#include "report/table.h"
#include "report/verdict.h"

/** The columns that have something to show. Shapes: verdicts [board->count]. Owns: the arena. */
struct table leaderboard_table(const struct leaderboard *board, const struct verdict *verdicts,
                               struct arena *arena);

/** One row a variant of all leaderboards: numbers as NAME_mean, NAME_sd, NAME_low, NAME_high (95 %
 * interval of the mean) and NAME_median. Shapes: verdicts [results->count]. Owns: the arena. */
struct table leaderboard_numbers(const struct results *results, const struct verdict *verdicts,
                                 struct arena *arena);

#endif
