/* On which test rows two trained nets differ. */
#ifndef MLPSWEEP_REPORT_DISCORDANT_H
#define MLPSWEEP_REPORT_DISCORDANT_H

#include "store/query.h"

#include <stdbool.h>

/** How many rows tell two nets apart. */
struct discordant {
    bool is_known;
    size_t rows, only_a, only_b; /* of the test set; those that one side alone has right */
};

/** Asks both nets, with the weights of their best epochs, about every test row of their data set.
 *
 * Not known where weights were not kept, the data set is none of the built-in ones or is not there,
 * or the nets do not have as many rows right as when they were trained. */
struct discordant discordant_rows(struct query_database *database, const char *const trials[2],
                                  struct arena *arena);

#endif
