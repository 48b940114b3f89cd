/* `show`: one trial with all its numbers (report/show.h). */
#include "cli/commands.h"
#include "cli/screen.h"
#include "report/show.h"

#include <unistd.h>

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct trial_story story;
    size_t format;
    bool ok = option_word(in, "format", table_formats, &format, err) &&
              query_open(option_database(in), &database, err) &&
              show_load(database, in->arguments[0], in->arena, &story, err);
    query_close(database);
    if (ok && format == TABLE_TEXT)
        show_write(&story, screen_columns(STDOUT_FILENO), screen_has_colours(STDOUT_FILENO),
                   stdout);
    else if (ok)
        show_write_as(&story, (enum table_format)format, stdout);
    return ok;
}

const struct command command_show = {
    .name = "show",
    .arguments = "TRIAL",
    .help = "everything about one trial",
    .details = "TRIAL is its id, or the beginning of one if no other begins so.",
    .example = "mlpsweep show e35e9c35",
    .least = 1,
    .most = 1,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json",
                 "csv: one row; json: an object with all tables (default: table)"}},
    .run = run,
};
