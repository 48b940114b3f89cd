#include "cli/training.h"

#include "base/machine.h"
#include "cli/screen.h"
#include "report/table.h"
#include "report/words.h"
#include "run/memory.h"
#include "run/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Between two checkpoints of a trial. Units: seconds. */
static const double checkpoint_seconds = 4;

/* Between two looks at what other processes train. */
static const struct timespec patience = {.tv_nsec = 300000000};

/* What became of a trial in this run. */
enum fate {
    FATE_OPEN,          /* not ended yet */
    FATE_SKIPPED,       /* done before */
    FATE_FAILED_BEFORE, /* and not to be tried again */
    FATE_TRAINED,
    FATE_DIVERGED,
    FATE_FAILED,
    FATE_ELSEWHERE, /* another process ended it */
};

struct training {
    const struct training_settings *settings;
    struct work *list; /* [count] */
    enum fate *fates;  /* [count] */
    size_t count;
    struct store *store;
    enum progress_mode mode;
    struct arena arena;
};

/* The trials of one round. */
struct round {
    struct work *work; /* [count] copies of what is in the list */
    size_t *at;        /* [count] where in the list */
    size_t count;
    struct training *training;
};

/* What this run leaves as it is. */
static void set_aside(struct training *training) {
    enum store_claims claims = training->settings->claims;
    for (size_t i = 0; i < training->count; i++) {
        enum trial_state state = training->list[i].state;
        if (trial_state_is_final(state) && claims != CLAIM_ALL)
            training->fates[i] = FATE_SKIPPED;
        if (claims == CLAIM_ALL)
            training->list[i].goes_on_after = 0; /* --fresh trains from the start */
        if (state == TRIAL_FAILED && claims == CLAIM_OPEN)
            training->fates[i] = FATE_FAILED_BEFORE;
    }
}

/* What is open and no other process trains. */
static struct round next_round(struct training *training) {
    size_t count = training->count;
    struct round round = {.work = arena_alloc(&training->arena, count, sizeof *round.work),
                          .at = arena_alloc(&training->arena, count, sizeof *round.at),
                          .training = training};
    for (size_t i = 0; i < count; i++)
        if (training->fates[i] == FATE_OPEN && training->list[i].state != TRIAL_RUNNING) {
            round.at[round.count] = i;
            round.work[round.count++] = training->list[i];
        }
    return round;
}

static size_t count_fates(const struct training *training, enum fate fate) {
    size_t n = 0;
    for (size_t i = 0; i < training->count; i++)
        n += training->fates[i] == fate;
    return n;
}

static size_t count_elsewhere(const struct training *training) {
    size_t n = 0;
    for (size_t i = 0; i < training->count; i++)
        n += training->fates[i] == FATE_OPEN && training->list[i].state == TRIAL_RUNNING;
    return n;
}

/* A line, of a terminal as many as it takes, broken at blanks. */
static void say(const char *text) {
    table_write_wrapped(text, screen_columns(STDERR_FILENO), 0, 0, stderr);
}

/* `12 trials left: 6 go on at epoch 6, 6 are new`, or `12 of 16 trials to train` */
static const char *round_words(const struct round *round, size_t total, struct arena *arena) {
    uint64_t first = UINT64_MAX, last = 0;
    size_t resumed = 0, fresh;
    for (size_t i = 0; i < round->count; i++) {
        uint64_t epoch = round->work[i].goes_on_after + 1;
        if (epoch == 1)
            continue;
        resumed++;
        first = epoch < first ? epoch : first;
        last = epoch > last ? epoch : last;
    }
    fresh = round->count - resumed;
    if (!resumed)
        return arena_printf(arena, "%zu of %zu trial%s to train", round->count, total,
                            words_plural(total));
    const char *text = arena_printf(arena, "%zu trial%s left: %zu go%s on at epoch %llu",
                                    round->count, words_plural(round->count), resumed,
                                    resumed == 1 ? "es" : "", (unsigned long long)first);
    if (last > first)
        text = arena_printf(arena, "%s to %llu", text, (unsigned long long)last);
    if (fresh)
        text = arena_printf(arena, "%s, %zu %s new", text, fresh, fresh == 1 ? "is" : "are");
    return text;
}

static void announce(const struct training *training, const struct round *round) {
    struct arena arena = {0};
    size_t done = count_fates(training, FATE_SKIPPED), elsewhere = count_elsewhere(training);
    size_t failed = count_fates(training, FATE_FAILED_BEFORE);
    const char *text = round->count
                           ? round_words(round, training->count, &arena)
                           : arena_printf(&arena, "nothing to train: %zu of %zu trial%s done", done,
                                          training->count, words_plural(training->count));
    if (round->count && done)
        text = arena_printf(&arena, "%s, %zu done", text, done);
    if (elsewhere)
        text = arena_printf(&arena, "%s, %zu running in another process", text, elsewhere);
    if (failed)
        text =
            arena_printf(&arena, "%s, %zu failed before (--retry trains them again)", text, failed);
    if (round->count)
        text = arena_printf(&arena, "%s; results go to %s", text, training->settings->database);
    say(text);
    arena_close(&arena);
}

/* Knobs that only measure do not train a trial again. */
static void announce_lacking(const struct training *training) {
    size_t lacking = 0;
    for (size_t i = 0; i < training->count; i++)
        lacking += training->fates[i] == FATE_SKIPPED && training->list[i].lacks_measures;
    if (lacking)
        fprintf(stderr,
                "%zu trial%s %s trained before without what test_every or keep_weights ask for "
                "now: --fresh measures %s\n",
                lacking, words_plural(lacking), lacking == 1 ? "was" : "were",
                lacking == 1 ? "it" : "them");
}

/* Without the check, the kernel would kill the process when memory runs out. */
static bool check_memory(const struct round *round, const struct runner_options *options,
                         struct error *err) {
    double limit = machine_memory("");
    double needed = machine_resident() + memory_of_training(round->work, round->count, options);
    return needed <= limit ||
           error_set(err, ERROR_INVALID,
                     "training needs about %.1f GB with %zu worker%s, but only %.1f GB are there",
                     needed / 1e9, options->workers, words_plural(options->workers), limit / 1e9);
}

/* Each trial has a fate of its own, so that workers need no lock. */
static void note_fate(void *context, size_t trial, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    struct round *round = context;
    enum fate *fate = &round->training->fates[round->at[trial]];
    (void)overfitting;
    *fate = outcome->state == TRIAL_DONE       ? FATE_TRAINED
            : outcome->state == TRIAL_DIVERGED ? FATE_DIVERGED
            : outcome->state == TRIAL_FAILED   ? FATE_FAILED
                                               : FATE_OPEN;
}

static bool train_round(struct round *round, struct runner_options *options,
                        enum store_claims claims, struct error *err) {
    struct training *training = round->training;
    struct progress progress;
    if (!check_memory(round, options, err) ||
        !store_start(training->store, round->work, round->count, claims, training->settings->stop,
                     err))
        return false;
    progress_open(&progress, training->mode, stderr, round->work, round->count);
    struct observer observers[] = {store_observer(training->store),
                                   progress_observer(&progress),
                                   {.context = round, .finish = note_fate}};
    options->training.observers = (struct observers){observers, 3};
    runner_run(round->work, round->count, options);
    options->training.observers = (struct observers){0}; /* these end here */
    progress_close(&progress);
    return store_stop(training->store, err);
}

/* What other processes have made of what is open. */
static bool look_again(struct training *training, struct error *err) {
    struct round open = {.work = arena_alloc(&training->arena, training->count, sizeof *open.work),
                         .at = arena_alloc(&training->arena, training->count, sizeof *open.at)};
    for (size_t i = 0; i < training->count; i++)
        if (training->fates[i] == FATE_OPEN) {
            open.at[open.count] = i;
            open.work[open.count++] = training->list[i];
        }
    if (!store_refresh(training->store, open.work, open.count, err))
        return false;
    for (size_t i = 0; i < open.count; i++) {
        enum trial_state state = open.work[i].state;
        training->list[open.at[i]] = open.work[i];
        if (trial_state_is_final(state) || state == TRIAL_FAILED)
            training->fates[open.at[i]] =
                trial_state_is_final(state) ? FATE_ELSEWHERE : FATE_FAILED;
    }
    return true;
}

static bool is_stopped(const struct training *training) {
    return atomic_load(training->settings->stop) != 0;
}

/* Waits until a trial that trains elsewhere has ended or was left behind. */
static bool wait_for_others(struct training *training, struct error *err) {
    size_t elsewhere = count_elsewhere(training);
    if (training->mode != PROGRESS_NONE)
        fprintf(stderr, "waiting for %zu trial%s in another process (--no-wait does not wait)\n",
                elsewhere, words_plural(elsewhere));
    while (!is_stopped(training) && count_elsewhere(training) == elsewhere) {
        struct arena before = training->arena;
        training->arena = (struct arena){0};
        nanosleep(&patience, NULL);
        bool ok = look_again(training, err);
        arena_close(&training->arena);
        training->arena = before;
        if (!ok)
            return false;
    }
    return true;
}

/* A round may leave trials open that others had claimed before, or were lost to them. */
static bool train_rounds(struct training *training, struct runner_options *options,
                         struct error *err) {
    enum store_claims claims = training->settings->claims;
    struct round round = next_round(training);
    if (training->mode != PROGRESS_NONE) {
        announce(training, &round);
        announce_lacking(training);
    }
    for (;;) {
        if (round.count && !train_round(&round, options, claims, err))
            return false;
        if (is_stopped(training) || !count_fates(training, FATE_OPEN))
            return true;
        if (!look_again(training, err))
            return false;
        claims = CLAIM_OPEN; /* what others have ended by now is as fresh as asked for */
        if (count_elsewhere(training)) {
            if (!training->settings->waits)
                return true;
            if (!wait_for_others(training, err))
                return false;
        }
        round = next_round(training);
    }
}

/* `12 trained (1 diverged), 4 skipped, 0 elsewhere, 0 failed; results in FILE` */
static void sum_up(const struct training *training) {
    struct arena arena = {0};
    size_t diverged = count_fates(training, FATE_DIVERGED);
    size_t elsewhere = count_fates(training, FATE_ELSEWHERE), running = count_elsewhere(training);
    size_t left = count_fates(training, FATE_OPEN);
    const char *text =
        arena_printf(&arena, "%zu trained", count_fates(training, FATE_TRAINED) + diverged);
    if (diverged)
        text = arena_printf(&arena, "%s (%zu diverged)", text, diverged);
    text = arena_printf(&arena, "%s, %zu skipped, %zu elsewhere", text,
                        count_fates(training, FATE_SKIPPED), elsewhere + running);
    if (running)
        text = arena_printf(&arena, "%s (%zu still running)", text, running);
    text = arena_printf(&arena, "%s, %zu failed", text,
                        count_fates(training, FATE_FAILED) +
                            count_fates(training, FATE_FAILED_BEFORE));
    if (left > running)
        text = arena_printf(&arena, "%s, %zu left", text, left - running);
    say(arena_printf(&arena, "%s; results in %s", text, training->settings->database));
    arena_close(&arena);
}

bool training_run(const struct training_settings *settings, struct work *list, size_t count,
                  struct store *store, struct error *err) {
    struct training training = {.settings = settings, .list = list, .count = count, .store = store};
    training.fates = arena_alloc(&training.arena, count, sizeof *training.fates);
    set_aside(&training);
    training.mode = progress_mode_of(settings->progress, count_fates(&training, FATE_OPEN), stderr);
    struct runner_options options = {
        .workers = settings->workers,
        .cores = machine_cores(""),
        .fuse = settings->fuse,
        .jobserver = jobserver_open(settings->asks_make ? getenv("MAKEFLAGS") : NULL),
        .training = {.checkpoint_seconds = checkpoint_seconds, .stop = settings->stop}};
    bool ok = train_rounds(&training, &options, err);
    size_t failed =
        count_fates(&training, FATE_FAILED) + count_fates(&training, FATE_FAILED_BEFORE);
    jobserver_close(&options.jobserver);
    if (ok)
        sum_up(&training);
    if (ok && is_stopped(&training))
        ok = error_set(err, ERROR_INTERRUPTED,
                       "interrupted; all is committed, the same command goes on from here");
    else if (ok && failed)
        ok = error_set(err, ERROR_FAILED, "%zu trial%s failed (mlpsweep status)", failed,
                       words_plural(failed));
    arena_close(&training.arena);
    return ok;
}
