/* Results made up by a test: a leaderboard of a few variants with six seeds each, whose numbers the
 * test changes before it asks for the words. */
#ifndef MLPSWEEP_TESTS_STORY_H
#define MLPSWEEP_TESTS_STORY_H

#include "report/sentences.h"

enum { STORY_SEEDS = 6, STORY_SEEDS_MAX = 40, STORY_VARIANTS_MAX = 5 };

struct story {
    struct arena arena;
    struct result results[STORY_VARIANTS_MAX][STORY_SEEDS_MAX];
    struct group groups[STORY_VARIANTS_MAX];
    struct leaderboard board;
    struct verdict verdict; /* of the first variant */
    size_t variants, seeds; /* how many there are */
};

/** Two variants of a classification on 6,000 validation and 10,000 test rows, six seeds each, all
 * different. The second is worse by two points. Validation loss is best at epoch 10 of 40, rises
 * from 0.2 to 0.3, and nothing happens to accuracy. */
void story_begin(struct story *story);

/** The same as a regression with mse, whose second variant is worse. */
void story_begin_regression(struct story *story);

void story_end(struct story *story);

/** One number of all seeds of one variant. */
void story_set(struct story *story, size_t variant, enum result_number number, double value);

/** Counts what was set; then the words of one sentence, or NULL where it does not hold. */
const char *story_sentence(struct story *story, const char *name);

/** The whole summary of the story. */
const char *story_summary(struct story *story);

#endif
