/* Topologies as they are written: `[20, 15]`, `20-15`, `64x3`, `[]`. */
#ifndef MLPSWEEP_TRIAL_TOPOLOGY_H
#define MLPSWEEP_TRIAL_TOPOLOGY_H

#include "trial/trial.h"

/** Fails: ERROR_INVALID at the place for what is no width, out of 1..WIDTH_MAX, or too deep. */
MUST_CHECK bool topology_parse(const char *text, struct place place, struct topology *topology,
                               struct error *err);

/** `20-15`, or `none` for a linear model. */
const char *topology_text(const struct topology *topology, struct arena *arena);

/** `[20, 15]`: as an experiment file has it. */
const char *topology_list(const struct topology *topology, struct arena *arena);

/** A total order: by depth, then by the widths from input to output. 0: equal. */
int topology_compare(const struct topology *a, const struct topology *b);

#endif
