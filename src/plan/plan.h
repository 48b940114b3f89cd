/* An experiment file becomes a plan: the ordered list of its trials. Knows YAML and knobs; never
 * data rows, training or databases. */
#ifndef MLPSWEEP_PLAN_PLAN_H
#define MLPSWEEP_PLAN_PLAN_H

#include "base/arena.h"
#include "base/error.h"
#include "trial/knob.h"

/** A larger plan is refused. */
enum { PLAN_TRIALS_MAX = 1000000 };

struct setting;
struct settings;

/** A trial and where in the experiment it comes from. */
struct planned_trial {
    struct trial trial; /* resolved */
    const char *label;  /* the axes' values: `topology=20-15 optimizer=adam`; "" without axes */
    size_t variant;     /* from 0; trials of a variant differ in their seeds alone */
    size_t block;       /* the mapping under sweep: that it comes from */
    const struct setting *const *settings; /* [setting_count] of the sweep, see plan_place */
    size_t setting_count;
};

/** A knob, or an argument of a choice, that has several values in the plan. */
struct plan_axis {
    const struct knob *knob;
    const char *argument; /* or NULL */
    const char *name;     /* `epochs`, `optimizer.momentum` */
};

/** The trials of an experiment in their order. */
struct plan {
    const char *name;             /* [a-z0-9][a-z0-9_-]{0,63} */
    const char *question;         /* or NULL */
    const char *file;             /* as it was named */
    const char *text;             /* the bytes of the file */
    const struct plan_axis *axes; /* of the variant, in the file's order; seeds are none */
    size_t axis_count;
    struct planned_trial *trials; /* variants in the product's order, last axis fastest; a
                                     variant's seeds are neighbours */
    size_t count, variants;
    const struct settings *base, *overrides;
};

/** What a command line adds to a file. All may be left out. */
struct plan_options {
    const char *const *sets; /* [set_count] K=V: replaces a base value or collapses that axis;
                                `repeats` and `seed` count too */
    size_t set_count;
    const char *const *wheres; /* [where_count] K=V, K!=V, K<V, ...: only trials that satisfy all
                                  stay; there may be none */
    size_t where_count;
    struct error *warnings; /* NULL: they are dropped */
};

/** Checks and expands the text of an experiment file.
 *
 * Needs: text[length] is NUL. options may be NULL.
 * Owns:  the plan lives in the arena; knob values point into it, and into the text.
 * Fails: ERROR_INVALID with all errors of the file at once, each with its place; ERROR_USAGE for an
 *        option that cannot be read. */
MUST_CHECK bool plan_parse(const char *file, const char *text, size_t length,
                           const struct plan_options *options, struct arena *arena,
                           struct plan *plan, struct error *err);

/** Where a trial has its value of a knob from: a value under sweep: or base:, or `--set`; of a
 * default the file without a line. For errors that only the data bring to light.
 *
 * Needs: trial < plan->count; `knob` is the name of a knob. */
struct place plan_place(const struct plan *plan, size_t trial, const char *knob);

/** Reads an experiment file, or standard input for `-`; otherwise as plan_parse. */
MUST_CHECK bool plan_load(const char *path, const struct plan_options *options, struct arena *arena,
                          struct plan *plan, struct error *err);

#endif
