#include "plan/setting.h"

#include <math.h>
#include <string.h>

/* The argument in the first row that has it, from *row on, which becomes that row. */
static const struct argument *first_argument(struct target target, size_t *row) {
    const struct entry *entry;
    for (; (entry = registry_row(target.knob->rows, *row)); ++*row) {
        const struct argument *argument = argument_find(entry, target.argument);
        if (argument)
            return argument;
    }
    return NULL;
}

/* Argument i of all that a knob's rows have, repeats included, for did-you-mean. */
static const char *argument_name(const void *context, size_t i) {
    const struct knob *knob = context;
    const struct entry *entry;
    for (size_t row = 0; (entry = registry_row(knob->rows, row)); row++)
        for (size_t a = 0; a < ARGUMENTS_MAX && entry->arguments[a].name; a++)
            if (i-- == 0)
                return entry->arguments[a].name;
    return NULL;
}

static bool find_argument(const struct knob *knob, const char *name, struct place place,
                          struct target *target, struct error *err) {
    size_t row = 0;
    if (!knob_has_arguments(knob))
        return error_at(err, place, "%s has no arguments", knob->name);
    *target = (struct target){knob, name};
    if (first_argument(*target, &row))
        return true;
    struct hint hint = names_hint(&(struct names){.at = argument_name, .context = knob}, name, "");
    return error_at(err, place, "no %s has an argument '%s'%s", knob->name, name, hint.text);
}

bool target_find(const char *key, struct place place, struct arena *arena, struct target *target,
                 struct error *err) {
    const struct knob *knob = knob_find(key);
    *target = (struct target){knob, NULL};
    if (knob)
        return true;
    const char *dot = strchr(key, '.');
    if (dot && (knob = knob_find(arena_text(arena, key, (size_t)(dot - key)))))
        return find_argument(knob, dot + 1, place, target, err);
    return error_unknown(err, place, "knob", key, &knob_names);
}

const char *target_name(struct target target, struct arena *arena) {
    return target.argument ? arena_printf(arena, "%s.%s", target.knob->name, target.argument)
                           : target.knob->name;
}

bool target_equal(struct target a, struct target b) {
    return a.knob == b.knob && !a.argument == !b.argument &&
           (!a.argument || strcmp(a.argument, b.argument) == 0);
}

bool target_is_numeric(struct target target) {
    size_t row = 0;
    if (!target.argument)
        return target.knob->type == KNOB_WHOLE || target.knob->type == KNOB_NUMBER;
    return first_argument(target, &row)->type <= ARGUMENT_WHOLE;
}

bool target_is_whole(struct target target) {
    size_t row = 0;
    return target.argument ? first_argument(target, &row)->type == ARGUMENT_WHOLE
                           : target.knob->type == KNOB_WHOLE;
}

/* A value that at least one row takes; else what the first row says of it. */
static bool parse_argument(struct setting *setting, struct arena *arena, struct error *err) {
    struct error first = {0};
    const struct argument *argument;
    double value;
    for (size_t row = 0; (argument = first_argument(setting->target, &row)); row++) {
        struct error own = {0};
        if (argument_parse(argument, setting->written, setting->place, &value, &own)) {
            setting->text = argument_text(argument, value, arena);
            error_clear(&first);
            return true;
        }
        if (first.first)
            error_clear(&own);
        error_move(&first, &own);
    }
    error_move(err, &first);
    return false;
}

const char *target_text(struct target target, const struct trial *trial, struct arena *arena) {
    if (!target.argument)
        return target.knob->type == KNOB_TOPOLOGY ? topology_text(&trial->topology, arena)
                                                  : knob_text(target.knob, trial, arena);
    struct trial own = *trial;
    const struct choice *choice = knob_choice(target.knob, &own);
    const struct argument *argument =
        choice->entry ? argument_find(choice->entry, target.argument) : NULL;
    return argument ? argument_text(argument,
                                    choice->arguments[argument - choice->entry->arguments], arena)
                    : NULL;
}

static bool parse_knob(struct setting *setting, const struct dataset_decls *decls,
                       struct arena *arena, struct error *err) {
    const struct knob *knob = setting->target.knob;
    struct trial trial = {0};
    if (!knob_parse(knob, setting->written, setting->place, decls, &trial, err))
        return false;
    void *value = arena_alloc(arena, 1, knob_size(knob));
    memcpy(value, knob_field(knob, &trial), knob_size(knob));
    setting->value = value;
    setting->text = target_text(setting->target, &trial, arena);
    return true;
}

bool setting_parse(struct target target, const char *text, struct place place,
                   const struct dataset_decls *decls, struct arena *arena, struct setting *setting,
                   struct error *err) {
    *setting = (struct setting){.target = target, .place = place, .written = text};
    return target.argument ? parse_argument(setting, arena, err)
                           : parse_knob(setting, decls, arena, err);
}

bool setting_apply(const struct setting *setting, struct trial *trial, struct error *err) {
    const struct knob *knob = setting->target.knob;
    if (setting->value) {
        knob_set(knob, setting->value, trial);
        return true;
    }
    struct choice *choice = knob_choice(knob, trial);
    const struct argument *argument =
        choice->entry ? argument_find(choice->entry, setting->target.argument) : NULL;
    if (argument)
        return argument_parse(argument, setting->text, setting->place,
                              &choice->arguments[argument - choice->entry->arguments], err);
    struct arena scratch = {0};
    error_at(err, setting->place, "%s %s has no argument '%s'", knob->name,
             choice->entry ? choice->entry->name : knob_text(knob, trial, &scratch),
             setting->target.argument);
    arena_close(&scratch);
    return false;
}

bool setting_matches(const struct setting *setting, const struct trial *trial, bool strict) {
    const struct knob *knob = setting->target.knob;
    struct trial other = *trial, own = *trial;
    struct error none = {0};
    bool is_bare = !strict && setting->value && !strchr(setting->written, '(');
    if (!setting_apply(setting, &other, &none)) {
        error_clear(&none);
        return false;
    }
    trial_resolve(&other);
    const struct choice *choice = knob_choice(knob, &other);
    if (is_bare && choice && choice->entry)
        return choice->entry == knob_choice(knob, &own)->entry;
    return knob_equal(knob, trial, &other);
}

/* The number of a target in a trial. */
static double number_of(struct target target, struct trial *trial) {
    const struct knob *knob = target.knob;
    double number;
    uint64_t whole;
    if (knob->type == KNOB_WHOLE) {
        memcpy(&whole, knob_field(knob, trial), sizeof whole);
        bool is_all = knob->automatic && knob->role != KNOB_OF_SEED && whole == 0;
        return is_all ? (double)INFINITY : (double)whole; /* train_rows: all */
    }
    if (knob->type == KNOB_NUMBER) {
        memcpy(&number, knob_field(knob, trial), sizeof number);
        return number;
    }
    const struct choice *choice = knob_choice(knob, trial);
    return choice
        ->arguments[argument_find(choice->entry, target.argument) - choice->entry->arguments];
}

bool setting_numbers(const struct setting *setting, const struct trial *trial, double *number,
                     double *of_trial) {
    struct trial other = *trial, own = *trial;
    struct error none = {0};
    if (!setting_apply(setting, &other, &none)) {
        error_clear(&none);
        return false;
    }
    trial_resolve(&other);
    *number = number_of(setting->target, &other);
    *of_trial = number_of(setting->target, &own);
    return true;
}
