/* --best and --last: which of a trial's weights a command works on. */
#ifndef MLPSWEEP_CLI_KEPT_H
#define MLPSWEEP_CLI_KEPT_H

#include "cli/cli.h"
#include "store/trained.h"

/** What the options say; neither: the best ones, or else the last ones.
 *
 * Fails: ERROR_USAGE where both are given. */
MUST_CHECK bool kept_option(const struct invocation *in, enum kept *kept, struct error *err);

#endif
