#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/worklist.h"
#include "cli/workload.h"
#include "report/table.h"
#include "run/cohort.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The state of each trial in the database; all are planned where there is none yet. */
static bool read_states(const struct invocation *in, struct work *work, size_t count,
                        struct error *err) {
    const char *path = option_database(in);
    if (access(path, F_OK) != 0)
        return true;
    struct query_database *database = NULL;
    struct table table = {0};
    bool ok = query_open(path, &database, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct sql_value id = sql_text(work[i].id.trial);
        ok = query_table(database,
                         "SELECT CASE WHEN state = 'running' AND NOT is_alive(session) THEN "
                         "'interrupted' ELSE state END FROM trials WHERE trial = ?",
                         &id, 1, in->arena, &table, err);
        if (ok && table.rows && !trial_state_find(table.cells[0].text, &work[i].state))
            ok = error_set(err, ERROR_FAILED,
                           "%s: the database is damaged (trial %s has the state '%s')", path,
                           work[i].id.trial, table.cells[0].text);
    }
    query_close(database);
    return ok;
}

static struct table make_table(const struct work *work, size_t count, const size_t *cohorts,
                               struct arena *arena) {
    static const char *const names[] = {"trial",  "label", "seed",   "parameters",
                                        "cohort", "state", "seconds"};
    enum { COLUMNS = sizeof names / sizeof *names };
    struct table table = {.rows = count, .columns = COLUMNS};
    table.names = arena_alloc(arena, COLUMNS, sizeof *table.names);
    memcpy(table.names, names, sizeof names);
    table.cells = arena_alloc(arena, count * COLUMNS, sizeof *table.cells);
    for (size_t i = 0; i < count; i++) {
        const struct work *t = &work[i];
        double seconds = (double)(int64_t)(cohort_estimate(t) * 10 + 0.5) / 10;
        struct sql_value cells[COLUMNS] = {
            sql_text(t->id.trial),
            sql_text(t->label),
            sql_integer((int64_t)t->trial->seed),
            sql_integer((int64_t)trial_parameters(t->trial, t->dataset->inputs,
                                                  dataset_outputs(t->dataset))),
            sql_integer((int64_t)cohorts[i] + 1),
            sql_text(trial_state_name(t->state)),
            sql_real(seconds),
        };
        memcpy(&table.cells[i * COLUMNS], cells, sizeof cells);
    }
    return table;
}

static void print_totals(const struct work *work, size_t count, size_t cohorts) {
    double seconds = 0;
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_done = work[i].state == TRIAL_DONE || work[i].state == TRIAL_DIVERGED;
        done += is_done;
        seconds += is_done ? 0 : cohort_estimate(&work[i]);
    }
    printf("\n%zu trial%s in %zu cohort%s, %zu done; about %.1f s of one core left\n", count,
           count == 1 ? "" : "s", cohorts, cohorts == 1 ? "" : "s", done, seconds);
}

static bool run(const struct invocation *in, struct error *err) {
    struct workload *workloads;
    size_t count, format;
    if (!option_word(in, "format", table_formats, &format, err) ||
        !workload_load(in, NULL, &workloads, &count, err))
        return false;
    struct work *work;
    size_t trials = worklist_join(workloads, count, in->arena, &work);
    size_t *cohorts = arena_alloc(in->arena, trials, sizeof *cohorts);
    size_t cohort_count = cohort_number(work, trials, cohorts);
    if (!read_states(in, work, trials, err))
        return false;
    struct table table = make_table(work, trials, cohorts, in->arena);
    if (format != TABLE_TEXT)
        table_write(&table, (enum table_format)format, stdout);
    else {
        table_write_text(&table, screen_columns(STDOUT_FILENO), 2, stdout);
        print_totals(work, trials, cohort_count);
    }
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
                OPTION_SET,
                OPTION_WHERE},
    .run = run,
};
