#include "cli/commands.h"

#include "base/names.h"

#include <string.h>

const struct command *const commands[] = {
    &command_check,      &command_plan,    &command_run,     &command_status, &command_summary,
    &command_show,       &command_compare, &command_plot,    &command_report, &command_sql,
    &command_export,     &command_weights, &command_predict, &command_merge,  &command_remove,
    &command_rename,     &command_slurm,   &command_list,    &command_schema, &command_doctor,
    &command_completion, &command_help,
};

const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static const char *command_name(const void *unused, size_t i) {
    (void)unused;
    return i < command_count ? commands[i]->name : NULL;
}

const struct command *command_named(const char *name, struct error *err) {
    const struct command *command = command_find(name);
    struct hint hint = names_hint(&(struct names){.at = command_name}, name, "");
    if (!command)
        error_set(err, ERROR_USAGE, "unknown command '%s'%s", name,
                  *hint.text ? hint.text : " (see mlpsweep help)");
    return command;
}
