/* What a variant's curves say: when it was best, and what came after. */
#include "report/sentences.h"
#include "report/words.h"

#include <math.h>
#include <string.h>

static bool is_judged(const struct subject *s) {
    return s->verdict->kind > VERDICT_FAILED && words_moments(s, RESULT_BEST_EPOCH)->n > 0;
}
static const char *best_epoch_text(const struct subject *s) {
    const struct moments *m = words_moments(s, RESULT_BEST_EPOCH),
                         *all = words_moments(s, RESULT_EPOCHS);
    const char *epochs = all->minimum == all->maximum
                             ? arena_printf(s->arena, "%.0f", all->mean)
                             : arena_printf(s->arena, "%.0f to %.0f", all->minimum, all->maximum);
    const char *what = strcmp(s->group->monitor, "val_accuracy") == 0 ? "accuracy" : "loss";
    if (m->minimum == m->maximum)
        return arena_printf(s->arena, "Validation %s is best at epoch %.0f of %s.", what, m->mean,
                            epochs);
    return arena_printf(s->arena, "Validation %s is best at epoch %.1f (%.0f to %.0f) of %s.", what,
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
    return is_judged(s) && words_moments(s, RESULT_WASTED_EPOCHS)->mean >= 1 &&
           s->verdict->help.n > 0;
}
static const char *rest_text(const struct subject *s, const char *judgement) {
    const struct moments *m = words_moments(s, RESULT_WASTED_EPOCHS), *help = &s->verdict->help;
    return arena_printf(
        s->arena, "The %.*f epochs after it (%.0f %%) change %s %s by %s%s (%s)%s.",
        m->minimum == m->maximum ? 0 : 1, m->mean,
        words_moments(s, RESULT_WASTED_FRACTION)->mean * 100,
        s->verdict->help_is_test ? "test" : "validation",
        s->board->has_classes ? "accuracy" : "loss", words_signed(s, help->mean, words_scale(s)),
        s->board->has_classes ? " points" : "", words_spread(s, help, words_scale(s)), judgement);
}
static bool rest_helped(const struct subject *s) {
    return has_rest(s) && helped(s) > 0;
}
static const char *helped_text(const struct subject *s) {
    return rest_text(s, ": they help, and are not wasted");
}
/* Epochs in which the loss was still falling are no waste, whatever the last few did. */
static bool rest_falls(const struct subject *s) {
    return has_rest(s) && helped(s) < 0 && s->verdict->kind == VERDICT_FALLS;
}
static const char *rest_falls_text(const struct subject *s) {
    return rest_text(s, "");
}
static bool rest_wasted(const struct subject *s) {
    return has_rest(s) && helped(s) < 0 && s->verdict->kind != VERDICT_FALLS;
}
static const char *wasted_text(const struct subject *s) {
    return rest_text(s, arena_printf(s->arena, ": wasted, %.1f s a seed",
                                     words_moments(s, RESULT_WASTED_FRACTION)->mean *
                                         words_moments(s, RESULT_TRAIN_SECONDS)->mean));
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
    return is_kind(s, VERDICT_STANDS) && words_moments(s, RESULT_WASTED_EPOCHS)->mean >= 1;
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
    return arena_printf(s->arena, "%s (%s)", words_signed(s, s->verdict->gap.mean, 1),
                        words_spread(s, &s->verdict->gap, 1));
}
/* `-0.45 points; 95 % interval ...`. */
static const char *accuracy_text(const struct subject *s) {
    return arena_printf(s->arena, "%s points; %s", words_signed(s, s->verdict->accuracy.mean, 100),
                        words_spread(s, &s->verdict->accuracy, 100));
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
    double rows = words_moments(s, RESULT_VALIDATION_ROWS)->mean;
    double wrong = 2 - words_moments(s, RESULT_VAL_ACCURACY)->mean -
                   words_moments(s, RESULT_FINAL_VAL_ACCURACY)->mean;
    return rows > 0 ? NORMAL_QUANTILE * discordant_error(fmin(wrong, 1) * rows, (size_t)rows)
                    : (double)NAN;
}
static double one_seed_change(const struct subject *s) {
    return words_moments(s, RESULT_FINAL_VAL_ACCURACY)->mean -
           words_moments(s, RESULT_VAL_ACCURACY)->mean;
}
static const char *one_seed_change_text(const struct subject *s, const char *judgement) {
    return arena_printf(s->arena,
                        "Of this one net, validation accuracy changes by %+.2f points from the "
                        "best epoch to the last, %s %s rows alone explain (95 %%: up to %.2f).",
                        100 * one_seed_change(s), judgement,
                        words_rows(s, (int64_t)words_moments(s, RESULT_VALIDATION_ROWS)->mean),
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

const struct sentence curve_sentences[] = {
    {"best epoch", is_judged, best_epoch_text},
    {"helped", rest_helped, helped_text},
    {"rest of a fall", rest_falls, rest_falls_text},
    {"wasted", rest_wasted, wasted_text},
    {"unclear", rest_unclear, unclear_text},
    {"few epochs", is_short, short_text},
    {"still falls", still_falls, falls_text},
    {"stands still", stands_still, stands_text},
    {"fluctuates", fluctuates, fluctuates_text},
    {"loses accuracy", loses_accuracy, loses_text},
    {"overfits", overfits_values, overfits_text},
    {"overconfident", is_overconfident, overconfident_text},
    {"one seed", is_one_seed, one_seed_text},
    {"one seed lost", is_one_seed_lost, one_seed_lost_text},
    {"one seed kept", is_one_seed_kept, one_seed_kept_text},
    {NULL, NULL, NULL},
};
