#include "cli/progress.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const progress_words[] = {"auto", "bar", "lines", "none", NULL};

static bool can_redraw(FILE *out) {
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fileno(out)) == 1 && !(no_color && *no_color) &&
           !(terminal && strcmp(terminal, "dumb") == 0);
}

enum progress_mode progress_mode_of(enum progress_choice choice, size_t trials, FILE *out) {
    if (choice == PROGRESS_AS_NONE)
        return PROGRESS_NONE;
    if (choice == PROGRESS_AS_LINES || (choice == PROGRESS_AS_AUTO && trials == 1))
        return PROGRESS_EPOCHS;
    return can_redraw(out) ? PROGRESS_BAR : PROGRESS_TRIALS;
}

/* ` - NAME: VALUE`, unless there is no such number. */
static void put_metric(FILE *out, const char *name, double value) {
    if (!isnan(value))
        fprintf(out, " - %s: %.4f", name, value);
}

static void put_epoch(const struct progress *progress, size_t trial,
                      const struct epoch_record *record) {
    FILE *out = progress->out;
    int digits = snprintf(NULL, 0, "%llu", (unsigned long long)progress->work[trial].trial->epochs);
    if (progress->count > 1)
        fprintf(out, "[%s seed=%llu] ", progress->work[trial].label,
                (unsigned long long)progress->work[trial].trial->seed);
    fprintf(out, "Epoch %*llu/%llu", digits, (unsigned long long)record->epoch,
            (unsigned long long)progress->work[trial].trial->epochs);
    if (record->epoch_seconds < 10)
        fprintf(out, " - %.0f ms", record->epoch_seconds * 1e3);
    else
        fprintf(out, " - %.0f s", record->epoch_seconds);
    for (size_t i = 0; i < metric_count; i++)
        if (metrics[i].live)
            put_metric(out, metrics[i].live, metric_value(&metrics[i], record));
    fputc('\n', out);
}

static void put_bar(struct progress *progress, bool now) {
    enum { CELLS = 24 };
    double time = clock_seconds();
    if (!now && time - progress->drawn < 0.1)
        return;
    progress->drawn = time;
    double share = progress->epochs ? (double)progress->epochs_done / (double)progress->epochs : 1;
    char bar[CELLS + 1];
    for (int i = 0; i < CELLS; i++)
        bar[i] = i < (int)(share * CELLS) ? '#' : '.';
    bar[CELLS] = '\0';
    fprintf(progress->out, "\r\033[K[%s] %3.0f %%  %zu of %zu trials", bar, share * 100,
            progress->ended, progress->count);
    uint64_t here = progress->epochs_done - progress->epochs_before;
    double left = here ? (time - progress->start) / (double)here *
                             (double)(progress->epochs - progress->epochs_done)
                       : (double)NAN;
    if (left >= 1 && left < 3600)
        fprintf(progress->out, "  %.0f s left", left);
    else if (left >= 3600)
        fprintf(progress->out, "  %.1f h left", left / 3600);
    fflush(progress->out);
}

/* What another process trains is no part of this run, and what a checkpoint brings is done. */
static void on_claim(void *context, const size_t *trials, size_t count, bool *granted,
                     struct checkpoint *checkpoints, struct arena *arena) {
    struct progress *progress = context;
    (void)arena;
    pthread_mutex_lock(&progress->lock);
    for (size_t i = 0; i < count; i++) {
        const struct work *work = &progress->work[trials[i]];
        uint64_t before = granted[i] ? checkpoints[i].epoch_count : 0;
        progress->count -= !granted[i];
        progress->epochs -= granted[i] ? 0 : work->trial->epochs;
        progress->epochs_done += before - work->goes_on_after;
        progress->epochs_before += before - work->goes_on_after;
    }
    pthread_mutex_unlock(&progress->lock);
}

static void on_epoch(void *context, size_t trial, const struct epoch_record *record) {
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    progress->epochs_done++;
    if (progress->mode == PROGRESS_EPOCHS)
        put_epoch(progress, trial, record);
    else if (progress->mode == PROGRESS_BAR)
        put_bar(progress, false);
    pthread_mutex_unlock(&progress->lock);
}

static void put_trial(const struct progress *progress, size_t trial, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    FILE *out = progress->out;
    const struct work *work = &progress->work[trial];
    fprintf(out, "%s%zu/%zu  %s%sseed=%llu  %s", progress->mode == PROGRESS_BAR ? "\r\033[K" : "",
            progress->ended, progress->count, work->label, *work->label ? " " : "",
            (unsigned long long)work->trial->seed, trial_state_name(outcome->state));
    if (outcome->state == TRIAL_FAILED && outcome->error)
        fprintf(out, ": %s", outcome->error);
    if (outcome->best_epoch)
        fprintf(out, " - best epoch: %llu of %llu - val_loss: %.4f",
                (unsigned long long)outcome->best_epoch, (unsigned long long)outcome->epochs_done,
                overfitting->best_val_loss);
    put_metric(out, "test_accuracy", outcome->test_accuracy_at_best);
    put_metric(out, "test_mae", outcome->test_mae_at_best);
    if (outcome->train_seconds > 0)
        fprintf(out, " - %.1f s", outcome->train_seconds);
    fputc('\n', out);
}

static void on_finish(void *context, size_t trial, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    bool has_ended = outcome->state != TRIAL_INTERRUPTED;
    progress->ended += has_ended;
    if (has_ended)
        progress->epochs_done += progress->work[trial].trial->epochs - outcome->epochs_done;
    bool single = progress->mode == PROGRESS_EPOCHS && progress->count == 1;
    if (progress->mode != PROGRESS_NONE && !single)
        put_trial(progress, trial, outcome, overfitting);
    if (progress->mode == PROGRESS_BAR)
        put_bar(progress, true);
    pthread_mutex_unlock(&progress->lock);
}

void progress_open(struct progress *progress, enum progress_mode mode, FILE *out,
                   const struct work *work, size_t count) {
    *progress = (struct progress){
        .mode = mode, .out = out, .work = work, .count = count, .start = clock_seconds()};
    pthread_mutex_init(&progress->lock, NULL);
    for (size_t i = 0; i < count; i++) {
        progress->epochs += work[i].trial->epochs;
        progress->epochs_before += work[i].goes_on_after;
    }
    progress->epochs_done = progress->epochs_before;
}

struct observer progress_observer(struct progress *progress) {
    return (struct observer){
        .context = progress, .claim = on_claim, .epoch = on_epoch, .finish = on_finish};
}

void progress_close(struct progress *progress) {
    if (progress->mode == PROGRESS_BAR)
        fputs("\r\033[K", progress->out);
    fflush(progress->out);
    pthread_mutex_destroy(&progress->lock);
}
