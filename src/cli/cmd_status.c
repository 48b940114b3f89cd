/* `status`: how far experiments are, what runs now and what failed. Reads only: a trial whose
 * process died is told as interrupted, and stays as it is in the database. */
#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/selection.h"
#include "cli/slurm_jobs.h"
#include "report/table.h"

#include <string.h>
#include <unistd.h>

/* Members of an experiment's plan, where a process that died does not count as running. */
#define MEMBERS_NOW                                                                                \
    "(SELECT experiment, position, label, trial, CASE WHEN state = 'running' AND NOT "             \
    "is_alive(session) THEN 'interrupted' ELSE state END AS state, seed, epochs_done, epochs, "    \
    "error FROM member_rows JOIN trial_rows ON id = trial_id WHERE in_plan AND experiment = ?1)"

static const char progress_sql[] =
    "SELECT experiment, count(*) AS trials, sum(state = 'done') AS done, "
    "sum(state = 'diverged') AS diverged, sum(state = 'running') AS running, "
    "sum(state = 'interrupted') AS interrupted, sum(state = 'planned') AS planned, "
    "sum(state = 'failed') AS failed, "
    "sum(epochs_done) || '/' || sum(epochs) AS epochs FROM " MEMBERS_NOW " GROUP BY experiment";

static const char attention_sql[] =
    "SELECT state, trial, label, seed, epochs_done || '/' || epochs AS epochs, error "
    "FROM " MEMBERS_NOW
    " WHERE state IN ('running', 'interrupted', 'failed') ORDER BY state, position";

struct part {
    struct table progress, attention;
};

static void write_parts(const struct part *parts, const struct selection *selections, size_t count,
                        const char *database) {
    size_t room = screen_columns(STDOUT_FILENO);
    for (size_t i = 0; i < count; i++) {
        if (i)
            putchar('\n');
        table_write_text(&parts[i].progress, room, 1, stdout);
        selection_note(&selections[i], NULL, stdout);
        slurm_jobs_print(database, selections[i].name, stdout);
        if (!parts[i].attention.rows)
            continue;
        putchar('\n');
        table_write_styled(&parts[i].attention, room, 2,
                           screen_has_colours(STDOUT_FILENO) ? table_style_states : NULL, stdout);
    }
}

static void write_rows(const struct part *parts, size_t count, enum table_format format,
                       struct arena *arena) {
    struct table all = {0};
    for (size_t i = 0; i < count; i++)
        table_append(&all, &parts[i].progress, arena);
    table_write(&all, format, stdout);
}

/* Jobs of files that the database has no trial of yet. False: there are none. */
static bool print_submitted(const struct invocation *in) {
    bool any = false;
    for (size_t i = 0; i < in->count; i++) {
        struct error ignored = {0};
        struct plan plan;
        if (strpbrk(in->arguments[i], "./") &&
            plan_load(in->arguments[i], NULL, in->arena, &plan, &ignored))
            any |= slurm_jobs_print(option_database(in), plan.name, stdout);
        error_clear(&ignored);
    }
    return any;
}

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct selection *selections;
    size_t count = 0, format;
    bool ok = option_word(in, "format", table_formats, &format, err) &&
              selection_open(in, &database, &selections, &count, err);
    if (err->kind == ERROR_FAILED && !count && format == TABLE_TEXT && print_submitted(in)) {
        query_close(database);
        error_clear(err);
        return true;
    }
    bool complete = err->kind == ERROR_NONE;
    struct part *parts = arena_alloc(in->arena, count, sizeof *parts);
    for (size_t i = 0; ok && i < count; i++) {
        struct sql_value name = sql_text(selections[i].name);
        ok = query_table(database, progress_sql, &name, 1, in->arena, &parts[i].progress, err) &&
             query_table(database, attention_sql, &name, 1, in->arena, &parts[i].attention, err);
    }
    query_close(database);
    if (ok && format == TABLE_TEXT)
        write_parts(parts, selections, count, option_database(in));
    else if (ok)
        write_rows(parts, count, (enum table_format)format, in->arena);
    return ok && complete;
}

const struct command command_status = {
    .name = "status",
    .arguments = "[FILE|NAME...]",
    .help = "how far a plan is, what runs now, what failed and why",
    .details = "FILE is the plan of an experiment file as it is now, NAME an experiment as the "
               "database has it. Without either: every experiment in the database.",
    .example = "mlpsweep status notebook.yaml",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json", "csv and json: a row an experiment"},
                OPTION_WHERE},
    .run = run,
};
