/* Everything about one trial. */
#ifndef MLPSWEEP_REPORT_SHOW_H
#define MLPSWEEP_REPORT_SHOW_H

#include "report/table.h"
#include "store/query.h"

#include <stdio.h>

/** What the database says of one trial. Lives in the arena that show_load was given. */
struct trial_story {
    struct table trial, overfitting, members, epochs, confusion;
};

/** Needs: an id or a unique prefix of one. Fails: ERROR_USAGE if it names none or several. */
MUST_CHECK bool show_load(struct query_database *database, const char *prefix, struct arena *arena,
                          struct trial_story *story, struct error *err);

/** Writes all of it as text in at most `room` columns, 0: as wide as it gets; with
 * headings in bold and the state in colour where `colours`. */
void show_write(const struct trial_story *story, size_t room, bool colours, FILE *out);

/** csv: one row with what `trials` and `overfitting` have; json: an object with all tables. */
void show_write_as(const struct trial_story *story, enum table_format format, FILE *out);

#endif
