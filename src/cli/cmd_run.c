#include "base/cores.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/recorder.h"
#include "cli/session.h"
#include "cli/worklist.h"
#include "run/cohort.h"
#include "run/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Between two checkpoints of a trial. */
static const double checkpoint_seconds = 4;

struct settings {
    size_t workers;
    bool asks_make; /* workers beyond the first need a token of make's */
    enum fuse fuse;
    enum store_claims claims;
};

/* What is left to train: jobs, and which trials of the worklist they are. */
struct todo {
    struct job *jobs;
    size_t *trials;
    const char **labels;
    size_t count, done, failed, running;
};

static bool read_settings(const struct invocation *in, struct settings *settings,
                          struct error *err) {
    static const char *const fuses[] = {"auto", "off", "always", NULL};
    static const enum fuse fuse_of[] = {FUSE_AUTO, FUSE_OFF, FUSE_AUTO};
    size_t fuse;
    if (!option_whole(in, "jobs", 1, 4096, cores_available(), &settings->workers, err) ||
        !option_word(in, "fuse", fuses, &fuse, err))
        return false;
    settings->asks_make = !option_value(in, "jobs");
    settings->fuse = fuse_of[fuse];
    settings->claims = option_value(in, "fresh")   ? CLAIM_ALL
                       : option_value(in, "retry") ? CLAIM_FAILED
                                                   : CLAIM_OPEN;
    return true;
}

static struct todo select_open(const struct worklist *list, const enum trial_state *states,
                               enum store_claims claims, struct arena *arena) {
    struct todo todo = {.jobs = arena_alloc(arena, list->count, sizeof *todo.jobs),
                        .trials = arena_alloc(arena, list->count, sizeof *todo.trials),
                        .labels = arena_alloc(arena, list->count, sizeof *todo.labels)};
    for (size_t i = 0; i < list->count; i++) {
        bool is_done = states[i] == TRIAL_DONE || states[i] == TRIAL_DIVERGED;
        bool has_failed = states[i] == TRIAL_FAILED, runs = states[i] == TRIAL_RUNNING;
        if (claims != CLAIM_ALL) {
            todo.done += is_done;
            todo.failed += has_failed && claims == CLAIM_OPEN;
            todo.running += runs;
            if (is_done || runs || (has_failed && claims == CLAIM_OPEN))
                continue;
        }
        todo.jobs[todo.count] = (struct job){list->trials[i].trial, list->trials[i].dataset};
        todo.labels[todo.count] = list->labels[i];
        todo.trials[todo.count++] = i;
    }
    return todo;
}

/* `mlpsweep: 3 trials to train, 5 done, 1 failed (--retry)` */
static void announce(const struct todo *todo, size_t total) {
    if (todo->count)
        fprintf(stderr, "%zu of %zu trial%s to train", todo->count, total, total == 1 ? "" : "s");
    else
        fprintf(stderr, "nothing to train: %zu of %zu trial%s done", todo->done, total,
                total == 1 ? "" : "s");
    if (todo->count && todo->done)
        fprintf(stderr, ", %zu done", todo->done);
    if (todo->running)
        fprintf(stderr, ", %zu running in another process", todo->running);
    if (todo->failed)
        fprintf(stderr, ", %zu failed before (--retry trains them again)", todo->failed);
    fputc('\n', stderr);
}

static bool note_members(struct store *store, const struct workload *workloads, size_t count,
                         const struct worklist *list, struct error *err) {
    for (size_t w = 0; w < count; w++) {
        const struct plan *plan = &workloads[w].plan;
        struct arena scratch = {0};
        struct store_member *members = arena_alloc(&scratch, plan->count, sizeof *members);
        for (size_t i = 0; i < plan->count; i++)
            members[i] = (struct store_member){list->index[w][i], plan->trials[i].label};
        bool ok = store_members(store, plan->name, members, plan->count, err);
        arena_close(&scratch);
        if (!ok)
            return false;
    }
    return true;
}

/* Trains what is left, with the database and the display as observers. */
static void train(const struct todo *todo, const struct settings *settings,
                  struct recorder *recorder, enum progress_mode mode, atomic_int *stop) {
    struct progress progress;
    progress_open(&progress, mode, stderr, todo->jobs, todo->labels, todo->count);
    struct observer observers[] = {recorder_observer(recorder), progress_observer(&progress)};
    struct jobserver server = jobserver_open(settings->asks_make ? getenv("MAKEFLAGS") : NULL);
    struct runner_options options = {.workers = settings->workers,
                                     .fuse = settings->fuse,
                                     .jobserver = server,
                                     .training = {.checkpoint_seconds = checkpoint_seconds,
                                                  .stop = stop,
                                                  .observers = observers,
                                                  .observer_count = 2}};
    runner_run(todo->jobs, todo->count, &options);
    jobserver_close(&server);
    progress_close(&progress);
}

/* Better said before than by the kernel in the middle of the night. */
static bool check_memory(const struct todo *todo, const struct settings *settings,
                         struct error *err) {
    double most = 0, limit = memory_limit();
    for (size_t i = 0; i < todo->count; i++) {
        double bytes = cohort_memory(&todo->jobs[i]);
        most = bytes > most ? bytes : most;
    }
    size_t workers = settings->workers < todo->count ? settings->workers : todo->count;
    double needed = most * (double)workers;
    return needed <= limit ||
           error_set(err, ERROR_INVALID,
                     "training needs about %.1f GB with %zu worker%s, but only %.1f GB are there",
                     needed / 1e9, workers, workers == 1 ? "" : "s", limit / 1e9);
}

static bool train_all(const struct invocation *in, const struct settings *settings,
                      const struct workload *workloads, size_t count, struct store *store,
                      atomic_int *stop, struct error *err) {
    struct worklist list = worklist_join(workloads, count, in->arena);
    enum trial_state *states = arena_alloc(in->arena, list.count, sizeof *states);
    enum progress_mode mode;
    if (!store_trials(store, list.trials, list.count, states, err) ||
        !note_members(store, workloads, count, &list, err))
        return false;
    struct todo todo = select_open(&list, states, settings->claims, in->arena);
    struct recorder recorder = {.store = store, .trials = todo.trials};
    if (!progress_parse(option_value(in, "progress"), todo.count, stderr, &mode, err))
        return false;
    if (mode != PROGRESS_NONE)
        announce(&todo, list.count);
    if (!todo.count)
        return todo.failed == 0 || error_set(err, ERROR_FAILED, "%zu failed before", todo.failed);
    if (!check_memory(&todo, settings, err))
        return false;
    if (!store_start(store, settings->claims, stop, err))
        return false;
    train(&todo, settings, &recorder, mode, stop);
    if (atomic_load(stop))
        return error_set(err, ERROR_INTERRUPTED,
                         "interrupted; all is committed, the same command goes on from here");
    size_t failed = recorder.failed;
    return failed == 0 || error_set(err, ERROR_FAILED, "%zu trial%s failed (mlpsweep status)",
                                    failed, failed == 1 ? "" : "s");
}

static bool run(const struct invocation *in, struct error *err) {
    struct settings settings;
    struct workload *workloads;
    struct store *store = NULL;
    size_t count;
    atomic_int *stop = interrupt_listen(); /* while data is read, too */
    if (!read_settings(in, &settings, err) || !workload_load(in, &workloads, &count, err))
        return false;
    struct session_info info = session_describe(in, workloads, count, settings.workers);
    struct error training = {0};
    bool ok = store_open(option_database(in), &info, &store, err) &&
              train_all(in, &settings, workloads, count, store, stop, &training);
    ok &= store_close(store, err); /* a database that failed is the cause, not the interruption */
    if (!err->first)
        error_move(err, &training);
    error_clear(&training);
    return ok;
}

const struct command command_run = {
    .name = "run",
    .arguments = "FILE...",
    .help = "trains what is not done yet",
    .details = "Trials that are done are never trained again; an interrupted run goes on where it\n"
               "stopped. Several runs may share one database.",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"jobs", 'j', "N", "workers (default: make's job server, else the cores)"},
                {"set", 0, "K=V", "replaces a base value or collapses that axis (repeatable)"},
                {"fuse", 0, "auto|off|always",
                 "whether trials of a cohort train together; always is auto"},
                {"retry", 0, NULL, "trains failed trials again"},
                {"fresh", 0, NULL, "trains all trials again"},
                {"progress", 0, "auto|bar|lines|none", "what is shown while it trains"}},
    .run = run,
};
