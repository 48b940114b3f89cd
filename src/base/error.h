/* Errors as values: a list of messages, each with its place in a file where there is one.
 *
 * A fallible function returns bool (or NULL), takes a struct error last, and adds one line that a
 * user can act on. This file never prints on its own, never exits, and never overwrites the first
 * cause of a failure. */
#ifndef MLPSWEEP_BASE_ERROR_H
#define MLPSWEEP_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/** What went wrong, as the exit status that the program ends with. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_FAILED = 1,        /* while running: a trial, the disk, the database */
    ERROR_USAGE = 2,         /* the command line */
    ERROR_INVALID = 3,       /* an experiment or its data */
    ERROR_INTERRUPTED = 130, /* SIGINT or SIGTERM */
};

/** A place in a text. Line and column count from 1; line 0 means that only the file is known. */
struct place {
    const char *file;      /* NULL: nowhere in particular */
    const char *line_text; /* the source line, ended by a newline or NUL; NULL: not shown */
    size_t line, column;
};

/** One message of a list. */
struct error_message {
    struct error_message *next;
    size_t line, column;
    char *file;   /* NULL: no place */
    char *source; /* the source line, cut around the place; NULL: none */
    size_t caret; /* bytes of `source` before the place */
    char *text;   /* as it came: what is printed has control characters as escapes */
};

enum {
    ERRORS_KEPT = 1000,  /* messages beyond are counted only */
    ERRORS_SHOWN = 20,   /* likewise when they are printed */
    ERROR_TEXT_MAX = 600 /* bytes of a message; the middle of a longer one is left out */
};

/** Owns its messages; start from {0}, end with error_clear. */
struct error {
    enum error_kind kind;
    size_t count; /* those that were not kept included */
    struct error_message *first, *last;
    size_t kept;
};

/** Notes a failure unless one is noted already: the first cause wins. Always returns false. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/** Appends a message with its place, so that all errors of a file come in one pass. The kind of an
 * empty error becomes ERROR_INVALID. Always returns false. */
bool error_at(struct error *err, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);

/** Gives this place to the messages that have none. */
void error_give_place(struct error *err, struct place place);

/** Moves all messages of `from` to the end of `err`; `from` is empty afterwards. */
void error_move(struct error *err, struct error *from);

/** Puts messages in the order of their files and places, those without a line first. */
void error_sort(struct error *err);

/** Writes `FILE:LINE:COLUMN: error: MESSAGE`, the source line and a caret for each of the first
 * messages, and how many more there are. An interruption is no error and not called one. */
void error_print(const struct error *err, FILE *out);

/** The same for what is only to be said: `FILE:LINE:COLUMN: warning: MESSAGE`. */
void error_print_warnings(const struct error *warnings, FILE *out);

/** Frees the messages; err is {0} afterwards. */
void error_clear(struct error *err);

#endif
