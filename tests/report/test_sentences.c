/* Every sentence of a summary: it appears with results of which it is true, and not with two others
 * of which it is false. Results are made up (story.h). */
#include "story.h"

#include <math.h>
#include <string.h>

#include "test.h"

static void plain(struct story *s) {
    (void)s;
}
static void regression(struct story *s) {
    story_begin_regression(s);
}
static void without_validation(struct story *s) {
    for (size_t g = 0; g < STORY_VARIANTS_MAX; g++)
        for (size_t n = 0; n < RESULT_NUMBERS; n++)
            if (n != RESULT_FINAL_TEST_ACCURACY && n != RESULT_TEST_ROWS && n != RESULT_EPOCHS)
                story_set(s, g, (enum result_number)n, (double)NAN);
    s->verdict = (struct verdict){.kind = VERDICT_UNVALIDATED};
}
static void three_seeds(struct story *s) {
    s->seeds = 3;
}
static void one_seed(struct story *s) {
    s->seeds = 1;
    s->verdict.kind = VERDICT_ONE_SEED;
    s->verdict.units = 1;
}
static void one_seed_that_loses(struct story *s) {
    one_seed(s);
    story_set(s, 0, RESULT_FINAL_VAL_ACCURACY, 0.92);
}
static void another_loss(struct story *s) {
    story_begin_regression(s);
    s->board.loss = "mae";
}
static void unknown_rows(struct story *s) {
    for (size_t g = 0; g < STORY_VARIANTS_MAX; g++) {
        story_set(s, g, RESULT_VALIDATION_ROWS, (double)NAN);
        story_set(s, g, RESULT_TEST_ROWS, (double)NAN);
    }
}
static void five_variants(struct story *s) {
    s->variants = 5;
    s->seeds = 12;
}
static void five_variants_of_six_seeds(struct story *s) {
    s->variants = 5;
}
static void one_of_them_alike(struct story *s) {
    five_variants(s);
    for (size_t i = 0; i < STORY_SEEDS_MAX; i++)
        s->results[2][i].number[RESULT_VAL_ACCURACY] =
            s->results[0][i].number[RESULT_VAL_ACCURACY] + (i % 2 ? 0.002 : -0.002);
}
static void diverged_seed(struct story *s) {
    s->results[0][3].state = "diverged";
}
static void seed_that_learned_nothing(struct story *s) {
    s->results[0][3].number[RESULT_LEARNED] = 0;
}
static void regression_that_learned_nothing(struct story *s) {
    story_begin_regression(s);
    s->results[0][3].number[RESULT_LEARNED] = 0;
}
static void exploded_seed(struct story *s) {
    story_begin_regression(s);
    s->results[0][4].number[RESULT_VAL_LOSS] = 1.9e12;
}
static void all_failed(struct story *s) {
    s->verdict.kind = VERDICT_FAILED;
}
static void epochs_that_helped(struct story *s) {
    s->verdict.help = (struct moments){6, 0.008, 0.001, 0.001, 0.006, 0.009};
}
static void epochs_that_may_have_helped(struct story *s) {
    s->verdict.help = (struct moments){6, 0.001, 0.002, 0.0021, -0.002, 0.003};
}
static void best_at_the_end(struct story *s) {
    story_set(s, 0, RESULT_WASTED_EPOCHS, 0);
    story_set(s, 0, RESULT_WASTED_FRACTION, 0);
    s->verdict.kind = VERDICT_FALLS;
}
static void still_falling(struct story *s) {
    s->verdict.kind = VERDICT_FALLS;
}
static void few_epochs(struct story *s) {
    s->verdict.kind = VERDICT_SHORT;
    s->verdict.epochs = 3;
}
static void standing(struct story *s) {
    s->verdict.kind = VERDICT_STANDS;
}
static void standing_at_its_end(struct story *s) {
    best_at_the_end(s);
    s->verdict.kind = VERDICT_STANDS;
}
static void fluctuating(struct story *s) {
    s->verdict.kind = VERDICT_FLUCTUATES;
    s->verdict.gap = (struct moments){6, 0.01, 0.1, 0.105, -0.2, 0.2};
}
static void losing_accuracy(struct story *s) {
    s->verdict.kind = VERDICT_OVERFITS;
    s->verdict.accuracy = (struct moments){6, -0.0045, 0.001, 0.001, -0.006, -0.003};
}
static void crossed_seeds(struct story *s) {
    s->seeds = 36;
    for (size_t g = 0; g < STORY_VARIANTS_MAX; g++)
        for (size_t i = 0; i < 36; i++) {
            struct result *r = &s->results[g][i];
            r->seed = 1;
            r->split_seed = 1;
            r->init_seed = (int64_t)(i / 6);
            r->order_seed = (int64_t)(i % 6);
        }
}
static void fixed_order(struct story *s) {
    for (size_t i = 0; i < STORY_SEEDS_MAX; i++)
        s->results[0][i].order_seed = s->results[1][i].order_seed = 1;
}
static void other_seeds(struct story *s) {
    for (size_t i = 0; i < STORY_SEEDS_MAX; i++)
        s->results[1][i].seed += 1000;
}
static void equal_variants(struct story *s) {
    for (size_t i = 0; i < STORY_SEEDS_MAX; i++)
        s->results[1][i].number[RESULT_VAL_ACCURACY] =
            s->results[0][i].number[RESULT_VAL_ACCURACY] + (i % 2 ? 0.001 : -0.001);
}
static void equal_variants_of_five(struct story *s) {
    equal_variants(s);
    s->variants = 5;
}

/* One row a sentence: a story in which it is true, words that it then has, and two in which it must
 * not appear. */
static const struct {
    const char *name;
    void (*where_true)(struct story *story);
    const char *words;
    void (*where_false)(struct story *story);
    void (*nor_where)(struct story *story);
} cases[] = {
    {"legend", plain, "best epoch", without_validation, without_validation},
    {"unvalidated", without_validation, "No validation rows", plain, regression},
    {"intervals", plain, "95 % interval", three_seeds, one_seed},
    {"ranges", three_seeds, "the range over seeds", plain, one_seed},
    {"r2", regression, "R2: 1 - mse", plain, another_loss},
    {"test rows", plain, "0.24 points (standard error of 0.9400 on 10,000 rows)", regression,
     unknown_rows},
    {"validation rows", plain, "0.27 points (0.9525 on 6,000 rows)", regression, unknown_rows},
    {"selection", five_variants,
     "10 was chosen as the best of 5 by validation: quote its test accuracy, 0.9400", plain,
     without_validation},
    {"alike", one_of_them_alike, "Not to be told from it (paired p, Holm over 4): 30.",
     five_variants, plain},
    {"all differ", five_variants, "All 4 others can be told from it", one_of_them_alike, plain},
    {"nothing to tell", five_variants_of_six_seeds,
     "Which of the others differ from it 6 seeds cannot tell among 4 comparisons: 8 seeds are the "
     "least.",
     five_variants, plain},
    {"diverged", diverged_seed, "1 of 6 seeds diverged and are in no mean (seed 4)", plain,
     regression},
    {"failed", seed_that_learned_nothing, "1 of 6 seeds failed to learn", plain,
     regression_that_learned_nothing},
    {"no better than the mean", regression_that_learned_nothing,
     "1 of 6 seeds are no better than predicting the training mean", regression,
     seed_that_learned_nothing},
    {"outliers", exploded_seed, "10 median absolute deviations from the median: seed 5.", plain,
     regression},
    {"best epoch", plain, "Validation loss is best at epoch 10 of 40.", without_validation,
     all_failed},
    {"helped", epochs_that_helped,
     "The 30 epochs after it (75 %) change test accuracy by +0.80 points (95 % interval +0.70 to "
     "+0.90 over 6 seeds): they help, and are not wasted.",
     plain, epochs_that_may_have_helped},
    {"rest of a fall", still_falling,
     "change test accuracy by -0.10 points (95 % interval -0.20 to +0.00 over 6 seeds).", plain,
     best_at_the_end},
    {"wasted", plain, "by -0.10 points (95 % interval -0.20 to +0.00 over 6 seeds): wasted, 3.0 s",
     epochs_that_helped, still_falling},
    {"unclear", epochs_that_may_have_helped, "no more than seeds explain", plain,
     epochs_that_helped},
    {"few epochs", few_epochs, "3 epochs are too few to judge overfitting.", plain, standing},
    {"still falls", best_at_the_end, "It still falls at the end: train longer.", plain, standing},
    {"stands still", standing, "no overfitting to be seen", plain, standing_at_its_end},
    {"fluctuates", fluctuating, "it fluctuates", plain, losing_accuracy},
    {"loses accuracy", losing_accuracy,
     "falls (-0.45 points; 95 % interval -0.55 to -0.35 over 6 seeds): it overfits and loses "
     "accuracy.",
     plain, regression},
    {"overfits", regression, "0.2000 to 0.3000 and the gap to the training rows grows by +0.1",
     plain, losing_accuracy},
    {"overconfident", plain, "does not fall (+0.02 points", losing_accuracy, regression},
    {"one seed", one_seed, "one seed cannot tell", plain, three_seeds},
    {"one seed lost", one_seed_that_loses,
     "changes by -3.00 points from the best epoch to the last, more than 6,000 rows", one_seed,
     losing_accuracy},
    {"one seed kept", one_seed, "+0.00 points from the best epoch to the last, no more than 6,000",
     one_seed_that_loses, plain},
    {"crossed", crossed_seeds, "Its 36 trials share seeds and count as 6 independent ones.", plain,
     fixed_order},
    {"left out", fixed_order, "leaves out the order of the rows (order_seed is fixed)", plain,
     one_seed},
    {"no pairs", other_seeds, "20: no seed is done on both sides.", plain, three_seeds},
    {"few pairs", three_seeds,
     "20: -2.00 points of validation accuracy (-2.00, -2.00, -2.00), with 3 seeds too few to "
     "tell; 6 are the least.",
     plain, other_seeds},
    {"different", plain,
     "20 is worse by 2.00 points of validation accuracy (95 % interval 2.00 to 2.00, p 0.031, 6 "
     "seeds) on these 6,000 validation rows; other rows may differ by at most 0.44",
     equal_variants, three_seeds},
    {"not told", equal_variants, "not to be told apart.", plain, three_seeds},
    {"not yet told", equal_variants_of_five,
     "6 seeds can tell nothing among 4 comparisons, 8 are the least.", plain, equal_variants},
};
enum { CASES = sizeof cases / sizeof *cases };

static void every_sentence_appears_where_it_is_true(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct story story;
        story_begin(&story);
        cases[i].where_true(&story);
        const char *text = story_sentence(&story, cases[i].name);
        if (!text || !strstr(text, cases[i].words))
            fail_msg("%s: \"%s\", without \"%s\"", cases[i].name, text ? text : "", cases[i].words);
        story_end(&story);
    }
}

static void assert_silent(const char *name, void (*tell)(struct story *story)) {
    struct story story;
    story_begin(&story);
    tell(&story);
    const char *text = story_sentence(&story, name);
    if (text)
        fail_msg("%s says: %s", name, text);
    story_end(&story);
}

static void no_sentence_appears_where_it_is_false(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        assert_silent(cases[i].name, cases[i].where_false);
        assert_silent(cases[i].name, cases[i].nor_where);
    }
}

static void every_sentence_has_a_case(void **state) {
    (void)state;
    size_t count = 0;
    for (const struct sentence *const *list = sentences; *list; list++)
        for (const struct sentence *sentence = *list; sentence->name; sentence++, count++) {
            size_t found = 0;
            for (size_t i = 0; i < CASES; i++)
                found += strcmp(cases[i].name, sentence->name) == 0;
            if (found != 1)
                fail_msg("%s has %zu cases", sentence->name, found);
        }
    assert_int_equal(CASES, count);
}

static void question_stands_above_the_answer(void **state) {
    (void)state;
    struct story story;
    story_begin(&story);
    const char *text = story_summary(&story);
    assert_ptr_equal(strstr(text, "Does it?\nstory (mnist): 2 variants, 12 of 12 trials done"),
                     text);
    story_end(&story);
}

static void nothing_is_said_of_validation_without_it(void **state) {
    (void)state;
    struct story story;
    story_begin(&story);
    without_validation(&story);
    const char *text = story_summary(&story);
    static const char *const absent[] = {"val accuracy", "best epoch", "gap", "rank  ", "Against"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (strstr(text, absent[i]))
            fail_msg("\"%s\" in:\n%s", absent[i], text);
    assert_non_null(strstr(text, "test accuracy"));
    story_end(&story);
}

static void few_seeds_show_their_range_and_many_an_interval(void **state) {
    (void)state;
    struct story story;
    story_begin(&story);
    assert_non_null(strstr(story_summary(&story), "0.9525 ±0.0020"));
    story.seeds = 3;
    assert_non_null(strstr(story_summary(&story), "0.9510 (0.9500-0.9520)"));
    story_end(&story);
}

static void regression_shows_rmse_r2_and_mae(void **state) {
    (void)state;
    struct story story;
    story_begin_regression(&story);
    story_set(&story, 0, RESULT_TEST_MAE, 0.125);
    const char *text = story_summary(&story);
    static const char *const present[] = {"test rmse", "0.5000",   "test R2",
                                          "0.7500",    "test mae", "0.1250"};
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        if (!strstr(text, present[i]))
            fail_msg("no \"%s\" in:\n%s", present[i], text);
    story_end(&story);
}

static void diverged_trials_have_no_partner(void **state) {
    (void)state;
    struct story story;
    story_begin(&story);
    for (size_t i = 0; i < STORY_SEEDS; i++)
        story.results[1][i].state = "diverged";
    assert_non_null(story_sentence(&story, "no pairs"));
    story_end(&story);
}

/* Six values of init_seed times six of order_seed. */
static void crossed_seeds_make_six_pairs_and_not_thirty_six(void **state) {
    (void)state;
    struct story story;
    story_begin(&story);
    crossed_seeds(&story);
    assert_non_null(strstr(story_sentence(&story, "different"), "6 seeds"));
    story_end(&story);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_appears_where_it_is_true),
        cmocka_unit_test(no_sentence_appears_where_it_is_false),
        cmocka_unit_test(every_sentence_has_a_case),
        cmocka_unit_test(question_stands_above_the_answer),
        cmocka_unit_test(nothing_is_said_of_validation_without_it),
        cmocka_unit_test(few_seeds_show_their_range_and_many_an_interval),
        cmocka_unit_test(regression_shows_rmse_r2_and_mae),
        cmocka_unit_test(diverged_trials_have_no_partner),
        cmocka_unit_test(crossed_seeds_make_six_pairs_and_not_thirty_six),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
