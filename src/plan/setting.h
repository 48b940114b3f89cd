/* One value for a knob, or for one argument of a choice: what a line of an experiment file, `--set`
 * and `--where` say. */
#ifndef MLPSWEEP_PLAN_SETTING_H
#define MLPSWEEP_PLAN_SETTING_H

#include "trial/knob.h"

/** What a key names: a knob, or as `optimizer.momentum` an argument of rows of its registry. */
struct target {
    const struct knob *knob;
    const char *argument; /* NULL: the knob itself */
};

/** A value with its place. */
struct setting {
    struct target target;
    struct place place;
    const char *text;    /* as labels have it: `20-15`, `sgd(momentum=0.9)`, `0.9` */
    const char *written; /* as the user wrote it */
    const void *value;   /* of a knob: for knob_set; of an argument NULL, the text is read for each
                            choice */
};

/** The target of a key. Fails: with one message at the place, for names that there are not. */
MUST_CHECK bool target_find(const char *key, struct place place, struct arena *arena,
                            struct target *target, struct error *err);

/** `epochs`, `optimizer.momentum`. */
const char *target_name(struct target target, struct arena *arena);

/** Whether both name the same knob, or the same argument of it. */
bool target_equal(struct target a, struct target b);

/** Whether values are numbers, so that `range(...)` and `<` have a meaning, and whole ones. */
bool target_is_numeric(struct target target);
bool target_is_whole(struct target target);

/** The target's value in a trial, as labels have it: `20-15`, `sgd(momentum=0.9)`, `0.9`. NULL: the
 * trial's choice has no such argument. */
const char *target_text(struct target target, const struct trial *trial, struct arena *arena);

/** Reads a value for the target.
 *
 * Owns:  the setting lives in the arena.
 * Fails: with a message at the place, as knob_parse; a value that no row takes for the argument. */
MUST_CHECK bool setting_parse(struct target target, const char *text, struct place place,
                              const struct dataset_decls *decls, struct arena *arena,
                              struct setting *setting, struct error *err);

/** Gives the trial the value.
 * Fails: where the trial's choice has no such argument, or another range of it. */
MUST_CHECK bool setting_apply(const struct setting *setting, struct trial *trial,
                              struct error *err);

/** Whether a resolved trial has the value. What is automatic is what it stands for in that trial; a
 * choice without parentheses means it with any arguments, unless `strict`: with the defaults. */
bool setting_matches(const struct setting *setting, const struct trial *trial, bool strict);

/** The setting's number and that of a resolved trial, for comparing them. False: the trial has
 * none, because its choice has no such argument. Needs: target_is_numeric. */
bool setting_numbers(const struct setting *setting, const struct trial *trial, double *number,
                     double *of_trial);

#endif
