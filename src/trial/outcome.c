#include "trial/outcome.h"

#include "base/arena.h"
#include "trial/generalization.h"
#include "trial/result.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const char *const state_names[] = {
    [TRIAL_PLANNED] = "planned",   [TRIAL_RUNNING] = "running", [TRIAL_DONE] = "done",
    [TRIAL_DIVERGED] = "diverged", [TRIAL_FAILED] = "failed",   [TRIAL_INTERRUPTED] = "interrupted",
};

const char *trial_state_name(enum trial_state state) {
    return state_names[state];
}

bool trial_state_find(const char *name, enum trial_state *state) {
    for (size_t i = 0; name && i < sizeof state_names / sizeof *state_names; i++)
        if (strcmp(state_names[i], name) == 0) {
            *state = (enum trial_state)i;
            return true;
        }
    return false;
}

bool trial_state_is_final(enum trial_state state) {
    return state == TRIAL_DONE || state == TRIAL_DIVERGED;
}

struct outcome outcome_empty(enum trial_state state) {
    struct outcome outcome = {.state = state};
    trial_result_clear(RESULT_OF_OUTCOME, &outcome);
    return outcome;
}

/* The first epoch that is the best by this monitor; NULL: none has a number. */
static const struct epoch_record *best_by(const struct choice *monitor,
                                          const struct epoch_record *epochs, size_t count) {
    const struct epoch_record *best = NULL;
    for (size_t i = 0; i < count; i++) {
        double value = monitor_of(monitor)->validation(&epochs[i]);
        if (isfinite(value) && (!best || value < monitor_of(monitor)->validation(best)))
            best = &epochs[i];
    }
    return best;
}

/* The first epoch after the best from which the smoothed loss stays above its minimum to the end.
 */
static uint64_t onset(const struct epoch_record *epochs, size_t count, uint64_t best_epoch) {
    struct arena arena = {0};
    double *losses = arena_alloc(&arena, count, sizeof *losses);
    double *smoothed = arena_alloc(&arena, count, sizeof *smoothed);
    uint64_t first = 0;
    for (size_t i = 0; i < count; i++)
        losses[i] = epochs[i].val_loss;
    curve_smooth(losses, count, smoothed);
    double risen = RISEN_FACTOR * smoothed[curve_lowest(smoothed, count)];
    for (size_t i = count; i-- && smoothed[i] > risen && epochs[i].epoch > best_epoch;)
        first = epochs[i].epoch;
    arena_close(&arena);
    return first;
}

struct overfitting overfitting_measure(const struct epoch_record *epochs, size_t count,
                                       const struct choice *monitor) {
    const struct choice loss = choice_default(&monitors, "val_loss");
    const struct choice accuracy = choice_default(&monitors, "val_accuracy");
    struct overfitting result = {0};
    trial_result_clear(RESULT_OF_OVERFITTING, &result);
    stopping_measure(epochs, count, monitor, result.stopping);
    const struct epoch_record *best = best_by(monitor, epochs, count);
    const struct epoch_record *lowest = best_by(&loss, epochs, count);
    const struct epoch_record *accurate = best_by(&accuracy, epochs, count);
    if (!best || !lowest)
        return result;
    const struct epoch_record *last = &epochs[count - 1];
    result.best_epoch = best->epoch;
    result.best_accuracy_epoch = accurate ? accurate->epoch : 0;
    result.best_val_loss = best->val_loss;
    result.final_val_loss = last->val_loss;
    result.val_accuracy_at_best = best->val_accuracy;
    result.final_val_accuracy = last->val_accuracy;
    result.gap_at_best = best->val_loss - best->probe_loss;
    result.gap_at_end = last->val_loss - last->probe_loss;
    result.accuracy_gap_at_end = last->probe_accuracy - last->val_accuracy;
    result.wasted_epochs = (double)(last->epoch - best->epoch);
    result.wasted_fraction = result.wasted_epochs / (double)last->epoch;
    result.wasted_seconds = 0;
    for (const struct epoch_record *e = best + 1; e <= last; e++)
        result.wasted_seconds += e->epoch_seconds;
    result.gl_at_end = generalization_loss(last->val_loss, lowest->val_loss);
    result.onset_epoch = onset(epochs, count, best->epoch);
    return result;
}
