#include "cli/commands.h"
#include "cli/scope.h"
#include "report/summary.h"

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    const char **names;
    size_t count = 0;
    bool ok = scope_open(in, &database, &names, &count, err);
    struct results *results = arena_alloc(in->arena, count, sizeof *results);
    for (size_t i = 0; ok && i < count; i++)
        ok = results_load(database, names[i], in->arena, &results[i], err);
    query_close(database);
    for (size_t i = 0; ok && i < count; i++) {
        if (i)
            putchar('\n');
        summary_write(&results[i], stdout);
    }
    return ok;
}

const struct command command_summary = {
    .name = "summary",
    .arguments = "[FILE...]",
    .help = "leaderboard of variants, and what they say about overfitting",
    .details = "Without files: every experiment in the database.",
    .most = SIZE_MAX,
    .options = {OPTION_DB},
    .run = run,
};
