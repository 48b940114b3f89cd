/* The commands by name. */
#ifndef MLPSWEEP_CLI_COMMANDS_H
#define MLPSWEEP_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct command command_check, command_completion, command_compare, command_doctor,
    command_export, command_help, command_list, command_merge, command_plan, command_plot,
    command_predict, command_remove, command_rename, command_report, command_run, command_schema,
    command_show, command_slurm, command_sql, command_status, command_summary, command_weights;

#endif
