#include "report/sentences.h"

#include "base/text.h"
#include "report/table.h"

#include <math.h>
#include <string.h>

enum {
    NAMES_MAX = 8, /* of seeds or variants that a sentence lists */
    WIDTH = 100,   /* columns at which text is wrapped */
};

/* A seed further from the median than this many median absolute deviations is named. */
static const double far = 10;
static const double significant = 0.05;

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

static double scale_of(const struct subject *s) {
    return s->board->has_classes ? 100 : 1;
}

/* `0.56 points`, `0.0123`. */
static const char *amount(const struct subject *s, double x) {
    return s->board->has_classes ? arena_printf(s->arena, "%.2f points", x * 100)
                                 : arena_printf(s->arena, "%.4g", x);
}

/* No number is -0.00. */
static const char *signed_number(const struct subject *s, double x, double scale) {
    if (scale == 100)
        return arena_printf(s->arena, "%+.2f", fabs(x * scale) < 0.005 ? 0 : x * scale);
    return arena_printf(s->arena, "%+.3g", x);
}

/* What seeds say of a mean: `95 % interval +0.31 to +0.81 over 8 seeds`, below six the range. */
static const char *spread(const struct subject *s, const struct moments *m, double scale) {
    if (m->n < 2)
        return "one seed";
    bool few = m->n < COMPARISON_PAIRS_MIN;
    return arena_printf(s->arena, "%s%s to %s over %zu seeds", few ? "" : "95 % interval ",
                        signed_number(s, few ? m->minimum : m->mean - m->half, scale),
                        signed_number(s, few ? m->maximum : m->mean + m->half, scale), m->n);
}

static const char *rows_text(const struct subject *s, int64_t rows) {
    return rows >= 1000
               ? arena_printf(s->arena, "%lld,%03d", (long long)(rows / 1000), (int)(rows % 1000))
               : arena_printf(s->arena, "%lld", (long long)rows);
}

static const struct moments *moments(const struct subject *s, enum result_number number) {
    return &s->group->moments[number];
}

/* Whether trials of the variant share a seed, so that it names none of them. */
static bool shares_seeds(const struct group *group) {
    for (size_t i = 0; i < group->count; i++)
        for (size_t j = 0; j < i; j++)
            if (group->results[i].seed == group->results[j].seed)
                return true;
    return false;
}

/* The trials for which `is` says so, by seed or by id: `seeds 3, 5 and 2 more`. */
static const char *list_seeds(const struct subject *s,
                              bool (*is)(const struct subject *s, const struct result *result),
                              size_t *count) {
    const char *list = "";
    bool by_id = shares_seeds(s->group);
    *count = 0;
    for (size_t i = 0; i < s->group->count; i++) {
        const struct result *r = &s->group->results[i];
        if (!is(s, r) || (*count)++ >= NAMES_MAX)
            continue;
        const char *name = by_id && r->trial ? arena_printf(s->arena, "%.8s", r->trial)
                                             : arena_printf(s->arena, "%lld", (long long)r->seed);
        list = arena_printf(s->arena, "%s%s%s", list, *list ? ", " : "", name);
    }
    const char *more =
        *count > NAMES_MAX ? arena_printf(s->arena, " and %zu more", *count - NAMES_MAX) : "";
    return arena_printf(s->arena, "%s%s %s%s", by_id ? "trial" : "seed", plural(*count), list,
                        more);
}

static bool is_validated(const struct subject *s) {
    return s->board->is_validated;
}
static const char *legend_text(const struct subject *s) {
    (void)s;
    return "val and test: at the epoch of the lowest validation loss (best epoch); after best: the "
           "share of epochs after it; gap: validation minus training (probe) loss at the end.";
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
                        rows_text(s, s->board->test_rows));
}
static bool has_validation_error(const struct subject *s) {
    return s->board->has_classes && s->board->validation_rows > 0 &&
           !isnan(leader_share(s, RESULT_VAL_ACCURACY));
}
static const char *validation_error_text(const struct subject *s) {
    double p = leader_share(s, RESULT_VAL_ACCURACY);
    return arena_printf(s->arena, "Other validation rows: %.2f points (%.4f on %s rows).",
                        100 * binomial_error(p, (size_t)s->board->validation_rows), p,
                        rows_text(s, s->board->validation_rows));
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
        if ((double)tally.tested * sign_flip_least_p(c->pairs) > significant)
            continue;
        tally.possible++;
        if (c->adjusted > significant && tally.alike++ < NAMES_MAX)
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

static bool is_diverged(const struct subject *s, const struct result *r) {
    (void)s;
    return strcmp(r->state, "diverged") == 0;
}
static bool has_diverged(const struct subject *s) {
    return s->group->diverged > 0;
}
static const char *diverged_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_diverged, &n);
    return arena_printf(s->arena, "%zu of %zu seeds diverged and are in no mean (%s).", n,
                        s->group->count, list);
}

static bool is_failed(const struct subject *s, const struct result *r) {
    (void)s;
    return result_is_done(r) && r->number[RESULT_LEARNED] == 0;
}
static bool has_failed(const struct subject *s) {
    size_t n;
    list_seeds(s, is_failed, &n);
    return n > 0;
}
static bool has_failed_classes(const struct subject *s) {
    return s->board->has_classes && has_failed(s);
}
static const char *failed_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_failed, &n);
    return arena_printf(s->arena,
                        "%zu of %zu seed%s failed to learn: validation accuracy is never above the "
                        "largest class's share of the rows by two standard errors (%s).",
                        n, s->group->count, plural(s->group->count), list);
}
static bool has_failed_values(const struct subject *s) {
    return !s->board->has_classes && has_failed(s);
}
static const char *mean_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_failed, &n);
    return arena_printf(s->arena,
                        "%zu of %zu seed%s no better than predicting the training mean: the "
                        "validation loss is never below that (%s).",
                        n, s->group->count, s->group->count == 1 ? " is" : "s are", list);
}

static bool is_outlier(const struct subject *s, const struct result *r) {
    struct arena arena = {0};
    double *values = arena_alloc(&arena, s->group->count, sizeof *values);
    enum result_number number = board_number(s->board);
    size_t n = 0;
    for (size_t i = 0; i < s->group->count; i++)
        if (result_is_done(&s->group->results[i]))
            values[n++] = s->group->results[i].number[number];
    double deviation = fabs(r->number[number] - median_of(values, n));
    double mad = median_absolute_deviation(values, n);
    arena_close(&arena);
    return n > 2 && mad > 0 && result_is_done(r) && deviation > far * mad;
}
static bool has_outliers(const struct subject *s) {
    size_t n;
    list_seeds(s, is_outlier, &n);
    return n > 0;
}
static const char *outlier_text(const struct subject *s) {
    size_t n;
    const char *list = list_seeds(s, is_outlier, &n);
    return arena_printf(s->arena,
                        "More than 10 median absolute deviations from the median: %s. Read the "
                        "median, not the mean.",
                        list);
}

static bool is_judged(const struct subject *s) {
    return s->verdict->kind > VERDICT_FAILED && moments(s, RESULT_BEST_EPOCH)->n > 0;
}
static const char *best_epoch_text(const struct subject *s) {
    const struct moments *m = moments(s, RESULT_BEST_EPOCH), *all = moments(s, RESULT_EPOCHS);
    const char *epochs = all->minimum == all->maximum
                             ? arena_printf(s->arena, "%.0f", all->mean)
                             : arena_printf(s->arena, "%.0f to %.0f", all->minimum, all->maximum);
    if (m->minimum == m->maximum)
        return arena_printf(s->arena, "Validation loss is best at epoch %.0f of %s.", m->mean,
                            epochs);
    return arena_printf(s->arena, "Validation loss is best at epoch %.1f (%.0f to %.0f) of %s.",
                        m->mean, m->minimum, m->maximum, epochs);
}

/* What the epochs after the best did: 1 helped, -1 nothing good, 0 not to be told. Of regressions
 * less loss is help. */
static int helped(const struct subject *s) {
    struct moments m = s->verdict->help;
    if (!s->board->has_classes)
        m.mean = -m.mean;
    if (!(m.mean > 0))
        return -1;
    return is_above_zero(&m) ? 1 : 0;
}
static bool has_rest(const struct subject *s) {
    return is_judged(s) && moments(s, RESULT_WASTED_EPOCHS)->mean >= 1 && s->verdict->help.n > 0;
}
static const char *rest_text(const struct subject *s, const char *judgement) {
    const struct moments *m = moments(s, RESULT_WASTED_EPOCHS), *help = &s->verdict->help;
    return arena_printf(
        s->arena, "The %.*f epochs after it (%.0f %%) change %s %s by %s%s (%s)%s.",
        m->minimum == m->maximum ? 0 : 1, m->mean, moments(s, RESULT_WASTED_FRACTION)->mean * 100,
        s->verdict->help_is_test ? "test" : "validation",
        s->board->has_classes ? "accuracy" : "loss", signed_number(s, help->mean, scale_of(s)),
        s->board->has_classes ? " points" : "", spread(s, help, scale_of(s)), judgement);
}
static bool rest_helped(const struct subject *s) {
    return has_rest(s) && helped(s) > 0;
}
static const char *helped_text(const struct subject *s) {
    return rest_text(s, ": they help, and are not wasted");
}
static bool rest_wasted(const struct subject *s) {
    return has_rest(s) && helped(s) < 0;
}
static const char *wasted_text(const struct subject *s) {
    return rest_text(s, arena_printf(s->arena, ": wasted, %.1f s a seed",
                                     moments(s, RESULT_WASTED_FRACTION)->mean *
                                         moments(s, RESULT_TRAIN_SECONDS)->mean));
}
static bool rest_unclear(const struct subject *s) {
    return has_rest(s) && helped(s) == 0;
}
static const char *unclear_text(const struct subject *s) {
    size_t n = s->verdict->help.n;
    return rest_text(s, n >= COMPARISON_PAIRS_MIN ? ", no more than seeds explain"
                        : n > 1                   ? ", too few to tell"
                                                  : "");
}

static bool is_kind(const struct subject *s, enum verdict_kind kind) {
    return is_judged(s) && s->verdict->kind == kind;
}
static bool is_short(const struct subject *s) {
    return is_kind(s, VERDICT_SHORT);
}
static const char *short_text(const struct subject *s) {
    return arena_printf(s->arena, "%zu epoch%s too few to judge overfitting.", s->verdict->epochs,
                        s->verdict->epochs == 1 ? " is" : "s are");
}
static bool still_falls(const struct subject *s) {
    return is_kind(s, VERDICT_FALLS);
}
static const char *falls_text(const struct subject *s) {
    (void)s;
    return "It still falls at the end: train longer.";
}
static bool stands_still(const struct subject *s) {
    return is_kind(s, VERDICT_STANDS) && moments(s, RESULT_WASTED_EPOCHS)->mean >= 1;
}
static const char *stands_text(const struct subject *s) {
    return arena_printf(s->arena,
                        "Validation loss then stands still (smoothed minimum %.4f, at the end "
                        "%.4f): no overfitting to be seen.",
                        s->verdict->level, s->verdict->end);
}

static const char *rise_text(const struct subject *s) {
    const struct verdict *v = s->verdict;
    return arena_printf(s->arena, "Validation loss then rises from %.4f to %.4f", v->level, v->end);
}
static const char *gap_text(const struct subject *s) {
    return arena_printf(s->arena, "%s (%s)", signed_number(s, s->verdict->gap.mean, 1),
                        spread(s, &s->verdict->gap, 1));
}
/* `-0.45 points; 95 % interval ...`. */
static const char *accuracy_text(const struct subject *s) {
    return arena_printf(s->arena, "%s points; %s", signed_number(s, s->verdict->accuracy.mean, 100),
                        spread(s, &s->verdict->accuracy, 100));
}
static bool fluctuates(const struct subject *s) {
    return is_kind(s, VERDICT_FLUCTUATES);
}
static const char *fluctuates_text(const struct subject *s) {
    return arena_printf(s->arena,
                        "%s, but the gap to the training rows changes by %s, no more than seeds "
                        "explain: it fluctuates.",
                        rise_text(s), gap_text(s));
}
static bool loses_accuracy(const struct subject *s) {
    return is_kind(s, VERDICT_OVERFITS) && s->board->has_classes;
}
static const char *loses_text(const struct subject *s) {
    return arena_printf(
        s->arena,
        "%s, the gap to the training rows grows by %s and validation accuracy falls "
        "(%s): it overfits and loses accuracy.",
        rise_text(s), gap_text(s), accuracy_text(s));
}
static bool overfits_values(const struct subject *s) {
    return is_kind(s, VERDICT_OVERFITS) && !s->board->has_classes;
}
static const char *overfits_text(const struct subject *s) {
    return arena_printf(s->arena, "%s and the gap to the training rows grows by %s: it overfits.",
                        rise_text(s), gap_text(s));
}
static bool is_overconfident(const struct subject *s) {
    return is_kind(s, VERDICT_OVERCONFIDENT);
}
static const char *overconfident_text(const struct subject *s) {
    return arena_printf(s->arena,
                        "%s and the gap to the training rows grows by %s, but validation accuracy "
                        "%s (%s): it overfits by growing overconfident, without losing accuracy.",
                        rise_text(s), gap_text(s),
                        s->verdict->accuracy.mean < 0 ? "falls by no more than seeds explain"
                                                      : "does not fall",
                        accuracy_text(s));
}
static bool is_one_seed(const struct subject *s) {
    return is_kind(s, VERDICT_ONE_SEED);
}
static const char *one_seed_text(const struct subject *s) {
    return arena_printf(s->arena,
                        "%s; one seed cannot tell overfitting from the noise of one training: add "
                        "repeats.",
                        rise_text(s));
}
/* 1.96 standard errors of the change of one net's accuracy on the same rows, at most: as if all
 * errors at both ends were on different rows. */
static double one_seed_bound(const struct subject *s) {
    double rows = moments(s, RESULT_VALIDATION_ROWS)->mean;
    double wrong =
        2 - moments(s, RESULT_VAL_ACCURACY)->mean - moments(s, RESULT_FINAL_VAL_ACCURACY)->mean;
    return rows > 0 ? NORMAL_QUANTILE * discordant_error(fmin(wrong, 1) * rows, (size_t)rows)
                    : (double)NAN;
}
static double one_seed_change(const struct subject *s) {
    return moments(s, RESULT_FINAL_VAL_ACCURACY)->mean - moments(s, RESULT_VAL_ACCURACY)->mean;
}
static const char *one_seed_change_text(const struct subject *s, const char *judgement) {
    return arena_printf(s->arena,
                        "Of this one net, validation accuracy changes by %+.2f points from the "
                        "best epoch to the last, %s %s rows alone explain (95 %%: up to %.2f).",
                        100 * one_seed_change(s), judgement,
                        rows_text(s, (int64_t)moments(s, RESULT_VALIDATION_ROWS)->mean),
                        100 * one_seed_bound(s));
}
static bool is_one_seed_lost(const struct subject *s) {
    return is_one_seed(s) && one_seed_change(s) < -one_seed_bound(s);
}
static const char *one_seed_lost_text(const struct subject *s) {
    return one_seed_change_text(s, "more than");
}
static bool is_one_seed_kept(const struct subject *s) {
    return is_one_seed(s) && one_seed_change(s) >= -one_seed_bound(s);
}
static const char *one_seed_kept_text(const struct subject *s) {
    return one_seed_change_text(s, "no more than");
}

/* Which seeds all trials that are done share, as bits: 1 the split's, 2 the order's, 4 the
 * initialization's. */
static unsigned shared_seeds(const struct group *group) {
    const struct result *first = NULL;
    unsigned shared = 7;
    for (size_t i = 0; i < group->count; i++) {
        const struct result *r = &group->results[i];
        if (!result_is_done(r))
            continue;
        first = first ? first : r;
        shared &= (r->split_seed == first->split_seed ? 1U : 0) |
                  (r->order_seed == first->order_seed ? 2U : 0) |
                  (r->init_seed == first->init_seed ? 4U : 0);
    }
    return shared;
}
static bool leaves_out(const struct subject *s) {
    return s->group->units > 1 && shared_seeds(s->group);
}
static const char *left_out_text(const struct subject *s) {
    static const char *const what[] = {"the choice of rows", "the order of the rows",
                                       "the initial weights"};
    static const char *const knob[] = {"split_seed", "order_seed", "init_seed"};
    const char *words = "", *seeds = "";
    size_t n = 0;
    for (unsigned i = 0; i < 3; i++)
        if (shared_seeds(s->group) >> i & 1) {
            words = arena_printf(s->arena, "%s%s%s", words, n ? " and " : "", what[i]);
            seeds = arena_printf(s->arena, "%s%s%s", seeds, n++ ? " and " : "", knob[i]);
        }
    return arena_printf(s->arena,
                        "The spread leaves out %s (%s %s fixed): other seeds differ by more.",
                        words, seeds, n == 1 ? "is" : "are");
}
static bool is_crossed(const struct subject *s) {
    return s->group->units < s->group->count - s->group->diverged;
}
static const char *crossed_text(const struct subject *s) {
    return arena_printf(s->arena, "Its %zu trials share seeds and count as %zu independent ones.",
                        s->group->count - s->group->diverged, s->group->units);
}

static bool is_of_group(const struct subject *s) {
    return s->comparison->a->count && s->comparison->b->count;
}
static bool has_no_pairs(const struct subject *s) {
    return is_of_group(s) && !s->comparison->pairs;
}
static const char *no_pairs_text(const struct subject *s) {
    return arena_printf(s->arena, "%s: no seed is done on both sides.", s->comparison->b->label);
}

/* `validation accuracy`. */
static const char *measure(const struct subject *s) {
    return s->board->has_classes ? "validation accuracy" : "validation loss";
}

/* `+0.56 points of validation accuracy`. */
static const char *difference_text(const struct subject *s) {
    return arena_printf(s->arena, "%s%s %s",
                        signed_number(s, s->comparison->paired.mean, scale_of(s)),
                        s->board->has_classes ? " points of" : "", measure(s));
}

static bool has_few_pairs(const struct subject *s) {
    return s->comparison->pairs && s->comparison->pairs < COMPARISON_PAIRS_MIN;
}
static const char *few_pairs_text(const struct subject *s) {
    const struct comparison *c = s->comparison;
    const char *each = "";
    for (size_t i = 0; i < c->pairs; i++)
        each = arena_printf(s->arena, "%s%s%s", each, i ? ", " : "",
                            signed_number(s, c->differences[i], scale_of(s)));
    return arena_printf(
        s->arena, "%s: %s (%s), with %zu seed%s too few to tell; %zu are the least.", c->b->label,
        difference_text(s), each, c->pairs, plural(c->pairs), comparison_seeds_needed(s->compared));
}

static bool is_different(const struct subject *s) {
    return s->comparison->adjusted <= significant;
}
/* Whether b is better than a. */
static bool is_better(const struct subject *s) {
    return s->board->has_classes ? s->comparison->paired.mean > 0 : s->comparison->paired.mean < 0;
}
static const char *p_text(const struct subject *s) {
    double p = s->comparison->adjusted;
    const char *number =
        p < 0.0001 ? "p below 0.0001" : arena_printf(s->arena, "p %.*f", p < 0.01 ? 4 : 3, p);
    return s->compared > 1 ? arena_printf(s->arena, "%s by Holm over %zu", number, s->compared)
                           : number;
}
static const char *interval_of_comparison(const struct subject *s) {
    const struct moments *m = &s->comparison->paired;
    /* The size of the difference has no sign: from its smaller to its larger end. */
    double low = m->mean < 0 ? -m->mean - m->half : m->mean - m->half;
    double high = m->mean < 0 ? -m->mean + m->half : m->mean + m->half;
    return s->board->has_classes
               ? arena_printf(s->arena, "95 %% interval %.2f to %.2f, %s, %zu seeds", low * 100,
                              high * 100, p_text(s), m->n)
               : arena_printf(s->arena, "95 %% interval %.4g to %.4g, %s, %zu seeds", low, high,
                              p_text(s), m->n);
}
static const char *rows_clause(const struct subject *s) {
    const struct comparison *c = s->comparison;
    if (isnan(c->rows_error))
        return " on these validation rows";
    return arena_printf(s->arena,
                        " on these %s validation rows; other rows may differ by at most %.2f "
                        "(standard error)",
                        rows_text(s, (int64_t)c->a->moments[RESULT_VALIDATION_ROWS].mean),
                        100 * c->rows_error);
}
static const char *different_text(const struct subject *s) {
    const struct comparison *c = s->comparison;
    return arena_printf(s->arena, "%s is %s by %s of %s (%s)%s.", c->b->label,
                        is_better(s) ? "better" : "worse", amount(s, fabs(c->paired.mean)),
                        measure(s), interval_of_comparison(s), rows_clause(s));
}
static bool is_alike(const struct subject *s) {
    return s->comparison->adjusted > significant;
}
static bool could_differ(const struct subject *s) {
    return is_alike(s) &&
           (double)s->compared * sign_flip_least_p(s->comparison->pairs) <= significant;
}
/* `20-15: +0.04 points of validation accuracy (95 % interval ..., p 0.969)`. */
static const char *untold(const struct subject *s) {
    const struct comparison *c = s->comparison;
    return arena_printf(s->arena, "%s: %s (%s, %s)", c->b->label, difference_text(s),
                        spread(s, &c->paired, scale_of(s)), p_text(s));
}
static const char *not_told_text(const struct subject *s) {
    return arena_printf(s->arena, "%s, not to be told apart.", untold(s));
}
static bool could_not_differ(const struct subject *s) {
    return is_alike(s) && !could_differ(s);
}
static const char *not_yet_told_text(const struct subject *s) {
    return arena_printf(
        s->arena, "%s; %zu seeds can tell nothing among %zu comparisons, %zu are the least.",
        untold(s), s->comparison->pairs, s->compared, comparison_seeds_needed(s->compared));
}

const struct sentence sentences[] = {
    {"legend", SENTENCE_OF_BOARD, is_validated, legend_text},
    {"unvalidated", SENTENCE_OF_BOARD, is_unvalidated, unvalidated_text},
    {"intervals", SENTENCE_OF_BOARD, has_intervals, interval_text},
    {"ranges", SENTENCE_OF_BOARD, has_ranges, range_text},
    {"r2", SENTENCE_OF_BOARD, has_naive, r2_text},
    {"test rows", SENTENCE_OF_BOARD, has_test_error, test_error_text},
    {"validation rows", SENTENCE_OF_BOARD, has_validation_error, validation_error_text},
    {"selection", SENTENCE_OF_BOARD, was_selected, selection_text},
    {"alike", SENTENCE_OF_BOARD, has_alike, alike_text},
    {"all differ", SENTENCE_OF_BOARD, all_differ, all_differ_text},
    {"nothing to tell", SENTENCE_OF_BOARD, nothing_to_tell, nothing_to_tell_text},

    {"diverged", SENTENCE_OF_VARIANT, has_diverged, diverged_text},
    {"failed", SENTENCE_OF_VARIANT, has_failed_classes, failed_text},
    {"no better than the mean", SENTENCE_OF_VARIANT, has_failed_values, mean_text},
    {"outliers", SENTENCE_OF_VARIANT, has_outliers, outlier_text},
    {"best epoch", SENTENCE_OF_VARIANT, is_judged, best_epoch_text},
    {"helped", SENTENCE_OF_VARIANT, rest_helped, helped_text},
    {"wasted", SENTENCE_OF_VARIANT, rest_wasted, wasted_text},
    {"unclear", SENTENCE_OF_VARIANT, rest_unclear, unclear_text},
    {"few epochs", SENTENCE_OF_VARIANT, is_short, short_text},
    {"still falls", SENTENCE_OF_VARIANT, still_falls, falls_text},
    {"stands still", SENTENCE_OF_VARIANT, stands_still, stands_text},
    {"fluctuates", SENTENCE_OF_VARIANT, fluctuates, fluctuates_text},
    {"loses accuracy", SENTENCE_OF_VARIANT, loses_accuracy, loses_text},
    {"overfits", SENTENCE_OF_VARIANT, overfits_values, overfits_text},
    {"overconfident", SENTENCE_OF_VARIANT, is_overconfident, overconfident_text},
    {"one seed", SENTENCE_OF_VARIANT, is_one_seed, one_seed_text},
    {"one seed lost", SENTENCE_OF_VARIANT, is_one_seed_lost, one_seed_lost_text},
    {"one seed kept", SENTENCE_OF_VARIANT, is_one_seed_kept, one_seed_kept_text},
    {"crossed", SENTENCE_OF_VARIANT, is_crossed, crossed_text},
    {"left out", SENTENCE_OF_VARIANT, leaves_out, left_out_text},

    {"no pairs", SENTENCE_OF_COMPARISON, has_no_pairs, no_pairs_text},
    {"few pairs", SENTENCE_OF_COMPARISON, has_few_pairs, few_pairs_text},
    {"different", SENTENCE_OF_COMPARISON, is_different, different_text},
    {"not told", SENTENCE_OF_COMPARISON, could_differ, not_told_text},
    {"not yet told", SENTENCE_OF_COMPARISON, could_not_differ, not_yet_told_text},
};

const size_t sentence_count = sizeof sentences / sizeof *sentences;

const char *sentences_about(const struct subject *subject, enum sentence_scope scope) {
    const char *text = "";
    for (size_t i = 0; i < sentence_count; i++)
        if (sentences[i].scope == scope && sentences[i].holds(subject))
            text = arena_printf(subject->arena, "%s%s%s", text, *text ? " " : "",
                                sentences[i].text(subject));
    return text;
}

/* Names in the text may come from any database. */
void sentences_write(const char *text, size_t room, size_t first, size_t indent, FILE *out) {
    struct arena arena = {0};
    fprintf(out, "%*s", (int)first, "");
    table_write_wrapped(text_visible(text, strlen(text), &arena),
                        room && room < WIDTH ? room : WIDTH, first, indent, out);
    arena_close(&arena);
}
