/* `schema`: the JSON Schema of experiment files (plan/file_schema.h), for editors. */
#include "cli/commands.h"
#include "plan/file_schema.h"

static bool run(const struct invocation *in, struct error *err) {
    (void)in, (void)err;
    file_schema_write(stdout);
    return true;
}

const struct command command_schema = {
    .name = "schema",
    .help = "prints the JSON Schema of experiment files, for editors",
    .details = "With `mlpsweep schema >experiment.schema.json`, an editor that has "
               "yaml-language-server completes and checks a file that begins with the line `# "
               "yaml-language-server: $schema=experiment.schema.json`.",
    .example = "mlpsweep schema >experiment.schema.json",
    .run = run,
};
