#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

static bool list_commands(void) {
    puts("mlpsweep COMMAND [OPTIONS] [ARGUMENTS]\n");
    int width = 0;
    for (size_t i = 0; i < command_count; i++)
        width = (int)strlen(commands[i]->name) > width ? (int)strlen(commands[i]->name) : width;
    for (size_t i = 0; i < command_count; i++)
        printf("  %-*s  %s\n", width, commands[i]->name, commands[i]->help);
    puts("\nmlpsweep help COMMAND tells more; mlpsweep --version the version.\n"
         "Exit status: 0 done, 1 something failed while running, 2 wrong command line, 3 invalid\n"
         "experiment or data, 130 interrupted.");
    return true;
}

/* `-j, --jobs N` */
static const char *option_text(const struct option_spec *option, struct arena *arena) {
    const char *letter = option->letter ? arena_printf(arena, "-%c, ", option->letter) : "    ";
    return arena_printf(arena, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                        option->argument ? option->argument : "");
}

static void show_options(const struct command *command, struct arena *arena) {
    int width = 0;
    for (size_t i = 0; i < OPTIONS_MAX && command->options[i].name; i++) {
        int own = (int)strlen(option_text(&command->options[i], arena));
        width = own > width ? own : width;
    }
    for (size_t i = 0; i < OPTIONS_MAX && command->options[i].name; i++)
        printf("%s  %-*s  %s\n", i ? "" : "\n", width, option_text(&command->options[i], arena),
               command->options[i].help);
}

static bool run(const struct invocation *in, struct error *err) {
    if (!in->count)
        return list_commands();
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = commands[i];
        if (strcmp(command->name, in->arguments[0]) != 0)
            continue;
        printf("mlpsweep %s%s%s%s%s\n\n%s\n", command->name, command->options[0].name ? " " : "",
               command->options[0].name ? "[OPTIONS]" : "", command->arguments ? " " : "",
               command->arguments ? command->arguments : "", command->help);
        if (command->details)
            printf("\n%s\n", command->details);
        show_options(command, in->arena);
        return true;
    }
    return error_set(err, ERROR_USAGE, "unknown command '%s' (see mlpsweep help)",
                     in->arguments[0]);
}

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .help = "what a command does and takes",
    .most = 1,
    .run = run,
};
