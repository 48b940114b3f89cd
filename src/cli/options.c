#include "cli/options.h"

#include "base/names.h"
#include "base/text.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char *option_name(const void *context, size_t i) {
    const struct command *command = context;
    return i < OPTIONS_MAX ? command->options[i].name : NULL;
}

static size_t count_options(const struct command *command) {
    size_t n = 0;
    while (n < OPTIONS_MAX && command->options[n].name)
        n++;
    return n;
}

/* What getopt_long reads by: long option i has the value 256 + i, --help comes behind the last. */
static struct option *long_options(const struct command *command, char *letters,
                                   struct arena *arena) {
    size_t n = count_options(command);
    struct option *table = arena_alloc(arena, n + 2, sizeof *table);
    *letters++ = ':';
    for (size_t i = 0; i < n; i++) {
        const struct option_spec *spec = &command->options[i];
        table[i] = (struct option){spec->name, spec->argument ? required_argument : no_argument,
                                   NULL, 256 + (int)i};
        if (!spec->letter)
            continue;
        *letters++ = spec->letter;
        if (spec->argument)
            *letters++ = ':';
    }
    table[n] = (struct option){"help", no_argument, NULL, 256 + (int)n};
    *letters++ = 'h';
    *letters = '\0';
    return table;
}

static const struct option_spec *spec_of(const struct command *command, int found) {
    for (size_t i = 0; i < count_options(command); i++)
        if (found == 256 + (int)i || found == command->options[i].letter)
            return &command->options[i];
    return NULL;
}

static bool refuse_option(const struct command *command, int found, char **argv,
                          struct error *err) {
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_letter = optopt > 0 && optopt < 256; /* perhaps one of several in a word */
    const char *word = is_letter ? letter : argv[optind - 1];
    if (found == ':')
        return error_set(err, ERROR_USAGE, "%s: option %s needs a value", command->name, word);
    const char *name = word + strspn(word, "-");
    struct names names = {.at = option_name, .context = command};
    struct hint hint = {""};
    if (strncmp(word, "--", 2) == 0)
        hint = names_hint(&names, name, "--");
    if (*hint.text)
        return error_set(err, ERROR_USAGE, "%s: unknown option '%s'%s", command->name, word,
                         hint.text);
    return error_set(err, ERROR_USAGE, "%s: unknown option '%s' (see mlpsweep help %s)",
                     command->name, word, command->name);
}

static bool check_arguments(const struct invocation *in, struct error *err) {
    const struct command *command = in->command;
    if (in->count < command->least)
        return error_set(err, ERROR_USAGE, "%s: %s is missing (see mlpsweep help %s)",
                         command->name, command->arguments, command->name);
    if (in->count > command->most)
        return error_set(err, ERROR_USAGE, "%s: '%s' is one argument too many", command->name,
                         in->arguments[command->most]);
    return true;
}

bool options_read(int argc, char **argv, struct arena *arena, struct invocation *in,
                  struct error *err) {
    *in = (struct invocation){.arena = arena, .line = ""};
    for (int i = 0; i < argc; i++)
        in->line = arena_printf(arena, "%s%s%s", in->line, i ? " " : "", argv[i]);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        in->command = command_find("help");
        in->count = argc > 2;
        in->arguments = argv + 2;
        return true;
    }
    in->command = command_named(argv[1], err);
    if (!in->command)
        return false;
    char letters[2 * OPTIONS_MAX + 3];
    struct option *table = long_options(in->command, letters, arena);
    in->options = arena_alloc(arena, (size_t)argc, sizeof *in->options);
    opterr = 0;
    optind = 1;
    for (int found; (found = getopt_long(argc - 1, argv + 1, letters, table, NULL)) != -1;) {
        if (found == 'h' || found == 256 + (int)count_options(in->command)) {
            in->arguments = (char **)arena_alloc(arena, 1, sizeof *in->arguments);
            in->arguments[0] = argv[1];
            in->count = 1;
            in->command = command_find("help");
            return true;
        }
        const struct option_spec *spec = spec_of(in->command, found);
        if (!spec)
            return refuse_option(in->command, found, argv + 1, err);
        const char *value = optarg ? optarg : "";
        if (spec->argument && !*value)
            return error_set(err, ERROR_USAGE, "%s: option --%s needs a value, not ''",
                             in->command->name, spec->name);
        in->options[in->given].option = spec;
        in->options[in->given++].value = value;
    }
    in->count = (size_t)(argc - 1 - optind);
    in->arguments = argv + 1 + optind;
    return check_arguments(in, err);
}

const char *option_value_at(const struct invocation *in, const char *name, size_t i) {
    for (size_t g = 0; g < in->given; g++)
        if (strcmp(in->options[g].option->name, name) == 0 && i-- == 0)
            return in->options[g].value;
    return NULL;
}

const char *const *option_values(const struct invocation *in, const char *name, size_t *count) {
    const char **values = arena_alloc(in->arena, in->given + 1, sizeof *values);
    for (*count = 0; (values[*count] = option_value_at(in, name, *count));)
        ++*count;
    return values;
}

const char *option_value(const struct invocation *in, const char *name) {
    const char *last = NULL, *value;
    for (size_t i = 0; (value = option_value_at(in, name, i)); i++)
        last = value;
    return last;
}

const char *option_database_unnamed(void) {
    const char *variable = getenv("MLPSWEEP_DB");
    return variable && *variable ? variable : OPTION_DATABASE_DEFAULT;
}

const char *option_database(const struct invocation *in) {
    const char *given = option_value(in, "db");
    return given ? given : option_database_unnamed();
}

bool option_database_is_default(const struct invocation *in) {
    const char *variable = getenv("MLPSWEEP_DB");
    return !option_value(in, "db") && !(variable && *variable);
}

bool option_whole(const struct invocation *in, const char *name, size_t minimum, size_t maximum,
                  size_t fallback, size_t *result, struct error *err) {
    const char *value = option_value(in, name);
    uint64_t whole;
    *result = fallback;
    if (!value)
        return true;
    if (!text_to_whole(value, strlen(value), &whole) || whole < minimum || whole > maximum)
        return error_set(err, ERROR_USAGE, "--%s is a whole number in %zu..%zu, not '%s'", name,
                         minimum, maximum, value);
    *result = (size_t)whole;
    return true;
}

bool option_word(const struct invocation *in, const char *name, const char *const *words,
                 size_t *result, struct error *err) {
    const char *value = option_value(in, name), *all = "";
    *result = 0;
    for (size_t i = 0; words[i]; i++) {
        if (value && strcmp(value, words[i]) == 0) {
            *result = i;
            return true;
        }
        all = arena_printf(in->arena, "%s%s%s", all, i ? ", " : "", words[i]);
    }
    return !value || error_set(err, ERROR_USAGE, "--%s is one of %s, not '%s'", name, all, value);
}
