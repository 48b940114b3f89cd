/* Words as the shell reads them. */
#ifndef MLPSWEEP_CLI_SHELL_H
#define MLPSWEEP_CLI_SHELL_H

#include "base/arena.h"

/** The text as one word, whatever is in it: `'it'\''s'`. Owns: lives in the arena. */
const char *shell_quote(const char *text, struct arena *arena);

/** Splits a text at blanks as the shell does, quotes and backslashes included, but expands nothing:
 * each word quoted, a blank before it. NULL: a quote is left open. Owns: lives in the arena. */
const char *shell_words(const char *text, struct arena *arena);

#endif
