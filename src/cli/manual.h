/* The manual page of the program and that of each command, as source for man: from the table of
 * commands that `help` prints, and the tables below. */
#ifndef MLPSWEEP_CLI_MANUAL_H
#define MLPSWEEP_CLI_MANUAL_H

#include "cli/cli.h"

#include <stdio.h>

/** What something is called, and what that means. */
struct manual_row {
    const char *name; /* NULL ends a table */
    const char *text;
};

/** By number, as enum error_kind has them. */
extern const struct manual_row manual_exit_statuses[];

/** Writes the page mlpsweep-NAME(1) of a command; NULL: mlpsweep(1). */
void manual_write(const struct command *command, struct arena *arena, FILE *out);

#endif
