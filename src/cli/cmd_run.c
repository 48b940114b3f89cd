#include "base/machine.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/worklist.h"
#include "run/cohort.h"
#include "run/memory.h"
#include "store/store.h"

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
    enum progress_choice progress;
};

/* What is left to train, and how many of the list are not. */
struct todo {
    struct work *work; /* [count] */
    size_t count, done, failed, running;
};

static bool read_settings(const struct invocation *in, struct settings *settings,
                          struct error *err) {
    static const char *const fuses[] = {"auto", "off", "always", NULL};
    static const enum fuse fuse_of[] = {FUSE_AUTO, FUSE_OFF, FUSE_AUTO};
    size_t fuse, progress;
    if (!option_whole(in, "jobs", 1, 4096, machine_cores(""), &settings->workers, err) ||
        !option_word(in, "fuse", fuses, &fuse, err) ||
        !option_word(in, "progress", progress_words, &progress, err))
        return false;
    settings->asks_make = !option_value(in, "jobs");
    settings->fuse = fuse_of[fuse];
    settings->progress = (enum progress_choice)progress;
    settings->claims = option_value(in, "fresh")   ? CLAIM_ALL
                       : option_value(in, "retry") ? CLAIM_FAILED
                                                   : CLAIM_OPEN;
    return true;
}

static struct todo select_open(const struct work *list, size_t count, enum store_claims claims,
                               struct arena *arena) {
    struct todo todo = {.work = arena_alloc(arena, count, sizeof *todo.work)};
    for (size_t i = 0; i < count; i++) {
        enum trial_state state = list[i].state;
        bool is_done = state == TRIAL_DONE || state == TRIAL_DIVERGED;
        bool has_failed = state == TRIAL_FAILED, runs = state == TRIAL_RUNNING;
        if (claims != CLAIM_ALL) {
            todo.done += is_done;
            todo.failed += has_failed && claims == CLAIM_OPEN;
            todo.running += runs;
            if (is_done || runs || (has_failed && claims == CLAIM_OPEN))
                continue;
        }
        todo.work[todo.count++] = list[i];
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

/* Several files of one name in one run count as one. */
static bool name_is_repeated(const struct workload *workloads, size_t w) {
    for (size_t i = 0; i < w; i++)
        if (strcmp(workloads[i].plan.name, workloads[w].plan.name) == 0)
            return true;
    return false;
}

static void warn_of_other_file(const struct store_members *members) {
    fprintf(stderr,
            "warning: %s and %s are both named %s and share its results (name: another tells them "
            "apart)\n",
            members->other_file, members->file, members->experiment);
}

static void tell_left(const struct store_members *members) {
    fprintf(stderr, "%zu trial%s of %s left the plan: %s no longer has %s (results stay)\n",
            members->left, members->left == 1 ? "" : "s", members->experiment, members->file,
            members->left == 1 ? "it" : "them");
}

static bool note_members(struct store *store, const struct workload *workloads, size_t count,
                         bool is_whole_file, struct arena *arena, struct error *err) {
    for (size_t w = 0; w < count; w++) {
        const struct plan *plan = &workloads[w].plan;
        struct store_members members = {.experiment = plan->name,
                                        .file = plan->file,
                                        .work = workloads[w].work,
                                        .count = plan->count,
                                        .is_whole_file =
                                            is_whole_file && !name_is_repeated(workloads, w)};
        if (!store_add_members(store, &members, arena, err))
            return false;
        if (members.other_file)
            warn_of_other_file(&members);
        if (members.left)
            tell_left(&members);
    }
    return true;
}

/* Better said before than by the kernel in the middle of the night. */
static bool check_memory(const struct todo *todo, const struct runner_options *options,
                         struct error *err) {
    double limit = machine_memory("");
    double needed = machine_resident() + memory_of_training(todo->work, todo->count, options);
    return needed <= limit ||
           error_set(err, ERROR_INVALID,
                     "training needs about %.1f GB with %zu worker%s, but only %.1f GB are there",
                     needed / 1e9, options->workers, options->workers == 1 ? "" : "s", limit / 1e9);
}

/* Trains what is left, with the database and the display as observers. Returns how many failed. */
static size_t train(const struct todo *todo, struct runner_options options, struct store *store,
                    enum progress_mode mode) {
    struct progress progress;
    progress_open(&progress, mode, stderr, todo->work, todo->count);
    struct observer observers[] = {store_observer(store), progress_observer(&progress)};
    options.training.observers = (struct observers){observers, 2};
    runner_run(todo->work, todo->count, &options);
    progress_close(&progress);
    return progress.failed;
}

static bool train_all(const struct invocation *in, const struct settings *settings,
                      const struct workload *workloads, size_t count, struct store *store,
                      atomic_int *stop, struct error *err) {
    struct work *list;
    size_t trials = worklist_join(workloads, count, in->arena, &list);
    enum progress_mode mode;
    if (!store_trials(store, list, trials, err) ||
        !note_members(store, workloads, count, !option_value(in, "set"), in->arena, err))
        return false;
    struct todo todo = select_open(list, trials, settings->claims, in->arena);
    mode = progress_mode_of(settings->progress, todo.count, stderr);
    if (mode != PROGRESS_NONE)
        announce(&todo, trials);
    if (!todo.count)
        return todo.failed == 0 || error_set(err, ERROR_FAILED, "%zu failed before", todo.failed);
    struct runner_options options = {
        .workers = settings->workers,
        .fuse = settings->fuse,
        .jobserver = jobserver_open(settings->asks_make ? getenv("MAKEFLAGS") : NULL),
        .training = {.checkpoint_seconds = checkpoint_seconds, .stop = stop}};
    if (!check_memory(&todo, &options, err))
        return false;
    if (!store_start(store, todo.work, todo.count, settings->claims, stop, err))
        return false;
    size_t failed = train(&todo, options, store, mode);
    jobserver_close(&options.jobserver);
    if (atomic_load(stop))
        return error_set(err, ERROR_INTERRUPTED,
                         "interrupted; all is committed, the same command goes on from here");
    return failed == 0 || error_set(err, ERROR_FAILED, "%zu trial%s failed (mlpsweep status)",
                                    failed, failed == 1 ? "" : "s");
}

static void tell_waiting(const char *path) {
    fprintf(stderr, "waiting for %s, which another program has locked\n", path);
}

static bool run(const struct invocation *in, struct error *err) {
    struct settings settings;
    struct workload *workloads;
    struct store *store = NULL;
    size_t count;
    atomic_int *stop = interrupt_listen(); /* while data is read, too */
    if (!read_settings(in, &settings, err) || !workload_load(in, stop, &workloads, &count, err))
        return false;
    struct session_info info = session_describe(in, workloads, count, settings.workers);
    info.stop = stop;
    info.waiting = tell_waiting;
    info.makes_folder = option_database_is_default(in);
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
