#include "cli/commands.h"
#include "report/export.h"

#include <string.h>

static bool run(const struct invocation *in, struct error *err) {
    static const char *const views[] = {"trials", "epochs", NULL};
    struct query_database *database = NULL;
    size_t format, view = 0;
    while (views[view] && strcmp(views[view], in->arguments[0]) != 0)
        view++;
    if (!views[view])
        return error_set(err, ERROR_USAGE, "export: trials or epochs, not '%s'", in->arguments[0]);
    bool ok = option_word(in, "format", export_formats, &format, err) &&
              query_open(option_database(in), &database, err) &&
              export_view(database, views[view], (enum export_format)format, stdout, err);
    query_close(database);
    return ok;
}

const struct command command_export = {
    .name = "export",
    .arguments = "trials|epochs",
    .help = "all trials or epochs, for other tools",
    .least = 1,
    .most = 1,
    .options = {OPTION_DB, {"format", 0, "csv|jsonl", "how rows are written"}},
    .run = run,
};
