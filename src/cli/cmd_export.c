/* `export`: all trials or epochs for other tools, row by row. Which columns there are, the views
 * say (report/export.h). */
#include "cli/commands.h"
#include "cli/selection.h"
#include "cli/where.h"
#include "report/export.h"

#include <string.h>

/* *experiment is that of --experiment, NULL without it. */
static bool open_experiment(const struct invocation *in, struct query_database **database,
                            const char **experiment, struct error *err) {
    char *named = (char *)option_value(in, "experiment");
    struct invocation one = *in;
    struct selection *selection;
    size_t count;
    if (!named)
        return query_open(option_database(in), database, err) && where_apply(in, *database, err);
    one.arguments = &named;
    one.count = 1;
    if (!selection_open(&one, database, &selection, &count, err))
        return false;
    *experiment = selection->name;
    return true;
}

static bool run(const struct invocation *in, struct error *err) {
    static const char *const views[] = {"trials", "epochs", NULL};
    struct query_database *database = NULL;
    const char *experiment = NULL;
    size_t format, view = 0;
    while (views[view] && strcmp(views[view], in->arguments[0]) != 0)
        view++;
    if (!views[view])
        return error_set(err, ERROR_USAGE, "export: trials or epochs, not '%s'", in->arguments[0]);
    if (!option_word(in, "format", export_formats, &format, err))
        return false;
    bool ok = open_experiment(in, &database, &experiment, err) &&
              export_view(database, views[view], experiment, format, stdout, err);
    query_close(database);
    return ok;
}

const struct command command_export = {
    .name = "export",
    .arguments = "trials|epochs",
    .help = "all trials or epochs, for other tools",
    .example = "mlpsweep export epochs --experiment notebook --format csv >epochs.csv",
    .least = 1,
    .most = 1,
    .options = {OPTION_DB,
                {"experiment", 0, "FILE|NAME", "only what is in the plan of this experiment"},
                {"format", 0, "csv|jsonl", "how rows are written"},
                OPTION_WHERE},
    .run = run,
};
