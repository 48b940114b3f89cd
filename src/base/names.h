/* Which names there may be, and "did you mean": what a word that names nothing was meant to be. The
 * only place that decides it.
 *
 * Near are other spellings of a name (a slip of the finger, `BatchSize`), the beginning of one name
 * alone, and the other words of the field that the table declares (`lr`). A word that means
 * something else is never near, however alike the letters are. */
#ifndef MLPSWEEP_BASE_NAMES_H
#define MLPSWEEP_BASE_NAMES_H

#include "base/error.h"

/** Another word for a name: `lr` for `learning_rate`. */
struct synonym {
    const char *word;
    const char *name; /* NULL: a thing of its own, which no name of the table stands for */
};

/** The names that are known where a word was written. */
struct names {
    const char *(*at)(const void *context, size_t i); /* name i, NULL after the last */
    const void *context;
    const struct synonym *synonyms;
    size_t synonym_count;
};

/** The known name that the word was meant to be, or NULL. */
const char *names_near(const struct names *names, const char *word);

/** The end of a message about an unknown word. */
struct hint {
    char text[112];
};

/** `; did you mean '--fuse'?` with a prefix of "--", or nothing where no name is near. */
struct hint names_hint(const struct names *names, const char *word, const char *prefix);

/** Notes `unknown loss 'mea'; did you mean 'mae'?`, or where no name is near `unknown loss 'x'
 * (known: cross_entropy, mse)` if the names are few. Always false. */
bool error_unknown(struct error *err, struct place place, const char *noun, const char *word,
                   const struct names *names);

/** Whether a text may name an experiment or a data set, and so a folder and a file:
 * [a-z0-9][a-z0-9_-]{0,63}. */
bool name_is_plain(const char *text);

#endif
