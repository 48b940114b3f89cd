/* `summary`: leaderboards, and what they say in words (report/summary.h). */
#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/selection.h"
#include "report/summary.h"

#include <unistd.h>

/* One table of all experiments. */
static void write_numbers(const struct summary *summaries, size_t count, enum table_format format,
                          struct arena *arena) {
    struct table all = {0};
    for (size_t i = 0; i < count; i++) {
        struct table one = leaderboard_numbers(&summaries[i].results, summaries[i].verdicts, arena);
        table_append(&all, &one, arena);
    }
    table_write(&all, format, stdout);
}

/* An experiment that cannot be read keeps no other from being summed up. */
static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct selection *selections;
    size_t count = 0, loaded = 0, format;
    bool ok = option_word(in, "format", table_formats, &format, err) &&
              selection_open(in, &database, &selections, &count, err);
    struct summary *summaries = arena_alloc(in->arena, count, sizeof *summaries);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        if (summary_load(database, selections[i].name, HISTORY_OF_VERDICTS, in->arena,
                         &summaries[loaded], &own) &&
            selection_declare(&selections[i], &summaries[loaded].results, in->arena, &own))
            selections[loaded++] = selections[i];
        error_move(err, &own);
    }
    query_close(database);
    if (loaded && format != TABLE_TEXT)
        write_numbers(summaries, loaded, (enum table_format)format, in->arena);
    for (size_t i = 0; format == TABLE_TEXT && i < loaded; i++) {
        if (i)
            putchar('\n');
        summary_write(&summaries[i], screen_columns(STDOUT_FILENO),
                      screen_has_colours(STDOUT_FILENO), stdout);
        selection_note(&selections[i], &summaries[i].results, stdout);
    }
    return ok && err->kind == ERROR_NONE;
}

const struct command command_summary = {
    .name = "summary",
    .arguments = "[FILE|NAME...]",
    .help = "leaderboard of variants, and what they say about overfitting",
    .details = "FILE is the plan of an experiment file as it is now, NAME an experiment as the "
               "database has it. Without either: every experiment in the database.",
    .example = "mlpsweep summary notebook",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json",
                 "csv and json: a row a variant with all its numbers (default: table)"},
                OPTION_WHERE},
    .run = run,
};
