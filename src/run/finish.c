#include "run/finish.h"

#include "base/digest.h"
#include "trial/naive.h"

#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *left, const void *right) {
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Counts pairs of classes among the rows of the test set: as many as there are, never classes^2.
 *
 * Shapes: predicted [set->count], overwritten. Owns: the counts live in the arena. */
static void count_confusion(const struct row_set *set, uint32_t classes, uint32_t *predicted,
                            struct outcome *outcome, struct arena *arena) {
    uint32_t *keys = predicted;
    for (size_t i = 0; i < set->count; i++)
        keys[i] += set->part->labels[set->rows[i]] * classes; /* at most 65,536^2 - 1 */
    qsort(keys, set->count, sizeof *keys, compare_keys);
    size_t pairs = 0;
    for (size_t i = 0; i < set->count; i++)
        pairs += i == 0 || keys[i] != keys[i - 1];
    struct confusion *confusion = arena_alloc(arena, pairs, sizeof *confusion);
    size_t n = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (i == 0 || keys[i] != keys[i - 1])
            confusion[n++] = (struct confusion){keys[i] / classes, keys[i] % classes, 0};
        confusion[n - 1].count++;
    }
    outcome->confusion = confusion;
    outcome->confusion_count = n;
}

/* The results of the last weights, which the best ones then replace in the net.
 *
 * Owns: weights live in the arena. */
static void test_last(struct lockstep *lockstep, const bool *finished, bool *has_best,
                      struct outcome *outcomes, struct arena *arena) {
    struct loss_sums *sums = arena_alloc(arena, lockstep->count, sizeof *sums);
    lockstep_measure(lockstep, &lockstep->split.test, (struct measurement){.wanted = finished},
                     sums);
    lockstep_leave_panels(lockstep);
    for (size_t s = 0; s < lockstep->count; s++) {
        if (!finished[s])
            continue;
        struct training_state *state = lockstep->states[s];
        size_t count = state->net.weight_count;
        float *last = arena_alloc(arena, count, sizeof *last);
        memcpy(last, state->net.parameters, count * sizeof *last);
        struct means means = lockstep_means(lockstep, s, &sums[s], lockstep->split.test.count);
        outcomes[s].final_test_loss = means.loss;
        outcomes[s].final_test_accuracy = means.accuracy;
        outcomes[s].final_test_mae = means.mae;
        outcomes[s].last = (struct weights){last, count};
        digest128_text(last, count * sizeof *last, outcomes[s].weights_digest);
        has_best[s] = state->best_epoch != 0;
        if (has_best[s]) {
            outcomes[s].best = (struct weights){state->best, count};
            memcpy(state->net.parameters, state->best, count * sizeof *last);
        }
    }
}

/* Shapes: outcomes [lockstep->count]. Owns: predictions and counts live in the arena. */
static void test_best(struct lockstep *lockstep, const bool *has_best, struct outcome *outcomes,
                      struct arena *arena) {
    const struct row_set *test = &lockstep->split.test;
    uint32_t classes = (uint32_t)lockstep->dataset->classes;
    struct loss_sums *sums = arena_alloc(arena, lockstep->count, sizeof *sums);
    uint32_t **prediction = arena_alloc(arena, lockstep->count, sizeof *prediction);
    for (size_t s = 0; s < lockstep->count && classes; s++)
        if (has_best[s])
            prediction[s] = arena_alloc(arena, test->count, sizeof **prediction);
    lockstep_measure(
        lockstep, test,
        (struct measurement){.wanted = has_best, .prediction = classes ? prediction : NULL}, sums);
    for (size_t s = 0; s < lockstep->count; s++) {
        if (!has_best[s])
            continue;
        struct means means = lockstep_means(lockstep, s, &sums[s], test->count);
        outcomes[s].test_loss_at_best = means.loss;
        outcomes[s].test_accuracy_at_best = means.accuracy;
        outcomes[s].test_mae_at_best = means.mae;
        if (classes && test->count)
            count_confusion(test, classes, prediction[s], &outcomes[s], arena);
    }
}

/* What guessing reaches, and whether the trial got beyond it. */
static void compare_with_guessing(const struct lockstep *lockstep,
                                  const struct training_state *state, struct outcome *outcome) {
    const struct split *split = &lockstep->split;
    const struct choice *loss = &state->trial->loss;
    outcome->validation_rows = split->validation.count;
    outcome->test_rows = split->test.count;
    outcome->naive_val_score = naive_score(lockstep->dataset, split, &split->validation, loss);
    outcome->naive_test_score = naive_score(lockstep->dataset, split, &split->test, loss);
    outcome->learned = has_learned(lockstep->dataset, state->records, (size_t)state->epochs_done,
                                   outcome->naive_val_score, (size_t)outcome->validation_rows);
}

static void tell(const struct lockstep *lockstep, const struct training_state *state,
                 const struct observers *observers, struct outcome *outcome) {
    compare_with_guessing(lockstep, state, outcome);
    outcome->scale = lockstep->gather->scale;
    outcome->target_scale = lockstep->gather->target_scale;
    outcome->epochs_done = state->epochs_done;
    outcome->updates = state->updates;
    outcome->best_epoch = state->best_epoch;
    outcome->cohort_size = state->cohort_size;
    outcome->train_seconds = 0;
    for (uint64_t e = 0; e < state->epochs_done; e++)
        outcome->train_seconds += state->records[e].epoch_seconds;
    struct overfitting overfitting =
        overfitting_measure(state->records, (size_t)state->epochs_done, &state->trial->monitor);
    observers_finish(observers, state->index, outcome, &overfitting);
}

void finish_trainings(struct lockstep *lockstep, const struct observers *observers) {
    struct arena arena = {0};
    size_t n = lockstep->count;
    bool *finished = arena_alloc(&arena, n, sizeof *finished);
    bool *has_best = arena_alloc(&arena, n, sizeof *has_best);
    struct outcome *outcomes = arena_alloc(&arena, n, sizeof *outcomes);
    bool any = false;
    for (size_t s = 0; s < n; s++) {
        any |= finished[s] = training_state_is_finished(lockstep->states[s]);
        outcomes[s] = outcome_empty(lockstep->states[s]->diverged ? TRIAL_DIVERGED : TRIAL_DONE);
    }
    if (any) {
        test_last(lockstep, finished, has_best, outcomes, &arena);
        test_best(lockstep, has_best, outcomes, &arena);
        for (size_t s = 0; s < n; s++)
            if (finished[s])
                tell(lockstep, lockstep->states[s], observers, &outcomes[s]);
        lockstep_leave(lockstep, finished);
    }
    arena_close(&arena);
}

void finish_interrupted(const struct lockstep *lockstep, const struct observers *observers) {
    for (size_t s = 0; s < lockstep->count; s++) {
        struct outcome outcome = outcome_empty(TRIAL_INTERRUPTED);
        tell(lockstep, lockstep->states[s], observers, &outcome);
    }
}
