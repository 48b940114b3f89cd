#include "cli/commands.h"
#include "cli/scope.h"
#include "report/table.h"

/* Trials, where a process that died does not count as running. */
#define TRIALS_NOW                                                                                 \
    "(SELECT trial, CASE WHEN state = 'running' AND NOT is_alive(session) THEN 'interrupted' "     \
    "ELSE "                                                                                        \
    "state END AS state, seed, epochs_done, epochs, error FROM trials)"

static const char progress_sql[] =
    "SELECT experiment, count(*) AS trials, sum(state = 'done') AS done, "
    "sum(state = 'diverged') AS diverged, sum(state = 'running') AS running, "
    "sum(state = 'interrupted') AS interrupted, sum(state = 'planned') AS planned, "
    "sum(state = 'failed') AS failed, "
    "sum(epochs_done) || '/' || sum(epochs) AS epochs FROM members JOIN " TRIALS_NOW
    " USING (trial) "
    "WHERE in_plan AND experiment = ?1 GROUP BY experiment";

static const char attention_sql[] =
    "SELECT state, trial, label, seed, epochs_done || '/' || epochs AS epochs, error FROM members "
    "JOIN " TRIALS_NOW " USING (trial) WHERE in_plan AND experiment = ?1 AND state IN ('running', "
    "'interrupted', 'failed') ORDER BY state, position";

struct part {
    struct table progress, attention;
};

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    const char **names;
    size_t count = 0;
    bool ok = scope_open(in, &database, &names, &count, err);
    struct part *parts = arena_alloc(in->arena, count, sizeof *parts);
    for (size_t i = 0; ok && i < count; i++) {
        struct sql_value name = sql_text(names[i]);
        ok = query_table(database, progress_sql, &name, 1, in->arena, &parts[i].progress, err) &&
             query_table(database, attention_sql, &name, 1, in->arena, &parts[i].attention, err);
    }
    query_close(database);
    for (size_t i = 0; ok && i < count; i++) {
        if (i)
            putchar('\n');
        if (!parts[i].progress.rows)
            printf("%s: not run yet\n", names[i]);
        else
            table_write(&parts[i].progress, TABLE_TEXT, stdout);
        if (!parts[i].attention.rows)
            continue;
        putchar('\n');
        table_write(&parts[i].attention, TABLE_TEXT, stdout);
    }
    return ok;
}

const struct command command_status = {
    .name = "status",
    .arguments = "[FILE...]",
    .help = "how far a plan is, what runs now, what failed and why",
    .details = "Without files: every experiment in the database.",
    .most = SIZE_MAX,
    .options = {OPTION_DB},
    .run = run,
};
