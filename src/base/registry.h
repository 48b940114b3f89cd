/* Tables of named things: activations, initializers, losses, optimizers, schedules, figures.
 *
 * Every row opens with a struct entry; the table is the only place that knows the names. A choice
 * is a row with values for its declared arguments, written as a call: `normal(stddev=0.1)`. */
#ifndef MLPSWEEP_BASE_REGISTRY_H
#define MLPSWEEP_BASE_REGISTRY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/names.h"

/** Arguments of one row at most. */
enum { ARGUMENTS_MAX = 5 };

/** Numbers, whole numbers, true or false, one of a list of words. */
enum argument_type { ARGUMENT_NUMBER, ARGUMENT_WHOLE, ARGUMENT_FLAG, ARGUMENT_WORD };

/** An argument that a row takes. */
struct argument {
    const char *name; /* NULL ends the list */
    const char *help;
    enum argument_type type;
    double minimum, maximum;  /* both allowed; not for flags and words */
    double fallback;          /* the default; a flag is 0 or 1, a word its index */
    const char *const *words; /* of ARGUMENT_WORD, ended by NULL */
};

/** What every table row opens with. */
struct entry {
    const char *name;
    const char *help;
    struct argument arguments[ARGUMENTS_MAX];
};

struct choice;

/** A table whose rows are chosen by name. */
struct registry {
    const char *noun; /* "activation", as messages name it */
    const void *rows; /* each opens with its struct entry */
    size_t count, row_size;
    const struct synonym *synonyms; /* [synonym_count] other words for the rows' names */
    size_t synonym_count;
    /** What is wrong with arguments that are each allowed, or NULL where nothing is. */
    const char *(*contradiction)(const struct choice *choice);
};

/** A row and the values of its arguments, in the order in which the row declares them. Plain. */
struct choice {
    const struct entry *entry; /* NULL: not chosen yet ("auto") */
    double arguments[ARGUMENTS_MAX];
};

#define REGISTRY(noun, rows)                                                                       \
    { noun, rows, sizeof(rows) / sizeof *(rows), sizeof *(rows), NULL, 0, NULL }
/** Others follow by name: SYNONYMS(list), .contradiction = function. */
#define REGISTRY_WITH(noun, rows, ...)                                                             \
    { noun, rows, sizeof(rows) / sizeof *(rows), sizeof *(rows), __VA_ARGS__ }
#define SYNONYMS(list) .synonyms = (list), .synonym_count = sizeof(list) / sizeof *(list)

/** Row i, or NULL after the last. */
const struct entry *registry_row(const struct registry *registry, size_t i);

/** The row of this name, or NULL. */
const struct entry *registry_find(const struct registry *registry, const char *name);

/** The names of the rows, for did-you-mean. */
struct names registry_names(const struct registry *registry);

/** The row of this name with its arguments at their defaults. Needs: the name exists. */
struct choice choice_default(const struct registry *registry, const char *name);

/** Reads `name` or `name(argument=value, ...)`.
 *
 * Fails: with one message for each unknown name, unknown or repeated argument, or value of the
 * wrong type or out of range; `place` is that of the first character of `text`. */
MUST_CHECK bool choice_parse(const struct registry *registry, const char *text, struct place place,
                             struct choice *choice, struct error *err);

/** The row's argument of this name, or NULL. */
const struct argument *argument_find(const struct entry *entry, const char *name);

/** Reads the value of one argument.
 * Fails: with a message at the place for a value of the wrong type or out of range. */
MUST_CHECK bool argument_parse(const struct argument *argument, const char *text,
                               struct place place, double *value, struct error *err);

/** Whether a call names this argument: `sgd(momentum=0.9)` gives momentum, `sgd` does not. */
bool call_gives(const char *text, const char *argument);

/** `normal(stddev=0.1)`: the name, and the arguments that differ from their defaults. */
const char *choice_text(const struct choice *choice, struct arena *arena);

/** The value of one argument as it is written: `0.9`, `true`, `fan_in`. */
const char *argument_text(const struct argument *argument, double value, struct arena *arena);

/** Whether row and arguments are the same. */
bool choice_equal(const struct choice *a, const struct choice *b);

#endif
