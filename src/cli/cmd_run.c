/* `run`: the trials of experiment files are put into the database, and what is not done yet is
 * trained. The only command that trains. */
#include "base/machine.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "cli/shard_option.h"
#include "cli/training.h"
#include "cli/worklist.h"
#include "report/words.h"

#include <stdio.h>
#include <string.h>

static bool read_settings(const struct invocation *in, struct training_settings *settings,
                          struct error *err) {
    static const char *const fuses[] = {[FUSE_AUTO] = "auto", [FUSE_OFF] = "off", NULL};
    size_t fuse, progress;
    if (!option_whole(in, "jobs", 1, 4096, machine_cores(""), &settings->workers, err) ||
        !option_word(in, "fuse", fuses, &fuse, err) ||
        !option_word(in, "progress", progress_words, &progress, err))
        return false;
    settings->asks_make = !option_value(in, "jobs");
    settings->fuse = (enum fuse)fuse;
    settings->progress = (enum progress_choice)progress;
    settings->waits = !option_value(in, "no-wait");
    settings->database = option_database(in);
    settings->claims = option_value(in, "fresh")   ? CLAIM_ALL
                       : option_value(in, "retry") ? CLAIM_FAILED
                                                   : CLAIM_OPEN;
    return true;
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
            members->left, words_plural(members->left), members->experiment, members->file,
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

static bool train(const struct invocation *in, struct training_settings *settings,
                  const struct shard *shard, const struct workload *workloads, size_t count,
                  struct store *store, struct error *err) {
    struct work *list;
    size_t trials = worklist_join(workloads, count, in->arena, &list);
    bool is_whole_file = !option_value(in, "set") && !option_value(in, "where");
    return shard_filter(in, shard, list, &trials, err) && store_trials(store, list, trials, err) &&
           note_members(store, workloads, count, is_whole_file, in->arena, err) &&
           training_run(settings, list, trials, store, err);
}

static void tell_waiting(const char *path) {
    fprintf(stderr, "waiting for %s, which another program has locked\n", path);
}

static bool run(const struct invocation *in, struct error *err) {
    struct training_settings settings;
    struct workload *workloads;
    struct store *store = NULL;
    struct shard shard;
    size_t count;
    atomic_int *stop = interrupt_listen(); /* while data is read, too */
    settings.stop = stop;
    if (!read_settings(in, &settings, err) || !shard_read(in, &shard, err) ||
        !workload_load(in, stop, &workloads, &count, err))
        return false;
    struct session_info info = session_describe(in, workloads, count, settings.workers);
    info.stop = stop;
    info.waiting = tell_waiting;
    info.makes_folder = option_database_is_default(in);
    if (shard.count && !option_value(in, "db")) {
        settings.database = shard_database(in, &shard, workloads, count);
        info.makes_folder = true;
    }
    struct error training = {0};
    bool ok = store_open(settings.database, &info, &store, err) &&
              train(in, &settings, &shard, workloads, count, store, &training);
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
    .details = "Trials that are done are never trained again; an interrupted run goes on where it "
               "stopped. Several runs may share one database: each trains what no other does, and "
               "waits for what the others still train.",
    .example = "mlpsweep run notebook.yaml --set repeats=2",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"jobs", 'j', "N", "workers (default: make's job server, else the cores)"},
                OPTION_SET,
                OPTION_WHERE,
                {"fuse", 0, "auto|off",
                 "whether trials of a cohort train together (default: auto)"},
                {"shard", 0, "I/N",
                 "the I-th of N parts, into a database of its own (merge joins)"},
                {"retry", 0, NULL, "trains failed trials again"},
                {"fresh", 0, NULL, "trains all trials again"},
                {"no-wait", 0, NULL, "does not wait for trials that train in other processes"},
                {"progress", 0, "auto|bar|lines|none", "what is shown while it trains"}},
    .run = run,
};
