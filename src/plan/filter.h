/* Which trials are meant: `--where K=V`, and the partial settings of `exclude:` and `baseline:`. */
#ifndef MLPSWEEP_PLAN_FILTER_H
#define MLPSWEEP_PLAN_FILTER_H

#include "plan/setting.h"

struct relation;

/** One knob or argument compared with values. */
struct condition {
    const struct relation *relation;
    struct target target;
    struct setting *values; /* [count] any of them */
    size_t count;
    bool strict; /* see setting_matches */
};

/** All conditions together. */
struct filter {
    struct place place;
    struct condition *conditions; /* [count] */
    size_t count;
};

/** A condition that the trial has one of the values. */
struct condition condition_equal(struct target target, struct setting *values, size_t count);

/** Reads `K=V`, `K!=V`, `K<V`, `K<=V`, `K>V`, `K>=V`; after `=` and `!=` also `K=V,V`.
 *
 * Owns:  the condition lives in the arena.
 * Fails: ERROR_USAGE, naming the text. */
MUST_CHECK bool condition_parse(const char *text, const struct dataset_decls *decls,
                                struct arena *arena, struct condition *condition,
                                struct error *err);

/** Whether a resolved trial satisfies all conditions. */
bool filter_matches(const struct filter *filter, const struct trial *trial);

#endif
