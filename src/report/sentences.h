/* sentences[]: every sentence that `summary` can print, with the condition under which it is true.
 * A new one is a row of one of its lists; tests reach each row where it holds and where it does
 * not. */
#ifndef MLPSWEEP_REPORT_SENTENCES_H
#define MLPSWEEP_REPORT_SENTENCES_H

#include "report/comparison.h"
#include "report/verdict.h"

#include <stdio.h>

/** What a sentence is about. */
enum sentence_topic { SENTENCE_OF_BOARD, SENTENCE_OF_VARIANT, SENTENCE_OF_COMPARISON };

/** What a sentence is about. Of a variant: group and verdict. Of a comparison: that one. */
struct subject {
    const struct leaderboard *board;
    const struct group *group;
    const struct verdict *verdict;
    const struct comparison *comparison;
    const struct comparison *comparisons; /* [comparison_count] of all others with the leader */
    size_t comparison_count;
    size_t compared; /* how many comparisons p was adjusted for */
    struct arena *arena;
};

/** A row of a list of sentences. */
struct sentence {
    const char *name; /* NULL ends a list */
    bool (*holds)(const struct subject *subject);
    const char *(*text)(const struct subject *subject); /* lives in the subject's arena */
};

/** What holds of a leaderboard, of a variant's trials and curves, and of two variants; all lists.
 */
extern const struct sentence board_sentences[], trial_sentences[], curve_sentences[],
    comparison_sentences[];
extern const struct sentence *const sentences[]; /* NULL behind the last */

/** All sentences of a topic that hold, one after another, in the order of the table. */
const char *sentences_about(const struct subject *subject, enum sentence_topic topic);

/** One paragraph in at most `room` columns and no wider than is easy to read; 0: that wide. Its
 * first line is indented by `first`, the others by `indent`. */
void sentences_write(const char *text, size_t room, size_t first, size_t indent, FILE *out);

#endif
