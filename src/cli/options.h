/* Reading a command line by the table of commands. */
#ifndef MLPSWEEP_CLI_OPTIONS_H
#define MLPSWEEP_CLI_OPTIONS_H

#include "cli/cli.h"

/** Reads `mlpsweep COMMAND [OPTIONS] [ARGUMENTS]`; options and arguments may come in any order, and
 * `--` ends the options. `--help` becomes the command help, also before COMMAND; `--version` is not
 * known here.
 *
 * Owns:  the invocation points into argv and the arena.
 * Fails: ERROR_USAGE. */
MUST_CHECK bool options_read(int argc, char **argv, struct arena *arena, struct invocation *in,
                             struct error *err);

#endif
