#include "story.h"

#include "report/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const labels[STORY_VARIANTS_MAX] = {"10", "20", "30", "40", "50"};

static void fill(struct story *story, bool has_classes) {
    memset(story, 0, sizeof *story);
    story->variants = 2;
    story->seeds = STORY_SEEDS;
    story->board = (struct leaderboard){.dataset = "mnist",
                                        .loss = has_classes ? "cross_entropy" : "mse",
                                        .has_classes = has_classes};
    for (size_t g = 0; g < STORY_VARIANTS_MAX; g++)
        for (size_t i = 0; i < STORY_SEEDS_MAX; i++) {
            struct result *r = &story->results[g][i];
            int64_t seed = (int64_t)i + 1;
            *r = (struct result){.state = "done",
                                 .seed = seed,
                                 .order_seed = seed,
                                 .split_seed = seed,
                                 .init_seed = seed};
            double none = (double)NAN, spread = 0.001 * (double)i;
            double accuracy = has_classes ? 0.95 + spread - 0.02 * (double)g : none;
            for (size_t n = 0; n < RESULT_NUMBERS; n++)
                r->number[n] = none;
            r->number[RESULT_VAL_ACCURACY] = r->number[RESULT_FINAL_VAL_ACCURACY] = accuracy;
            r->number[RESULT_TEST_ACCURACY] = has_classes ? 0.94 : none;
            r->number[RESULT_FINAL_TEST_ACCURACY] = has_classes ? 0.94 : none;
            r->number[RESULT_VAL_LOSS] = 0.2 + spread + 0.02 * (double)g;
            r->number[RESULT_FINAL_VAL_LOSS] = 0.3;
            r->number[RESULT_TEST_LOSS] = r->number[RESULT_FINAL_TEST_LOSS] = 0.25;
            r->number[RESULT_BEST_EPOCH] = 10;
            r->number[RESULT_EPOCHS] = 40;
            r->number[RESULT_WASTED_EPOCHS] = 30;
            r->number[RESULT_WASTED_FRACTION] = 0.75;
            r->number[RESULT_TRAIN_SECONDS] = 4;
            r->number[RESULT_LEARNED] = 1;
            r->number[RESULT_VALIDATION_ROWS] = 6000;
            r->number[RESULT_TEST_ROWS] = 10000;
            r->number[RESULT_NAIVE_TEST] = r->number[RESULT_NAIVE_VAL] = has_classes ? 0.11 : 1;
        }
    story->verdict = (struct verdict){.kind = VERDICT_OVERCONFIDENT,
                                      .units = STORY_SEEDS,
                                      .epochs = 40,
                                      .level = 0.2,
                                      .end = 0.3,
                                      .gap = {6, 0.1, 0.01, 0.0105, 0.09, 0.11},
                                      .accuracy = {6, 0.0002, 0.001, 0.00105, -0.001, 0.001},
                                      .help = {6, -0.001, 0.001, 0.001, -0.002, 0},
                                      .help_is_test = true};
}

void story_begin(struct story *story) {
    fill(story, true);
}

void story_begin_regression(struct story *story) {
    fill(story, false);
    story->verdict.kind = VERDICT_OVERFITS;
    story->verdict.accuracy = (struct moments){0};
}

void story_end(struct story *story) {
    arena_close(&story->arena);
}

void story_set(struct story *story, size_t variant, enum result_number number, double value) {
    for (size_t i = 0; i < STORY_SEEDS_MAX; i++)
        story->results[variant][i].number[number] = value;
}

static void finish(struct story *story) {
    for (size_t g = 0; g < story->variants; g++) {
        struct group *group = &story->groups[g];
        *group = (struct group){.variant = labels[g],
                                .monitor = "val_loss",
                                .label = labels[g],
                                .results = story->results[g],
                                .count = story->seeds,
                                .planned = story->seeds};
        for (size_t i = 0; i < story->seeds; i++)
            group->diverged += strcmp(story->results[g][i].state, "diverged") == 0;
        group_summarize(group);
        if (group->moments[RESULT_VALIDATION_ROWS].n)
            story->board.validation_rows = (int64_t)group->moments[RESULT_VALIDATION_ROWS].mean;
        if (group->moments[RESULT_TEST_ROWS].n)
            story->board.test_rows = (int64_t)group->moments[RESULT_TEST_ROWS].mean;
    }
    story->board.groups = story->groups;
    story->board.count = story->variants;
    story->board.is_validated = story->groups[0].moments[RESULT_BEST_EPOCH].n != 0;
}

const char *story_sentence(struct story *story, const char *name) {
    finish(story);
    struct subject subject = {.board = &story->board,
                              .group = &story->groups[0],
                              .verdict = &story->verdict,
                              .arena = &story->arena};
    struct comparison *comparisons =
        comparisons_of(&story->board, &story->groups[0], &subject.comparison_count, &story->arena);
    subject.comparisons = subject.comparison = comparisons;
    subject.compared = subject.comparison_count;
    for (const struct sentence *const *list = sentences; *list; list++)
        for (const struct sentence *sentence = *list; sentence->name; sentence++)
            if (strcmp(sentence->name, name) == 0)
                return sentence->holds(&subject) ? sentence->text(&subject) : NULL;
    return NULL;
}

const char *story_summary(struct story *story) {
    finish(story);
    struct verdict verdicts[STORY_VARIANTS_MAX];
    for (size_t g = 0; g < STORY_VARIANTS_MAX; g++)
        verdicts[g] = story->verdict;
    struct summary summary = {.results = {.experiment = "story",
                                          .dataset = "mnist",
                                          .question = "Does it?",
                                          .boards = &story->board,
                                          .board_count = 1,
                                          .groups = story->groups,
                                          .count = story->variants,
                                          .trials = story->variants * story->seeds,
                                          .done = story->variants * story->seeds},
                              .verdicts = verdicts};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    summary_write(&summary, 0, false, out);
    fclose(out);
    const char *kept = arena_text(&story->arena, text, size);
    free(text);
    return kept;
}
