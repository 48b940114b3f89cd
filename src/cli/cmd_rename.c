/* `rename`: gives an experiment another name in the database. The file is the user's, and stays. */
#include "cli/commands.h"
#include "plan/experiment.h"
#include "store/remove.h"

#include <stdio.h>

static bool run(const struct invocation *in, struct error *err) {
    const char *experiment = in->arguments[0], *name = in->arguments[1];
    if (!experiment_check_name(name, (struct place){0}, err)) {
        err->kind = ERROR_USAGE;
        return false;
    }
    if (!rename_experiment(option_database(in), experiment, name, err))
        return false;
    fprintf(stderr, "%s is %s now; its file needs `name: %s`\n", experiment, name, name);
    return true;
}

const struct command command_rename = {
    .name = "rename",
    .arguments = "EXPERIMENT NAME",
    .help = "gives an experiment another name; keeps its results",
    .example = "mlpsweep rename notebook digits",
    .least = 2,
    .most = 2,
    .options = {OPTION_DB},
    .run = run,
};
