/* Which experiments a reading command is about, from what stands on its command line. */
#ifndef MLPSWEEP_CLI_SELECTION_H
#define MLPSWEEP_CLI_SELECTION_H

#include "cli/cli.h"
#include "report/results.h"
#include "store/query.h"

#include <stdio.h>

/** One experiment of the database. */
struct selection {
    const char *name; /* under which the database has it */
    const char *file; /* NULL: the plan is the database's. Otherwise it is that of this file now */
    size_t planned;   /* trials of the file, those that --where leaves */
    size_t recorded;  /* of those, in the database */
    size_t added;     /* trials that --set added to them */
    const char **lacking; /* [lacking_count] variants of which the file has no trial */
    size_t lacking_count;
};

/** Opens the database for reading. An argument is a file (it has a dot or a slash, or no experiment
 * is called so), or the name of an experiment in the database; without arguments it is about all
 * experiments in the database. Reads a file's data, too: a trial is known by them. Of a file's
 * experiment the plan of this connection is the file's (query_assume_plan).
 *
 * --where leaves only trials that satisfy it (where_apply), and drops what has none of them.
 *
 * What cannot be selected is noted in err and left out.
 *
 * Owns:  close with query_close, also after a failure; selections live in the command's arena.
 * Fails: when nothing is left. ERROR_INVALID for a file with errors, ERROR_FAILED when the database
 *        has no such experiment, or none at all, or cannot be opened. */
MUST_CHECK bool selection_open(const struct invocation *in, struct query_database **database,
                               struct selection **selections, size_t *count, struct error *err);

/** Gives results what the experiment's file says now: its question, baseline and own figures. Those
 * of an experiment that was named are what the last run said, as results_load has them. */
MUST_CHECK bool selection_declare(const struct selection *selection, struct results *results,
                                  struct arena *arena, struct error *err);

/** Says what of a file is not in the database yet, and what --set added: how many trials, and the
 * variants of the results (NULL: not named) that the file lacks. Nothing where there is neither. */
void selection_note(const struct selection *selection, const struct results *results, FILE *out);

#endif
