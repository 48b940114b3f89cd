#include "cli/completion.h"

#include "data/dataset.h"
#include "report/figure.h"
#include "store/query.h"
#include "trial/knob.h"

#include <ctype.h>
#include <string.h>

enum { IDS_MAX = 200 }; /* of trials: more are no help */

/* Where candidates go. */
struct completion {
    const char *const *words; /* [count] */
    size_t count;
    const char *last,
        *prefix; /* the word that is being written; what stands before each candidate */
    struct arena *arena;
    FILE *out;
};

static void put(const struct completion *to, const char *word, const char *help) {
    const char *whole = arena_printf(to->arena, "%s%s", to->prefix, word);
    if (strncmp(whole, to->last, strlen(to->last)) == 0)
        fprintf(to->out, "%s%s%s\n", whole, help ? "\t" : "", help ? help : "");
}

static void put_commands(const struct completion *to) {
    for (size_t i = 0; i < command_count; i++)
        put(to, commands[i]->name, commands[i]->help);
}

static void put_options(const struct completion *to, const struct command *command) {
    for (size_t i = 0; i < OPTIONS_MAX && command->options[i].name; i++)
        put(to, arena_printf(to->arena, "--%s", command->options[i].name),
            command->options[i].help);
    put(to, "--help", "what the command does and takes");
}

/* The database that --db names among the words, or else that of the environment. */
static const char *database_of(const struct completion *to) {
    const char *path = option_database_unnamed();
    for (size_t i = 0; i + 1 < to->count; i++) {
        if (strcmp(to->words[i], "--db") == 0 && i + 2 < to->count)
            path = to->words[i + 1];
        if (strncmp(to->words[i], "--db=", 5) == 0)
            path = to->words[i] + 5;
    }
    return path;
}

static void put_rows(const struct completion *to, const char *sql) {
    struct query_database *database = NULL;
    struct table table = {0};
    struct error err = {0};
    struct sql_value cells[] = {sql_text(to->last), sql_integer(IDS_MAX)};
    if (query_open(database_of(to), &database, &err) &&
        query_table(database, sql, cells, 2, to->arena, &table, &err))
        for (size_t i = 0; i < table.rows; i++)
            put(to, table.cells[2 * i].text, table.cells[2 * i + 1].text);
    query_close(database);
    error_clear(&err);
}

static void put_experiments(const struct completion *to) {
    put_rows(to, "SELECT experiment, count(*) || ' trials' FROM member_rows WHERE in_plan AND "
                 "experiment GLOB ?1 || '*' GROUP BY 1 LIMIT ?2");
}

static void put_trials(const struct completion *to) {
    put_rows(to, "SELECT trial, state || ', ' || coalesce((SELECT experiment || ' ' || label FROM "
                 "member_rows WHERE trial_id = id), '') || ' seed=' || seed FROM trial_rows WHERE "
                 "trial GLOB ?1 || '*' AND id > 0 LIMIT ?2");
}

static void put_files(const struct completion *to) {
    fputs(":files\n", to->out);
}

static void put_figures(const struct completion *to) {
    for (size_t i = 0; i < figure_count; i++)
        put(to, figures[i].name, figures[i].help);
}

static void put_values(struct completion to, const struct knob *knob) {
    const struct entry *row;
    const struct data_source *source;
    to.prefix = arena_printf(to.arena, "%s=", knob->name);
    for (size_t i = 0; knob->rows && (row = registry_row(knob->rows, i)); i++)
        put(&to, row->name, row->help);
    for (size_t i = 0; knob->type == KNOB_DATASET && (source = data_builtin(i)); i++)
        put(&to, source->name, source->help);
    if (knob->automatic)
        put(&to, knob->automatic, NULL);
}

/* `knob=`, and behind that its choices. */
static void put_settings(const struct completion *to) {
    const char *equals = strchr(to->last, '=');
    for (size_t i = 0; i < knob_count; i++) {
        size_t length = strlen(knobs[i].name);
        if (!equals)
            put(to, arena_printf(to->arena, "%s=", knobs[i].name), knobs[i].help);
        else if ((size_t)(equals - to->last) == length &&
                 strncmp(to->last, knobs[i].name, length) == 0)
            put_values(*to, &knobs[i]);
    }
    put(to, "repeats=", "how many seeds");
}

/* What help names in capitals. */
static const struct {
    const char *name;
    void (*put)(const struct completion *to);
} kinds[] = {
    {"FILE", put_files},     {"FOLDER", put_files},     {"OUT.db", put_files},
    {"IN.db", put_files},    {"NAME", put_experiments}, {"EXPERIMENT", put_experiments},
    {"TRIAL", put_trials},   {"COMMAND", put_commands}, {"K=V", put_settings},
    {"FIGURE", put_figures},
};

/* `[FILE|NAME...]`, `table|csv|json`: words as they stand, capitals by what they name. */
static void put_arguments(const struct completion *to, const char *arguments) {
    static const char between[] = "[]|, ";
    for (const char *at = arguments + strspn(arguments, between); *at;) {
        size_t length = strcspn(at, between), own = length;
        while (own > 3 && strncmp(at + own - 3, "...", 3) == 0)
            own -= 3;
        const char *name = arena_text(to->arena, at, own);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (strcmp(kinds[i].name, name) == 0)
                kinds[i].put(to);
        if (islower((unsigned char)*name))
            put(to, name, NULL);
        at += length;
        at += strspn(at, between);
    }
}

/* The option whose value the last word is, or NULL; that of `--name=value` begins at *value. */
static const struct option_spec *awaiting(const struct command *command,
                                          const struct completion *to, const char **value) {
    const char *before = to->words[to->count - 2], *equals = strchr(to->last, '=');
    *value = to->last;
    for (size_t i = 0; i < OPTIONS_MAX && command->options[i].name; i++) {
        const struct option_spec *option = &command->options[i];
        size_t length = strlen(option->name);
        if (!option->argument)
            continue;
        if ((strncmp(before, "--", 2) == 0 && strcmp(before + 2, option->name) == 0) ||
            (option->letter && before[0] == '-' && before[1] == option->letter && !before[2]))
            return option;
        if (equals && strncmp(to->last, "--", 2) == 0 &&
            (size_t)(equals - to->last) == length + 2 &&
            strncmp(to->last + 2, option->name, length) == 0) {
            *value = equals + 1;
            return option;
        }
    }
    return NULL;
}

void completion_write(const char *const *words, size_t count, struct arena *arena, FILE *out) {
    struct completion to = {words, count, count ? words[count - 1] : "", "", arena, out};
    const struct command *command = count > 1 ? command_find(words[0]) : NULL;
    const struct option_spec *option;
    const char *value;
    if (count < 2) {
        put_commands(&to);
        put(&to, "--help", "the commands");
        put(&to, "--version", "the version");
    } else if (command && (option = awaiting(command, &to, &value))) {
        bool is_joined = value != to.last;
        if (!is_joined)
            put_arguments(&to, option->argument);
        else if (strcmp(option->argument, "K=V") != 0) {
            to.prefix = arena_text(arena, to.last, (size_t)(value - to.last));
            put_arguments(&to, option->argument);
        }
    } else if (command && to.last[0] == '-')
        put_options(&to, command);
    else if (command && command->arguments)
        put_arguments(&to, command->arguments);
}
