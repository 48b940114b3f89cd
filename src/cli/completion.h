/* What may stand in place of the last word of a command line: from the table of commands, the knobs
 * and their choices, and the names in the database. Prints no errors: where names cannot be read
 * there are none. */
#ifndef MLPSWEEP_CLI_COMPLETION_H
#define MLPSWEEP_CLI_COMPLETION_H

#include "cli/cli.h"

#include <stdio.h>

/** Writes a candidate a line, each with a tab and what it does behind it where that is known;
 * `:files` stands for the names of files. A candidate that ends in `=` goes on.
 *
 * Shapes: words [count], those behind `mlpsweep`; the last is being written, and may be "". */
void completion_write(const char *const *words, size_t count, struct arena *arena, FILE *out);

#endif
