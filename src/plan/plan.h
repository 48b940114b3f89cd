/* An experiment file becomes a plan: the ordered list of its trials. Knows YAML and knobs; never
 * data rows, training or databases. */
#ifndef MLPSWEEP_PLAN_PLAN_H
#define MLPSWEEP_PLAN_PLAN_H

#include "base/arena.h"
#include "base/error.h"
#include "trial/knob.h"

enum { PLAN_TRIALS_MAX = 1000000 };

struct planned_trial {
    struct trial trial; /* resolved */
    const char *label;  /* the axes' values: `topology=20-15 optimizer=adam`; "" without axes */
    size_t variant;     /* from 0; trials of a variant differ in their seeds alone */
    const struct place *const *places; /* [knob_count], see plan_place */
};

struct plan {
    const char *name;     /* [a-z0-9][a-z0-9_-]{0,63} */
    const char *question; /* or NULL */
    const char *file;     /* as it was named */
    const char *text;     /* the bytes of the file */
    size_t length;
    const struct knob *const *axes; /* the knobs with several values, in the file's order */
    size_t axis_count;
    struct planned_trial *trials; /* variants in the product's order, last axis fastest; a
                                     variant's seeds are neighbours */
    size_t count, variants;
};

/** `--set K=V`: replaces a base value or collapses that axis; `repeats` and `seed` count too. */
struct plan_override {
    const char *text; /* "epochs=5" */
};

/** Checks and expands the text of an experiment file.
 *
 * Needs: text[length] is NUL.
 * Owns:  the plan lives in the arena; knob values point into it, and into the text.
 * Fails: ERROR_INVALID with all errors of the file at once, each with its place; ERROR_USAGE for an
 *        override that cannot be read. */
MUST_CHECK bool plan_parse(const char *file, const char *text, size_t length,
                           const struct plan_override *overrides, size_t override_count,
                           struct arena *arena, struct plan *plan, struct error *err);

/** Where a trial has its value of a knob from: a value under sweep: or base:, or `--set`; of a
 * default the file without a line. For errors that only the data bring to light.
 *
 * Needs: trial < plan->count; `knob` is the name of a knob. */
struct place plan_place(const struct plan *plan, size_t trial, const char *knob);

/** Reads an experiment file; otherwise as plan_parse. */
MUST_CHECK bool plan_load(const char *path, const struct plan_override *overrides,
                          size_t override_count, struct arena *arena, struct plan *plan,
                          struct error *err);

#endif
