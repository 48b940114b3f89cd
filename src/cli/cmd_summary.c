#include "cli/commands.h"
#include "cli/scope.h"
#include "report/summary.h"

#include <string.h>

/* One table of all experiments. */
static void write_numbers(const struct summary *summaries, size_t count, enum table_format format,
                          struct arena *arena) {
    struct table all = {0};
    for (size_t i = 0; i < count; i++) {
        struct table one = leaderboard_numbers(&summaries[i].results, summaries[i].verdicts, arena);
        struct sql_value *cells =
            arena_alloc(arena, (all.rows + one.rows) * one.columns, sizeof *cells);
        if (all.rows)
            memcpy(cells, all.cells, all.rows * one.columns * sizeof *cells);
        memcpy(cells + all.rows * one.columns, one.cells, one.rows * one.columns * sizeof *cells);
        all = (struct table){all.rows + one.rows, one.columns, one.names, cells};
    }
    table_write(&all, format, stdout);
}

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    const char **names;
    size_t count = 0, format;
    bool ok = option_word(in, "format", table_formats, &format, err) &&
              scope_open(in, &database, &names, &count, err);
    struct summary *summaries = arena_alloc(in->arena, count, sizeof *summaries);
    for (size_t i = 0; ok && i < count; i++)
        ok = summary_load(database, names[i], in->arena, &summaries[i], err);
    query_close(database);
    if (ok && format != TABLE_TEXT)
        write_numbers(summaries, count, (enum table_format)format, in->arena);
    for (size_t i = 0; ok && format == TABLE_TEXT && i < count; i++) {
        if (i)
            putchar('\n');
        summary_write(&summaries[i], stdout);
    }
    return ok;
}

const struct command command_summary = {
    .name = "summary",
    .arguments = "[FILE...]",
    .help = "leaderboard of variants, and what they say about overfitting",
    .details = "Without files: every experiment in the database.",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json",
                 "csv and json: a row a variant with all its numbers (default: table)"}},
    .run = run,
};
