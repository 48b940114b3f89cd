/* What an experiment file says, with the place of everything. Nothing is multiplied out here
 * (sweep.h). */
#ifndef MLPSWEEP_PLAN_EXPERIMENT_H
#define MLPSWEEP_PLAN_EXPERIMENT_H

#include "plan/filter.h"
#include "plan/values.h"

/** Targets that take their values together: one target with a list of values, or those of a zip. */
struct axis {
    struct place place;
    const struct target *targets; /* [target_count] */
    size_t target_count, count;
    struct setting *settings; /* [count x target_count] */
    bool is_zip;
    bool *replaced;                   /* [target_count] an override took its place */
    struct distribution distribution; /* of one target in a random search: no settings then */
};

/** A mapping under sweep: the product of its axes. */
struct block {
    struct place place;
    struct axis *axes; /* [count], in the file's order */
    size_t count;
};

/** Settings in the file's order. */
struct settings {
    struct setting *list; /* [count] */
    size_t count, room;
};

/** A file as it was read. */
struct experiment {
    const char *name, *question; /* question may be NULL */
    struct settings base, overrides;
    struct block *blocks; /* [block_count]; without sweep: one block without axes */
    size_t block_count;
    size_t repeats; /* at least 1 */
    struct place repeats_place;
    size_t draws; /* variants of a random search; 0: the whole product */
    struct place draws_place;
    uint64_t draw_seed;
    struct filter *excludes; /* [exclude_count] */
    size_t exclude_count;
    struct filter *baseline;    /* NULL: not given */
    struct dataset_decls decls; /* of `datasets:` */
    bool lacks_dataset;         /* no value for `dataset`, and no key that was meant to be one */
};

/** Whether an experiment may have this name. Fails: ERROR_INVALID at the place. */
MUST_CHECK bool experiment_check_name(const char *name, struct place place, struct error *err);

/** A key of the file. */
struct experiment_key {
    const char *name, *help;
    const char *shape; /* its members of a JSON Schema, see file_schema.h */
};

/** Key i, or NULL after the last. */
const struct experiment_key *experiment_key(size_t i);

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

/** The last setting of the list for the target, or NULL. */
const struct setting *settings_find(const struct settings *settings, struct target target);

#endif
