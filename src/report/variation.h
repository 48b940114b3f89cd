/* What an experiment varies: the knobs in which its variants differ, and each variant's values.
 * Read from the database, so that merged experiments and trials of --set are among them. */
#ifndef MLPSWEEP_REPORT_VARIATION_H
#define MLPSWEEP_REPORT_VARIATION_H

#include "store/query.h"
#include "trial/knob.h"

/** A knob and the values that it takes, numbers in ascending order, others as they appear. */
struct knob_values {
    const struct knob *knob;
    size_t count;
    const char **texts; /* [count] as a choice is written: `20-15`, `sgd(momentum=0.9)` */
    const char *name;   /* as labels and axes call it: the knob's, or `optimizer.momentum` where a
                           number among the arguments of one choice is all that varies */
    const char **shown; /* [count] as they show it: the text, or that number */
    double *numbers;    /* [count] NaN: none */
    bool numeric;       /* all values are numbers, but for words such as `all` */
};

/** The values of all knobs in all variants. */
struct variation {
    size_t variants, axes;
    const char **variant;      /* [variants] in the order of the plan */
    size_t *sorted;            /* [variants] their rows by the alphabet */
    struct knob_values *knobs; /* [knob_count] in the order of knobs[]; the seed's have no values */
    const size_t *axis;        /* [axes] indices into knobs[], the outermost first */
    size_t *value;             /* [variants x knob_count] indices into texts */
};

/** Some trials of the database: SQL that selects their (trial_id, position), and its parameters. */
struct trial_scope {
    const char *members;
    struct sql_value parameters[2];
    size_t count;
};

/** The plan of an experiment. */
struct trial_scope scope_of_experiment(const char *experiment);

/** Owns: everything lives in the arena. Fails: see query_table. */
MUST_CHECK bool variation_load(struct query_database *database, const struct trial_scope *scope,
                               struct arena *arena, struct variation *variation, struct error *err);

/** Whether a variant has this value of a knob, as it would be written: `20-15`,
 * `sgd(momentum=0.9)`; a choice without parentheses means it with any arguments, unless `strict`:
 * with the defaults. */
bool variation_match(const struct variation *variation, size_t row, const char *knob,
                     const char *value, bool strict, struct arena *arena);

/** The row of a variant. Needs: the experiment has it. */
size_t variation_row(const struct variation *variation, const char *variant);

/** The value of an axis (0..axes-1) in a row, as an index into its texts. */
size_t variation_at(const struct variation *variation, size_t row, size_t axis);

/** Whether two rows have the same values of all axes but those in the set `without`, a bit an axis.
 */
bool variation_same(const struct variation *variation, size_t a, size_t b, uint64_t without);

/** The knob of an axis (0..axes-1). */
const struct knob_values *variation_axis(const struct variation *variation, size_t axis);

/** The one value that all variants have of a knob, or NULL where they differ. */
const char *variation_common(const struct variation *variation, const char *knob);

/** `20-15, he_normal`: the values of all axes but those in the set `without`. A value that is a
 * number, or that two axes share, stands with its knob's name: `learning_rate=0.1`. "" where
 * nothing varies. */
const char *variation_label(const struct variation *variation, size_t row, uint64_t without,
                            struct arena *arena);

/** `20-15, scale=none, batch_size=100`: the topology and what is not at its default, for a variant
 * that has no other to be told from. */
const char *variation_text(const struct variation *variation, size_t row, struct arena *arena);

#endif
