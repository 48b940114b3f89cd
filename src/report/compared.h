/* What a word of `compare` on the command line means. */
#ifndef MLPSWEEP_REPORT_COMPARED_H
#define MLPSWEEP_REPORT_COMPARED_H

#include "store/query.h"

/** One side of a comparison. */
struct compared {
    const char *variant;
    const char *trial; /* NULL: all trials of the variant */
};

/** What a word on the command line means: the beginning of a trial's or variant's id, a label as
 * `summary` and figures show it, or values that one variant alone has: settings
 * `topology=20-15,optimizer=adam`, or bare ones of the axes of an experiment, `20-15, adam`.
 *
 * Fails: ERROR_USAGE where it means nothing, or several. */
MUST_CHECK bool compared_find(struct query_database *database, const char *text,
                              struct arena *arena, struct compared *compared, struct error *err);

#endif
