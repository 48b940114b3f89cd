#include "cli/commands.h"
#include "cli/worklist.h"
#include "cli/workload.h"
#include "report/table.h"
#include "run/cohort.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The state of each trial in the database; all are planned where there is none yet. */
static bool read_states(const struct invocation *in, const struct worklist *list,
                        const char **states, struct error *err) {
    const char *path = option_database(in);
    for (size_t i = 0; i < list->count; i++)
        states[i] = "planned";
    if (access(path, F_OK) != 0)
        return true;
    struct query_database *database = NULL;
    struct table table = {0};
    bool ok = query_open(path, &database, err);
    for (size_t i = 0; ok && i < list->count; i++) {
        struct sql_value id = sql_text(list->trials[i].id.trial);
        ok = query_table(database, "SELECT state FROM trials WHERE trial = ?", &id, 1, in->arena,
                         &table, err);
        if (ok && table.rows)
            states[i] = table.cells[0].text;
    }
    query_close(database);
    return ok;
}

static struct table make_table(const struct worklist *list, const size_t *cohorts,
                               const char *const *states, struct arena *arena) {
    static const char *const names[] = {"trial",  "label", "seed",   "parameters",
                                        "cohort", "state", "seconds"};
    enum { COLUMNS = sizeof names / sizeof *names };
    struct table table = {.rows = list->count, .columns = COLUMNS};
    table.names = arena_alloc(arena, COLUMNS, sizeof *table.names);
    memcpy(table.names, names, sizeof names);
    table.cells = arena_alloc(arena, list->count * COLUMNS, sizeof *table.cells);
    for (size_t i = 0; i < list->count; i++) {
        const struct store_trial *t = &list->trials[i];
        struct job job = {t->trial, t->dataset};
        double seconds = (double)(int64_t)(cohort_estimate(&job) * 10 + 0.5) / 10;
        struct sql_value cells[COLUMNS] = {
            sql_text(t->id.trial),
            sql_text(list->labels[i]),
            sql_integer((int64_t)t->trial->seed),
            sql_integer((int64_t)trial_parameters(t->trial, t->dataset->inputs,
                                                  dataset_outputs(t->dataset))),
            sql_integer((int64_t)cohorts[i] + 1),
            sql_text(states[i]),
            sql_real(seconds),
        };
        memcpy(&table.cells[i * COLUMNS], cells, sizeof cells);
    }
    return table;
}

static void print_totals(const struct worklist *list, const char *const *states, size_t cohorts) {
    double seconds = 0;
    size_t done = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct job job = {list->trials[i].trial, list->trials[i].dataset};
        bool is_done = strcmp(states[i], "done") == 0 || strcmp(states[i], "diverged") == 0;
        done += is_done;
        seconds += is_done ? 0 : cohort_estimate(&job);
    }
    printf("\n%zu trial%s in %zu cohort%s, %zu done; about %.1f s of one core left\n", list->count,
           list->count == 1 ? "" : "s", cohorts, cohorts == 1 ? "" : "s", done, seconds);
}

static bool run(const struct invocation *in, struct error *err) {
    struct workload *workloads;
    size_t count, format;
    if (!option_word(in, "format", table_formats, &format, err) ||
        !workload_load(in, &workloads, &count, err))
        return false;
    struct worklist list = worklist_join(workloads, count, in->arena);
    struct job *jobs = arena_alloc(in->arena, list.count, sizeof *jobs);
    size_t *cohorts = arena_alloc(in->arena, list.count, sizeof *cohorts);
    const char **states = arena_alloc(in->arena, list.count, sizeof *states);
    for (size_t i = 0; i < list.count; i++)
        jobs[i] = (struct job){list.trials[i].trial, list.trials[i].dataset};
    size_t cohort_count = cohort_number(jobs, list.count, cohorts);
    if (!read_states(in, &list, states, err))
        return false;
    struct table table = make_table(&list, cohorts, states, in->arena);
    table_write(&table, (enum table_format)format, stdout);
    if (format == TABLE_TEXT)
        print_totals(&list, states, cohort_count);
    return true;
}

const struct command command_plan = {
    .name = "plan",
    .arguments = "FILE...",
    .help = "lists the trials: id, label, size, cohort, state, estimated seconds",
    .details = "Seconds are a rough guess for one core, each trial alone; trials of one cohort\n"
               "share part of their work.",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json", "how rows are written"},
                {"set", 0, "K=V", "replaces a base value or collapses that axis (repeatable)"}},
    .run = run,
};
