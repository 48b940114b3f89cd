/* The commands: a table of names, options and functions. `help` prints what this table says, and
 * the parser reads by it. One cmd_*.c a command; main joins nothing but this table. */
#ifndef MLPSWEEP_CLI_CLI_H
#define MLPSWEEP_CLI_CLI_H

#include "base/arena.h"
#include "base/error.h"

/** Options of one command at most. */
enum { OPTIONS_MAX = 12 };

/** An option that a command takes. */
struct option_spec {
    const char *name;     /* without dashes; NULL ends the list */
    char letter;          /* short form, or 0 */
    const char *argument; /* how help names its value; NULL: a flag */
    const char *help;
};

/** A command line that was read. */
struct invocation {
    const struct command *command;
    const char *line;    /* all of it */
    struct arena *arena; /* of the whole command */
    size_t count;        /* of arguments */
    char **arguments;
    size_t given; /* options, in order */
    struct {
        const struct option_spec *option;
        const char *value; /* "" for a flag */
    } * options;
};

/** A row of `commands`. */
struct command {
    const char *name;
    const char *arguments; /* as help shows them: "FILE..." */
    const char *help;      /* one line */
    const char *details;   /* a paragraph more, `as typed` in back-ticks; or NULL */
    const char *example;   /* a command line, of a folder that has notebook.yaml and its results */
    size_t least, most;    /* how many arguments it takes */
    struct option_spec options[OPTIONS_MAX];
    /** Writes tables to standard output. Fails: err->kind is the exit status. */
    bool (*run)(const struct invocation *in, struct error *err);
};

/** All commands, in the order in which help lists them. */
extern const struct command *const commands[];
extern const size_t command_count;

/** The command of that name, or NULL. */
const struct command *command_find(const char *name);

/** The command that a user names. Fails: NULL, ERROR_USAGE with the name that it was meant to be.
 */
const struct command *command_named(const char *name, struct error *err);

/** The option that every command takes which reads or writes results. */
#define OPTION_DB                                                                                  \
    { "db", 0, "FILE", "the database (default: $MLPSWEEP_DB, else results/mlpsweep.db)" }

/** Where results go unless --db or $MLPSWEEP_DB say otherwise. */
#define OPTION_DATABASE_DEFAULT "results/mlpsweep.db"

/** The options of commands that expand experiment files: workload_load reads them. OPTION_WHERE is
 * of reading commands, too: where_apply and selection_open read it. */
#define OPTION_SET                                                                                 \
    { "set", 0, "K=V", "replaces a base value or collapses that axis (repeatable)" }
#define OPTION_WHERE                                                                               \
    {                                                                                              \
        "where", 0, "K=V",                                                                         \
            "only trials with this value; also !=, <, <=, >, >= and K=V,V (repeatable)"            \
    }

/** The value of an option, the last one if it is given several times; NULL if it is not given. */
const char *option_value(const struct invocation *in, const char *name);

/** Value i of an option that may be repeated; NULL after the last. */
const char *option_value_at(const struct invocation *in, const char *name, size_t i);

/** All values of an option that may be repeated. Owns: the array lives in the command's arena. */
const char *const *option_values(const struct invocation *in, const char *name, size_t *count);

/** The database where no --db names one: $MLPSWEEP_DB, else OPTION_DATABASE_DEFAULT. */
const char *option_database_unnamed(void);

/** The database that this command means. */
const char *option_database(const struct invocation *in);

/** Whether neither --db nor $MLPSWEEP_DB names it. */
bool option_database_is_default(const struct invocation *in);

/** Reads a whole number in minimum..maximum, or `fallback` if the option is not given.
 * Fails: ERROR_USAGE. */
MUST_CHECK bool option_whole(const struct invocation *in, const char *name, size_t minimum,
                             size_t maximum, size_t fallback, size_t *result, struct error *err);

/** The index of an option's value among words, ended by NULL; 0 if it is not given.
 * Fails: ERROR_USAGE. */
MUST_CHECK bool option_word(const struct invocation *in, const char *name, const char *const *words,
                            size_t *result, struct error *err);

#endif
