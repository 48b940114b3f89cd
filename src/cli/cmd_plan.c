#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/timing.h"
#include "cli/worklist.h"
#include "cli/workload.h"
#include "report/table.h"
#include "run/cohort.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Trials that the database knows: `key` is the place in the list of ids. */
static const char known_sql[] =
    "SELECT key, CASE WHEN state = 'running' AND NOT is_alive(session) THEN 'interrupted' ELSE "
    "state END FROM json_each(?1) JOIN trial_rows ON trial = value";

static const char *ids_as_json(const struct work *work, size_t count, struct arena *arena) {
    enum { ID_ROOM = sizeof work->id.trial + 3 };
    char *text = arena_alloc(arena, count * ID_ROOM + 3, 1), *at = text;
    *at++ = '[';
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "%s\"%s\"", i ? "," : "", work[i].id.trial);
    *at = ']';
    return text;
}

/* The state of each trial in the database, and what was timed; all are planned where there is none
 * yet. */
static bool read_database(const struct invocation *in, struct work *work, size_t count,
                          struct timings *timings, struct error *err) {
    const char *path = option_database(in);
    if (access(path, F_OK) != 0)
        return true;
    struct query_database *database = NULL;
    struct table table = {0};
    struct sql_value ids = sql_text(ids_as_json(work, count, in->arena));
    bool ok = query_open(path, &database, err) &&
              query_table(database, known_sql, &ids, 1, in->arena, &table, err) &&
              timings_load(database, in->arena, timings, err);
    query_close(database);
    for (size_t i = 0; ok && i < table.rows; i++) {
        struct work *known = &work[table.cells[2 * i].integer];
        if (!trial_state_find(table.cells[2 * i + 1].text, &known->state))
            ok = error_set(err, ERROR_FAILED,
                           "%s: the database is damaged (trial %s has the state '%s')", path,
                           known->id.trial, table.cells[2 * i + 1].text);
    }
    return ok;
}

static struct table make_table(const struct work *work, const double *seconds, size_t count,
                               const size_t *cohorts, struct arena *arena) {
    static const char *const names[] = {"trial",  "label", "seed",   "parameters",
                                        "cohort", "state", "seconds"};
    enum { COLUMNS = sizeof names / sizeof *names };
    struct table table = {.rows = count, .columns = COLUMNS};
    table.names = arena_alloc(arena, COLUMNS, sizeof *table.names);
    memcpy(table.names, names, sizeof names);
    table.cells = arena_alloc(arena, count * COLUMNS, sizeof *table.cells);
    for (size_t i = 0; i < count; i++) {
        const struct work *t = &work[i];
        struct sql_value cells[COLUMNS] = {
            sql_text(t->id.trial),
            sql_text(t->label),
            sql_integer((int64_t)t->trial->seed),
            sql_integer((int64_t)trial_parameters(t->trial, t->dataset->inputs,
                                                  dataset_outputs(t->dataset))),
            sql_integer((int64_t)cohorts[i] + 1),
            sql_text(trial_state_name(t->state)),
            sql_real((double)(int64_t)(seconds[i] * 10 + 0.5) / 10),
        };
        memcpy(&table.cells[i * COLUMNS], cells, sizeof cells);
    }
    return table;
}

static void print_totals(const struct work *work, const double *seconds, size_t count,
                         size_t cohorts, bool is_timed, struct arena *arena) {
    double left = 0;
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_done = work[i].state == TRIAL_DONE || work[i].state == TRIAL_DIVERGED;
        done += is_done;
        left += is_done ? 0 : seconds[i];
    }
    putchar('\n');
    table_write_wrapped(
        arena_printf(arena,
                     "%zu trial%s in %zu cohort%s, %zu done; about %.1f s of one core left%s",
                     count, count == 1 ? "" : "s", cohorts, cohorts == 1 ? "" : "s", done, left,
                     is_timed ? ", by what this machine has taken so far" : " (a rough guess)"),
        screen_columns(STDOUT_FILENO), 0, 0, stdout);
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
    struct timings timings = {0};
    if (!read_database(in, work, trials, &timings, err))
        return false;
    double *seconds = arena_alloc(in->arena, trials, sizeof *seconds);
    for (size_t i = 0; i < trials; i++)
        seconds[i] = timings_estimate(&timings, &work[i]);
    struct table table = make_table(work, seconds, trials, cohorts, in->arena);
    if (format != TABLE_TEXT)
        table_write(&table, (enum table_format)format, stdout);
    else {
        table_write_text(&table, screen_columns(STDOUT_FILENO), 2, stdout);
        print_totals(work, seconds, trials, cohort_count, timings.count > 0, in->arena);
    }
    return true;
}

const struct command command_plan = {
    .name = "plan",
    .arguments = "FILE...",
    .help = "lists the trials: id, label, size, cohort, state, estimated seconds",
    .details =
        "Seconds are those of one core, by what trials of the same kind or of similar size have\n"
        "taken on this machine; before anything was trained here, a rough guess.",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json", "how rows are written"},
                OPTION_SET,
                OPTION_WHERE},
    .run = run,
};
