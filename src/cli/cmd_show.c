#include "cli/commands.h"
#include "report/show.h"

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct trial_story story;
    bool ok = query_open(option_database(in), &database, err) &&
              show_load(database, in->arguments[0], in->arena, &story, err);
    query_close(database);
    if (ok)
        show_write(&story, stdout);
    return ok;
}

const struct command command_show = {
    .name = "show",
    .arguments = "TRIAL",
    .help = "everything about one trial",
    .details = "TRIAL is its id, or the beginning of one if no other begins so.",
    .least = 1,
    .most = 1,
    .options = {OPTION_DB},
    .run = run,
};
