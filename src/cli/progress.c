#include "cli/progress.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/screen.h"
#include "report/table.h"
#include "run/cohort.h"

#include <math.h>
#include <string.h>
#include <time.h>

const char *const progress_words[] = {"auto", "bar", "lines", "none", NULL};

enum progress_mode progress_mode_of(enum progress_choice choice, size_t trials, FILE *out) {
    if (choice == PROGRESS_AS_NONE)
        return PROGRESS_NONE;
    if (choice == PROGRESS_AS_LINES || (choice == PROGRESS_AS_AUTO && trials == 1))
        return PROGRESS_EPOCHS;
    return screen_has_colours(fileno(out)) ? PROGRESS_BAR : PROGRESS_TRIALS;
}

/* A metric in a line of an epoch. */
struct item {
    const char *text; /* ` - NAME: VALUE` */
    bool is_training; /* gives way first where there is not the room */
};

static size_t make_items(const struct epoch_record *record, struct item *items,
                         struct arena *arena) {
    size_t count = 0;
    for (size_t i = 0; i < metric_count; i++) {
        double value = metric_value(&metrics[i], record);
        if (metrics[i].live && !isnan(value))
            items[count++] =
                (struct item){arena_printf(arena, " - %s: %.4f", metrics[i].live, value),
                              strncmp(metrics[i].name, "train_", 6) == 0};
    }
    return count;
}

/* Leaves out the last number of the training rows, then the last of all. Returns how many are left.
 */
static size_t drop_item(struct item *items, size_t count) {
    size_t victim = count - 1;
    for (size_t i = 0; i < count; i++)
        if (items[i].is_training)
            victim = i;
    memmove(&items[victim], &items[victim + 1], (count - victim - 1) * sizeof *items);
    return count - 1;
}

static size_t items_width(const struct item *items, size_t count) {
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        width += table_width(items[i].text);
    return width;
}

/* Estimated seconds of so many epochs of a trial. */
static double seconds_of(const struct work *work, uint64_t epochs) {
    return cohort_estimate(work) * (double)epochs / (double)work->trial->epochs;
}

/* Until all is trained, by what was trained so far; NaN: not known yet. */
static double seconds_left(const struct progress *progress) {
    double here = progress->done_seconds - progress->done_before;
    double left = progress->work_seconds - progress->done_seconds;
    double spent = clock_seconds() - progress->start;
    return here > 0 && spent > 0.5 ? spent * left / here : (double)NAN;
}

/* On a terminal in one row, with the time left. */
static void put_epoch(const struct progress *progress, size_t trial,
                      const struct epoch_record *record) {
    struct arena arena = {0};
    const struct work *work = &progress->work[trial];
    size_t room = screen_columns(fileno(progress->out)), count;
    struct item *items = arena_alloc(&arena, metric_count, sizeof *items);
    unsigned long long epochs = work->trial->epochs, epoch = record->epoch;
    const char *line =
        arena_printf(&arena, "Epoch %*llu/%llu", snprintf(NULL, 0, "%llu", epochs), epoch, epochs);
    if (progress->count > 1)
        line = arena_printf(&arena, "[%s] %s", live_name(work, progress->seeds, &arena), line);
    line = record->epoch_seconds < 10
               ? arena_printf(&arena, "%s - %.0f ms", line, record->epoch_seconds * 1e3)
               : arena_printf(&arena, "%s - %.0f s", line, record->epoch_seconds);
    double left = seconds_left(progress);
    if (room && epoch < epochs && isfinite(left))
        line = arena_printf(&arena, "%s - %s left", line, live_duration(left, &arena));
    count = make_items(record, items, &arena);
    while (room && count && table_width(line) + items_width(items, count) > room)
        count = drop_item(items, count);
    fputs(table_shorten(line, room, &arena), progress->out);
    for (size_t i = 0; i < count; i++)
        fputs(items[i].text, progress->out);
    fputc('\n', progress->out);
    arena_close(&arena);
}

static void draw(struct progress *progress) {
    struct live_totals totals = {
        .share = progress->work_seconds > 0 ? progress->done_seconds / progress->work_seconds : 1,
        .seconds_left = seconds_left(progress),
        .trials = progress->count,
        .ended = progress->ended,
        .failed = progress->failed};
    live_draw(&progress->live, &totals);
}

/* What another process trains is no part of this run, and what a checkpoint brings is done. */
static void on_claim(void *context, const size_t *trials, size_t count, bool *granted,
                     struct checkpoint *checkpoints, struct arena *arena) {
    struct progress *progress = context;
    (void)arena;
    pthread_mutex_lock(&progress->lock);
    for (size_t i = 0; i < count; i++) {
        const struct work *work = &progress->work[trials[i]];
        double before = granted[i] ? seconds_of(work, checkpoints[i].epoch_count) : 0;
        double expected = seconds_of(work, work->goes_on_after);
        progress->count -= !granted[i];
        progress->work_seconds -= granted[i] ? 0 : cohort_estimate(work);
        progress->done_seconds += before - expected;
        progress->done_before += before - expected;
    }
    if (progress->mode == PROGRESS_BAR) {
        live_begin(&progress->live, trials, granted, count);
        draw(progress);
    }
    pthread_mutex_unlock(&progress->lock);
}

static void on_epoch(void *context, size_t trial, const struct epoch_record *record) {
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    progress->done_seconds += seconds_of(&progress->work[trial], 1);
    if (progress->mode == PROGRESS_EPOCHS)
        put_epoch(progress, trial, record);
    else if (progress->mode == PROGRESS_BAR) {
        live_epoch(&progress->live, trial, record);
        draw(progress);
    }
    pthread_mutex_unlock(&progress->lock);
}

/* ` - NAME: VALUE`, "" where there is no such number. */
static const char *number_text(const char *name, double value, struct arena *arena) {
    return isnan(value) ? "" : arena_printf(arena, " - %s: %.4f", name, value);
}

/* On a terminal in one row: what does not fit is cut off at the end. */
static void put_trial(const struct progress *progress, size_t trial, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    struct arena arena = {0};
    size_t room = screen_columns(fileno(progress->out));
    const char *line = arena_printf(&arena, "%zu/%zu  %s  %s", progress->ended, progress->count,
                                    live_name(&progress->work[trial], progress->seeds, &arena),
                                    trial_state_name(outcome->state));
    const char *parts[] = {
        outcome->state == TRIAL_FAILED && outcome->error
            ? arena_printf(&arena, ": %s",
                           text_visible(outcome->error, strlen(outcome->error), &arena))
            : "",
        outcome->best_epoch ? arena_printf(&arena, " - best epoch: %llu of %llu",
                                           (unsigned long long)outcome->best_epoch,
                                           (unsigned long long)outcome->epochs_done)
                            : "",
        number_text("val_loss", overfitting->best_val_loss, &arena),
        number_text("test_accuracy", outcome->test_accuracy_at_best, &arena),
        number_text("test_mae", outcome->test_mae_at_best, &arena),
        outcome->train_seconds > 0 ? arena_printf(&arena, " - %.1f s", outcome->train_seconds) : "",
    };
    line = table_shorten(line, room, &arena);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!room || table_width(line) + table_width(parts[i]) <= room)
            line = arena_printf(&arena, "%s%s", line, parts[i]);
    fprintf(progress->out, "%s\n", line);
    arena_close(&arena);
}

static void on_finish(void *context, size_t trial, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    struct progress *progress = context;
    const struct work *work = &progress->work[trial];
    pthread_mutex_lock(&progress->lock);
    if (outcome->state != TRIAL_INTERRUPTED) {
        progress->ended++;
        progress->failed += outcome->state == TRIAL_FAILED;
        progress->done_seconds += seconds_of(work, work->trial->epochs - outcome->epochs_done);
    }
    if (progress->mode == PROGRESS_BAR) {
        live_end(&progress->live, trial, outcome, overfitting);
        draw(progress);
    } else if (progress->mode == PROGRESS_TRIALS ||
               (progress->mode == PROGRESS_EPOCHS && progress->count > 1))
        put_trial(progress, trial, outcome, overfitting);
    pthread_mutex_unlock(&progress->lock);
}

/* Twice a second, so that a terminal that has changed its size looks right before an epoch ends. */
static void *tick(void *context) {
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    while (!progress->is_closing) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 500000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&progress->closing, &progress->lock, &until);
        if (!progress->is_closing)
            draw(progress);
    }
    pthread_mutex_unlock(&progress->lock);
    return NULL;
}

void progress_open(struct progress *progress, enum progress_mode mode, FILE *out,
                   const struct work *work, size_t count) {
    *progress = (struct progress){.mode = mode,
                                  .out = out,
                                  .work = work,
                                  .count = count,
                                  .start = clock_seconds(),
                                  .seeds = live_seeds(work, count)};
    pthread_mutex_init(&progress->lock, NULL);
    pthread_cond_init(&progress->closing, NULL);
    for (size_t i = 0; i < count; i++) {
        progress->work_seconds += cohort_estimate(&work[i]);
        progress->done_before += seconds_of(&work[i], work[i].goes_on_after);
    }
    progress->done_seconds = progress->done_before;
    if (mode != PROGRESS_BAR)
        return;
    live_open(&progress->live, out, work, count);
    progress->has_ticker = pthread_create(&progress->ticker, NULL, tick, progress) == 0;
}

struct observer progress_observer(struct progress *progress) {
    return (struct observer){
        .context = progress, .claim = on_claim, .epoch = on_epoch, .finish = on_finish};
}

void progress_close(struct progress *progress) {
    pthread_mutex_lock(&progress->lock);
    progress->is_closing = true;
    pthread_cond_signal(&progress->closing);
    pthread_mutex_unlock(&progress->lock);
    if (progress->has_ticker)
        pthread_join(progress->ticker, NULL);
    if (progress->mode == PROGRESS_BAR)
        live_close(&progress->live);
    fflush(progress->out);
    pthread_cond_destroy(&progress->closing);
    pthread_mutex_destroy(&progress->lock);
}
