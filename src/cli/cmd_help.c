/* `help`: what the table of commands says, as text or as manual pages. Knows no command of its own.
 */
#include "cli/commands.h"
#include "cli/manual.h"
#include "report/table.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 84 }; /* columns of prose */

static void list_commands(struct arena *arena) {
    puts("mlpsweep COMMAND [OPTIONS] [ARGUMENTS]\n");
    int width = 0;
    for (size_t i = 0; i < command_count; i++)
        width = (int)strlen(commands[i]->name) > width ? (int)strlen(commands[i]->name) : width;
    for (size_t i = 0; i < command_count; i++)
        printf("  %-*s  %s\n", width, commands[i]->name, commands[i]->help);
    const char *text = "mlpsweep help COMMAND tells more; mlpsweep --version the version. "
                       "Exit status: ";
    for (const struct manual_row *row = manual_exit_statuses; row->name; row++)
        text =
            arena_printf(arena, "%s%s %s%s", text, row->name, row->text, row[1].name ? ", " : ".");
    putchar('\n');
    table_write_wrapped(text, WIDTH, 0, 0, stdout);
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

static void show_command(const struct command *command, struct arena *arena) {
    printf("mlpsweep %s%s%s%s%s\n\n%s\n", command->name, command->options[0].name ? " " : "",
           command->options[0].name ? "[OPTIONS]" : "", command->arguments ? " " : "",
           command->arguments ? command->arguments : "", command->help);
    if (command->details) {
        putchar('\n');
        table_write_wrapped(command->details, WIDTH, 0, 0, stdout);
    }
    show_options(command, arena);
    if (command->example)
        printf("\nExample: %s\n", command->example);
}

static bool run(const struct invocation *in, struct error *err) {
    const struct command *command = in->count ? command_named(in->arguments[0], err) : NULL;
    if (in->count && !command)
        return false;
    if (option_value(in, "man"))
        manual_write(command, in->arena, stdout);
    else if (command)
        show_command(command, in->arena);
    else
        list_commands(in->arena);
    return true;
}

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .help = "what a command does and takes",
    .example = "mlpsweep help run",
    .most = 1,
    .options = {{"man", 0, NULL,
                 "writes the manual page as source: mlpsweep help --man | man -l -"}},
    .run = run,
};
