/* What holds of a whole leaderboard. */
#include "report/sentences.h"
#include "report/words.h"

#include <math.h>
#include <string.h>

enum { NAMES_MAX = 8 }; /* that a sentence lists */

static bool is_validated(const struct subject *s) {
    return s->board->is_validated;
}
/* The number that all variants monitor; NULL: they differ. */
static const char *monitor_of_board(const struct leaderboard *board) {
    for (size_t g = 1; g < board->count; g++)
        if (strcmp(board->groups[g].monitor, board->groups[0].monitor) != 0)
            return NULL;
    return board->groups[0].monitor;
}
static const char *legend_text(const struct subject *s) {
    return arena_printf(s->arena,
                        "val and test: at the epoch of the %s (best epoch); after best: the share "
                        "of epochs after it; gap: validation minus training (probe) loss at the "
                        "end.",
                        words_best(monitor_of_board(s->board)));
}

static bool is_unvalidated(const struct subject *s) {
    return !s->board->is_validated;
}
static const char *unvalidated_text(const struct subject *s) {
    (void)s;
    return "No validation rows: test is at the end of training, nothing can be said about "
           "overfitting, and variants are not ranked, since a choice by test would overstate what "
           "was chosen.";
}

static bool some_group(const struct subject *s, size_t least, size_t most) {
    for (size_t g = 0; g < s->board->count; g++)
        if (s->board->groups[g].units >= least && s->board->groups[g].units <= most)
            return true;
    return false;
}
static bool has_intervals(const struct subject *s) {
    return some_group(s, COMPARISON_PAIRS_MIN, SIZE_MAX);
}
static const char *interval_text(const struct subject *s) {
    (void)s;
    return "±: 95 % interval of the mean over seeds.";
}
static bool has_ranges(const struct subject *s) {
    return some_group(s, 2, COMPARISON_PAIRS_MIN - 1);
}
static const char *range_text(const struct subject *s) {
    (void)s;
    return "In parentheses: the range over seeds, where there are fewer than 6.";
}

static bool has_naive(const struct subject *s) {
    const struct leaderboard *b = s->board;
    return !b->has_classes && b->count && b->loss && strcmp(b->loss, "mse") == 0 &&
           (b->groups[0].moments[RESULT_NAIVE_TEST].n || b->groups[0].moments[RESULT_NAIVE_VAL].n);
}
static const char *r2_text(const struct subject *s) {
    (void)s;
    return "R2: 1 - mse / mse of predicting the training mean.";
}

static double leader_share(const struct subject *s, enum result_number number) {
    double p = s->board->count ? s->board->groups[0].moments[number].mean : (double)NAN;
    return p > 0 && p < 1 ? p : (double)NAN;
}
static enum result_number tested(const struct subject *s) {
    return s->board->is_validated ? RESULT_TEST_ACCURACY : RESULT_FINAL_TEST_ACCURACY;
}
static bool has_test_error(const struct subject *s) {
    return s->board->has_classes && s->board->test_rows > 0 && !isnan(leader_share(s, tested(s)));
}
static const char *test_error_text(const struct subject *s) {
    double p = leader_share(s, tested(s));
    return arena_printf(s->arena,
                        "Other test rows may differ by %.2f points (standard error of %.4f on %s "
                        "rows); spreads over seeds do not cover that.",
                        100 * binomial_error(p, (size_t)s->board->test_rows), p,
                        words_rows(s, s->board->test_rows));
}
static bool has_validation_error(const struct subject *s) {
    return s->board->has_classes && s->board->validation_rows > 0 &&
           !isnan(leader_share(s, RESULT_VAL_ACCURACY));
}
static const char *validation_error_text(const struct subject *s) {
    double p = leader_share(s, RESULT_VAL_ACCURACY);
    return arena_printf(s->arena, "Other validation rows: %.2f points (%.4f on %s rows).",
                        100 * binomial_error(p, (size_t)s->board->validation_rows), p,
                        words_rows(s, s->board->validation_rows));
}

/* Variants among which validation chose. */
static size_t candidates(const struct subject *s) {
    size_t n = 0;
    for (size_t g = 0; g < s->board->count; g++)
        n += s->board->groups[g].moments[board_number(s->board)].n != 0;
    return n;
}
static bool was_selected(const struct subject *s) {
    return candidates(s) > 2;
}
static const char *selection_text(const struct subject *s) {
    const struct group *leader = &s->board->groups[0];
    const char *words = s->board->has_classes ? "accuracy" : "loss";
    const struct moments *test =
        &leader->moments[s->board->has_classes ? RESULT_TEST_ACCURACY : RESULT_TEST_LOSS];
    const char *advice = test->n
                             ? arena_printf(s->arena, "quote its test %s, %.4f", words, test->mean)
                             : arena_printf(s->arena, "its validation %s overstates it", words);
    return arena_printf(s->arena, "%s was chosen as the best of %zu by validation: %s.",
                        leader->label, candidates(s), advice);
}

/* Comparisons with the leader that have a p, that could reach 0.05 at all, and that do not. */
struct tally {
    size_t compared, tested, possible, alike, pairs;
    const char *list; /* of the last */
};

static struct tally tally_of(const struct subject *s) {
    struct tally tally = {.list = ""};
    for (size_t i = 0; i < s->comparison_count; i++)
        tally.compared += s->comparisons[i].pairs > 0;
    for (size_t i = 0; i < s->comparison_count; i++)
        tally.tested += isnan(s->comparisons[i].adjusted) ? 0 : 1;
    for (size_t i = 0; i < s->comparison_count; i++) {
        const struct comparison *c = &s->comparisons[i];
        if (isnan(c->adjusted))
            continue;
        tally.pairs = c->pairs > tally.pairs ? c->pairs : tally.pairs;
        if ((double)tally.tested * sign_flip_least_p(c->pairs) > COMPARISON_SIGNIFICANT)
            continue;
        tally.possible++;
        if (c->adjusted > COMPARISON_SIGNIFICANT && tally.alike++ < NAMES_MAX)
            tally.list =
                arena_printf(s->arena, "%s%s%s", tally.list, *tally.list ? "; " : "", c->b->label);
    }
    return tally;
}
static bool has_alike(const struct subject *s) {
    return was_selected(s) && tally_of(s).alike > 0;
}
static const char *alike_text(const struct subject *s) {
    struct tally tally = tally_of(s);
    const char *more = tally.alike > NAMES_MAX
                           ? arena_printf(s->arena, " and %zu more", tally.alike - NAMES_MAX)
                           : "";
    return arena_printf(s->arena, "Not to be told from it (paired p, Holm over %zu): %s%s.",
                        tally.tested, tally.list, more);
}
static bool all_differ(const struct subject *s) {
    struct tally tally = tally_of(s);
    return was_selected(s) && tally.compared && tally.possible == tally.compared && !tally.alike;
}
static const char *all_differ_text(const struct subject *s) {
    return arena_printf(s->arena, "All %zu others can be told from it (paired p, Holm).",
                        tally_of(s).compared);
}
static bool nothing_to_tell(const struct subject *s) {
    struct tally tally = tally_of(s);
    return was_selected(s) && tally.compared && !tally.possible;
}
static const char *nothing_to_tell_text(const struct subject *s) {
    struct tally tally = tally_of(s);
    return arena_printf(s->arena,
                        "Which of the others differ from it %s cannot tell among %zu comparisons: "
                        "%zu seeds are the least.",
                        tally.pairs ? arena_printf(s->arena, "%zu seeds", tally.pairs)
                                    : "so few seeds",
                        tally.compared, comparison_seeds_needed(tally.compared));
}

const struct sentence board_sentences[] = {
    {"legend", is_validated, legend_text},
    {"unvalidated", is_unvalidated, unvalidated_text},
    {"intervals", has_intervals, interval_text},
    {"ranges", has_ranges, range_text},
    {"r2", has_naive, r2_text},
    {"test rows", has_test_error, test_error_text},
    {"validation rows", has_validation_error, validation_error_text},
    {"selection", was_selected, selection_text},
    {"alike", has_alike, alike_text},
    {"all differ", all_differ, all_differ_text},
    {"nothing to tell", nothing_to_tell, nothing_to_tell_text},
    {NULL, NULL, NULL},
};
