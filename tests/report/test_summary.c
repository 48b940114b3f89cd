#include "report/summary.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 6 };

/* Results of two variants whose numbers a test sets before it asks for the words. */
struct story {
    struct result results[2][SEEDS];
    struct group groups[2];
    struct results all;
    char text[8192];
};

static struct story *story_of(size_t variants) {
    struct story *story = calloc(1, sizeof *story);
    for (size_t g = 0; g < 2; g++) {
        for (size_t i = 0; i < SEEDS; i++) {
            struct result *r = &story->results[g][i];
            *r = (struct result){.state = "done",
                                 .seed = (int64_t)i + 1,
                                 .order_seed = (int64_t)i + 1,
                                 .split_seed = (int64_t)i + 1,
                                 .init_seed = (int64_t)i + 1};
            r->number[RESULT_VAL_ACCURACY] = r->number[RESULT_FINAL_VAL_ACCURACY] =
                0.95 + 0.001 * (double)i - 0.02 * (double)g;
            r->number[RESULT_TEST_ACCURACY] = 0.94;
            r->number[RESULT_BEST_EPOCH] = 10;
            r->number[RESULT_EPOCHS] = 40;
            r->number[RESULT_WASTED_EPOCHS] = 30;
            r->number[RESULT_WASTED_FRACTION] = 0.75;
            r->number[RESULT_VAL_LOSS] = 0.2;
            r->number[RESULT_FINAL_VAL_LOSS] = 0.3;
        }
        story->groups[g] = (struct group){.variant = g ? "b" : "a",
                                          .label = g ? "topology=20" : "topology=10",
                                          .results = story->results[g],
                                          .count = SEEDS,
                                          .planned = SEEDS};
    }
    story->all = (struct results){.experiment = "story",
                                  .dataset = "mnist",
                                  .groups = story->groups,
                                  .count = variants,
                                  .trials = variants * SEEDS,
                                  .done = variants * SEEDS,
                                  .has_classes = true,
                                  .classes = 10,
                                  .test_rows = 10000};
    return story;
}

static const char *words_of(struct story *story) {
    for (size_t g = 0; g < 2; g++)
        for (size_t n = 0; n < RESULT_NUMBERS; n++) {
            double values[SEEDS];
            for (size_t i = 0; i < story->groups[g].count; i++)
                values[i] = story->results[g][i].number[n];
            story->groups[g].moments[n] = moments_of(values, story->groups[g].count, 1);
        }
    FILE *out = fmemopen(story->text, sizeof story->text, "w");
    summary_write(&story->all, out);
    fclose(out);
    return story->text;
}

static void assert_says(struct story *story, const char *words) {
    const char *text = words_of(story);
    if (!strstr(text, words))
        fail_msg("no \"%s\" in:\n%s", words, text);
}

static void set_all(struct story *story, size_t group, size_t number, double value) {
    for (size_t i = 0; i < SEEDS; i++)
        story->results[group][i].number[number] = value;
}

static void rising_loss_with_steady_accuracy_is_overconfidence(void **state) {
    (void)state;
    struct story *story = story_of(1);
    assert_says(story, "the 30.0 epochs after it (75 %");
    assert_says(story, "the net grows overconfident, it does not lose accuracy.");
    free(story);
}

static void falling_accuracy_is_overfitting(void **state) {
    (void)state;
    struct story *story = story_of(1);
    set_all(story, 0, RESULT_FINAL_VAL_ACCURACY, 0.93);
    assert_says(story, "it overfits.");
    free(story);
}

static void loss_that_stands_still_is_hardly_any_overfitting(void **state) {
    (void)state;
    struct story *story = story_of(1);
    set_all(story, 0, RESULT_FINAL_VAL_LOSS, 0.205);
    assert_says(story, "hardly any overfitting");
    free(story);
}

static void best_epoch_at_the_end_asks_for_longer_training(void **state) {
    (void)state;
    struct story *story = story_of(1);
    set_all(story, 0, RESULT_WASTED_EPOCHS, 0);
    assert_says(story, "train longer");
    free(story);
}

static void difference_is_paired_by_seed(void **state) {
    (void)state;
    struct story *story = story_of(2);
    assert_says(story, "Against topology=20: +2.00 points of validation accuracy");
    assert_says(story, "a difference that seeds do not explain");
    story->results[1][0].number[RESULT_VAL_ACCURACY] = 1.5;
    assert_says(story, "no difference that seeds do not explain");
    story->groups[0].count = story->groups[1].count = SEEDS - 1;
    assert_says(story, "with 5 seeds too few to tell");
    free(story);
}

/* `seed: 1` with `init_seed: [1, ..., 6]`. */
static void crossed_seeds_have_one_partner_each(void **state) {
    (void)state;
    struct story *story = story_of(2);
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < SEEDS; i++)
            story->results[g][i].seed = 1;
    assert_says(story, "paired over 6 seeds");
    free(story);
}

static void diverged_trials_have_no_partner(void **state) {
    (void)state;
    struct story *story = story_of(2);
    for (size_t i = 0; i < SEEDS; i++)
        story->results[1][i].state = "diverged";
    story->groups[1].diverged = SEEDS;
    assert_null(strstr(words_of(story), "Against"));
    free(story);
}

static void spread_that_leaves_something_out_is_told(void **state) {
    (void)state;
    struct story *story = story_of(1);
    assert_null(strstr(words_of(story), "leaves out"));
    for (size_t i = 0; i < SEEDS; i++)
        story->results[0][i].order_seed = 1;
    assert_says(story, "The spread over seeds leaves out the order of the data");
    for (size_t i = 0; i < SEEDS; i++)
        story->results[0][i].split_seed = 1;
    assert_says(story, "leaves out the order of the data and the choice of rows");
    free(story);
}

static void seed_that_fails_to_learn_is_named(void **state) {
    (void)state;
    struct story *story = story_of(1);
    story->results[0][3].number[RESULT_VAL_ACCURACY] = 0.11;
    assert_says(story, "topology=10: 1 of 6 seeds failed to learn");
    assert_says(story, "near chance): 4\n");
    free(story);
}

static void sampling_error_of_the_test_set_is_told(void **state) {
    (void)state;
    struct story *story = story_of(1);
    assert_says(story, "sampling error is ±0.0047 (10000 rows)");
    free(story);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rising_loss_with_steady_accuracy_is_overconfidence),
        cmocka_unit_test(falling_accuracy_is_overfitting),
        cmocka_unit_test(loss_that_stands_still_is_hardly_any_overfitting),
        cmocka_unit_test(best_epoch_at_the_end_asks_for_longer_training),
        cmocka_unit_test(difference_is_paired_by_seed),
        cmocka_unit_test(crossed_seeds_have_one_partner_each),
        cmocka_unit_test(diverged_trials_have_no_partner),
        cmocka_unit_test(spread_that_leaves_something_out_is_told),
        cmocka_unit_test(seed_that_fails_to_learn_is_named),
        cmocka_unit_test(sampling_error_of_the_test_set_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
