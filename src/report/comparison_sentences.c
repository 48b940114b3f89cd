/* What holds of two variants. */
#include "report/sentences.h"
#include "report/words.h"

#include <math.h>

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
                        words_signed(s, s->comparison->paired.mean, words_scale(s)),
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
                            words_signed(s, c->differences[i], words_scale(s)));
    return arena_printf(s->arena,
                        "%s: %s (%s), with %zu seed%s too few to tell; %zu are the least.",
                        c->b->label, difference_text(s), each, c->pairs, words_plural(c->pairs),
                        comparison_seeds_needed(s->compared));
}

static bool is_different(const struct subject *s) {
    return s->comparison->adjusted <= COMPARISON_SIGNIFICANT;
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
                        words_rows(s, (int64_t)c->a->moments[RESULT_VALIDATION_ROWS].mean),
                        100 * c->rows_error);
}
static const char *different_text(const struct subject *s) {
    const struct comparison *c = s->comparison;
    return arena_printf(s->arena, "%s is %s by %s of %s (%s)%s.", c->b->label,
                        is_better(s) ? "better" : "worse", words_amount(s, fabs(c->paired.mean)),
                        measure(s), interval_of_comparison(s), rows_clause(s));
}
static bool is_alike(const struct subject *s) {
    return s->comparison->adjusted > COMPARISON_SIGNIFICANT;
}
static bool could_differ(const struct subject *s) {
    return is_alike(s) &&
           (double)s->compared * sign_flip_least_p(s->comparison->pairs) <= COMPARISON_SIGNIFICANT;
}
/* `20-15: +0.04 points of validation accuracy (95 % interval ..., p 0.969)`. */
static const char *untold(const struct subject *s) {
    const struct comparison *c = s->comparison;
    return arena_printf(s->arena, "%s: %s (%s, %s)", c->b->label, difference_text(s),
                        words_spread(s, &c->paired, words_scale(s)), p_text(s));
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

const struct sentence comparison_sentences[] = {
    {"no pairs", has_no_pairs, no_pairs_text},
    {"few pairs", has_few_pairs, few_pairs_text},
    {"different", is_different, different_text},
    {"not told", could_differ, not_told_text},
    {"not yet told", could_not_differ, not_yet_told_text},
    {NULL, NULL, NULL},
};
