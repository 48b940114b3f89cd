/* The grammar of an experiment file: what it declares, with the place of everything that it says.
 * Nothing is multiplied out here (sweep.h). */
#ifndef MLPSWEEP_PLAN_EXPERIMENT_H
#define MLPSWEEP_PLAN_EXPERIMENT_H

#include "plan/yaml.h"
#include "trial/knob.h"

/** A knob with a list of values. */
struct axis {
    const struct knob *knob;
    struct place place;
    struct trial *values; /* [count]; of each, only the knob's own field counts */
    struct place *places; /* [count] of each value */
    size_t count;
};

struct experiment {
    const char *name, *question; /* question may be NULL */
    struct trial base;
    struct place *base_places;  /* [knob_count]; a file of NULL: not given */
    struct axis *axes;          /* in the file's order */
    size_t axis_count, repeats; /* repeats >= 1 */
    struct dataset_decls decls; /* of `datasets:` */
};

/** Reads what the tree says.
 *
 * Owns:  everything lives in the arena.
 * Fails: with all errors of the file, each with its place. */
MUST_CHECK bool experiment_read(const char *path, const struct yaml_node *root, struct arena *arena,
                                struct experiment *experiment, struct error *err);

/** Applies `K=V`: replaces the base value and drops an axis of that knob; `repeats` counts as one.
 *
 * Fails: ERROR_USAGE. */
MUST_CHECK bool experiment_override(struct experiment *experiment, const char *text,
                                    struct arena *arena, struct error *err);

#endif
