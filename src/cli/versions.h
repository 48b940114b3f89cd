/* The versions of the program and of all that it is linked with: what --version and doctor say. */
#ifndef MLPSWEEP_CLI_VERSIONS_H
#define MLPSWEEP_CLI_VERSIONS_H

#include "base/arena.h"

#include <stdio.h>

/** `mlpsweep VERSION`, then a line for each library and what built it. */
void versions_write(struct arena *arena, FILE *out);

#endif
