#include "cli/commands.h"

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
