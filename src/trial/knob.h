/* knobs[]: one row per setting. YAML keys, --set, sweep axes, did-you-mean, SQL columns, plot axes
 * and `list knobs` are all read from it. A new knob is one row and its use. */
#ifndef MLPSWEEP_TRIAL_KNOB_H
#define MLPSWEEP_TRIAL_KNOB_H

#include "base/sql_value.h"
#include "trial/topology.h"

/** What its values are. */
enum knob_type { KNOB_WHOLE, KNOB_NUMBER, KNOB_CHOICE, KNOB_TOPOLOGY, KNOB_DATASET };

/** What a knob is part of. */
enum knob_role {
    KNOB_OF_VARIANT, /* of the variant's and the trial's identity */
    KNOB_OF_SEED,    /* of the trial's identity only */
    KNOB_OF_MEASURE, /* of neither: changes what is measured, never what is trained */
};

/** A row of `knobs`. */
struct knob {
    const char *name;
    const char *help;
    const char *unit; /* NULL: none */
    enum knob_type type;
    enum knob_role role;
    bool shapes_minibatches;     /* trials that differ in it see other minibatches */
    size_t offset;               /* into struct trial */
    double minimum, maximum;     /* of whole numbers and numbers; both allowed */
    bool above_minimum;          /* the minimum itself is not allowed */
    bool below_maximum;          /* the maximum itself is not allowed */
    const char *fallback;        /* the default as it is written; NULL: must be given */
    const char *automatic;       /* the word for a value that others decide: "auto"; or NULL */
    const struct registry *rows; /* of KNOB_CHOICE; of KNOB_DATASET the generators */
};

/** All knobs, in the order in which `list` and columns have them. */
extern const struct knob knobs[];
extern const size_t knob_count;

/** The knob of this name, or NULL. */
const struct knob *knob_find(const char *name);

/** The names of all knobs, and what else people write for them. */
extern const struct names knob_names;

/** The data sets that a value of the knob `dataset` may name beside the built-ins. */
struct dataset_decls {
    const struct data_source *sources; /* [count] */
    size_t count;
};

/** Every knob at its default; not resolved. Knobs without a default (dataset) are NULL. */
struct trial trial_default(void);

/** Reads a value as it is written (`0.1`, `auto`, `[20, 15]`, `64x3`, `20-15`,
 * `sgd(momentum=0.9)`).
 *
 * Fails: with a message at the place for a wrong type, a value out of range, or an unknown name. */
MUST_CHECK bool knob_parse(const struct knob *knob, const char *text, struct place place,
                           const struct dataset_decls *decls, struct trial *trial,
                           struct error *err);

/** The value as it would be written, arguments included: `sgd(momentum=0.9)`, `[20, 15]`. */
const char *knob_text(const struct knob *knob, const struct trial *trial, struct arena *arena);

/** The knob's own field in a trial, and its size in bytes. */
const void *knob_field(const struct knob *knob, const struct trial *trial);
size_t knob_size(const struct knob *knob);

/** The choice that the knob's value is, with its arguments; NULL: it is none. Its entry is NULL for
 * what is automatic and for a data set from files. */
struct choice *knob_choice(const struct knob *knob, struct trial *trial);

/** Gives the knob the value of a field of another trial. */
void knob_set(const struct knob *knob, const void *value, struct trial *trial);

/** Bytes of the largest value. */
enum { KNOB_BYTES_MAX = sizeof(struct topology) };

/** The value as bytes for hashing: equal for equal values and only for them. Returns how many. */
size_t knob_bytes(const struct knob *knob, const struct trial *trial,
                  unsigned char bytes[KNOB_BYTES_MAX]);

/** A total order of a knob's values, for sorting: 0 for equal ones, and automatic ones are equal.
 */
int knob_compare(const struct knob *knob, const struct trial *a, const struct trial *b);

/** Whether the two have the same value. */
bool knob_equal(const struct knob *knob, const struct trial *a, const struct trial *b);

/** Whether the resolved value is the one that the default stands for, so that the identity leaves
 * the knob out. */
bool knob_is_default(const struct knob *knob, const struct trial *trial);

/** The value of the knob's column: numbers as they are, a choice's bare name, `20-15`; train_rows
 * NULL for all. */
struct sql_value knob_column(const struct knob *knob, const struct trial *trial,
                             struct arena *arena);

/** Whether the knob has a second column NAME_arguments (some row of its registry takes any). */
bool knob_has_arguments(const struct knob *knob);

/** The arguments of a choice as a JSON object, `{}` where it takes none. */
const char *knob_arguments_json(const struct knob *knob, const struct trial *trial,
                                struct arena *arena);

/** The value as it would be written, from the two columns; `arguments` may be NULL. */
const char *knob_column_text(const struct knob *knob, const struct sql_value *value,
                             const struct sql_value *arguments, struct arena *arena);

#endif
