/* Trials and epochs for other tools, row by row in constant memory. */
#ifndef MLPSWEEP_REPORT_EXPORT_H
#define MLPSWEEP_REPORT_EXPORT_H

#include "store/query.h"

#include <stdio.h>

/** `csv`, `jsonl`; NULL behind the last. */
extern const char *const export_formats[];

/** Writes the view `trials` or `epochs`, of one experiment's plan alone unless `experiment` is
 * NULL. csv follows RFC 4180 (NULL and NaN are empty fields), jsonl has an object a line (NULL, NaN
 * and infinity are null); `format` is an index into export_formats.
 *
 * Rows are read page by page, so that a slow reader of the output holds no transaction open; each
 * page is consistent in itself. */
MUST_CHECK bool export_view(struct query_database *database, const char *view,
                            const char *experiment, size_t format, FILE *out, struct error *err);

#endif
