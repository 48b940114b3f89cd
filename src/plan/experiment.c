#include "plan/read.h"

#include "base/text.h"
#include "plan/dataset_decl.h"
#include "plan/figure_decl.h"

#include <string.h>

enum { REPEATS_MAX = 1000000 };

static void read_name(const struct reader *r, const struct yaml_node *node);
static void read_question(const struct reader *r, const struct yaml_node *node);
static void read_base(const struct reader *r, const struct yaml_node *node);
static void read_repeats(const struct reader *r, const struct yaml_node *node);
static void read_draws(const struct reader *r, const struct yaml_node *node);
static void read_draw_seed(const struct reader *r, const struct yaml_node *node);
static void read_datasets(const struct reader *r, const struct yaml_node *node);
static void read_figures(const struct reader *r, const struct yaml_node *node);

/* In the order in which they are read: values may name declared data sets, and a sweep with draws
 * may have distributions. */
static const struct key {
    struct experiment_key entry;
    void (*read)(const struct reader *r, const struct yaml_node *node); /* NULL: read before */
} keys[] = {
    {{"name", "default: the file's name",
      "\"type\": \"string\", \"pattern\": \"^[a-z0-9][a-z0-9_-]{0,63}$\""},
     read_name},
    {{"question", "what the experiment is to answer; reports print it", "\"type\": \"string\""},
     read_question},
    {{"datasets", "files of your own by name; paths are relative to this file",
      "\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/$defs/declaration\"}"},
     read_datasets},
    {{"base", "one value per knob", "\"$ref\": \"#/$defs/settings\""}, read_base},
    {{"draws", "a random search of so many variants",
      "\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1000000"},
     read_draws},
    {{"draw_seed", "of the random search; default 1", "\"type\": \"integer\", \"minimum\": 0"},
     read_draw_seed},
    {{"sweep", "a list of values per knob: their product; or a list of such mappings",
      "\"anyOf\": [{\"$ref\": \"#/$defs/sweep\"}, {\"type\": \"array\", \"minItems\": 1, "
      "\"items\": "
      "{\"$ref\": \"#/$defs/sweep\"}}]"},
     read_sweep},
    {{"repeats", "seeds seed, seed + 1, ...; default 1",
      "\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1000000"},
     read_repeats},
    {{"exclude", "partial settings; variants that match one are dropped",
      "\"type\": \"array\", \"items\": {\"minProperties\": 1, \"$ref\": \"#/$defs/conditions\"}"},
     read_excludes},
    {{"baseline", "what the other variants are compared with; default: the leader",
      "\"minProperties\": 1, \"$ref\": \"#/$defs/settings\""},
     read_baseline},
    {{"extends", "another file, which this one builds on", "\"type\": \"string\""}, NULL},
    {{"figures", "figures of your own for plot",
      "\"type\": \"array\", \"items\": {\"type\": \"object\", \"required\": [\"x\", \"y\"], "
      "\"additionalProperties\": false, \"properties\": {\"name\": true, \"x\": true, \"y\": true, "
      "\"by\": true, \"where\": true}}"},
     read_figures},
};
enum { KEYS = sizeof keys / sizeof *keys };

static const char *key_name(const void *unused, size_t i) {
    (void)unused;
    return i < KEYS ? keys[i].entry.name : NULL;
}

const struct experiment_key *experiment_key(size_t i) {
    return i < KEYS ? &keys[i].entry : NULL;
}

static const struct synonym key_synonyms[] = {
    {"grid", "sweep"},           {"parameters", "sweep"},    {"defaults", "base"},
    {"config", "base"},          {"runs", "repeats"},        {"seeds", "repeats"},
    {"n_seeds", "repeats"},      {"replicates", "repeats"},  {"title", "name"},
    {"description", "question"}, {"data", "datasets"},       {"inherits", "extends"},
    {"include", "extends"},      {"constraints", "exclude"}, {"skip", "exclude"},
    {"samples", "draws"},        {"n_iter", "draws"},
};

static const struct names key_names = {key_name, NULL, key_synonyms,
                                       sizeof key_synonyms / sizeof *key_synonyms};

/* Targets of Makefile.experiments, which no experiment may hide. */
static bool is_reserved(const char *name) {
    static const char *const targets[] = {"deps",  "build", "all",  "plots", "report",
                                          "bench", "clean", "test", "data"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i], name) == 0)
            return true;
    return false;
}

bool experiment_check_name(const char *name, struct place place, struct error *err) {
    if (!name_is_plain(name))
        return error_at(err, place, "an experiment's name is [a-z0-9][a-z0-9_-]{0,63}, not '%s'%s",
                        name, place.line || !place.file ? "" : "; add a line `name: NAME`");
    return !is_reserved(name) ||
           error_at(err, place, "'%s' is a make target; choose another name", name);
}

static void set_name(const struct reader *r, struct place place, const char *name) {
    r->experiment->name = name;
    if (!experiment_check_name(name, place, r->err))
        return; /* other errors of the file are still to be found */
}

static void read_name(const struct reader *r, const struct yaml_node *node) {
    if (node->type != YAML_SCALAR || yaml_is_null(node))
        error_at(r->err, node->place, "name must be a text");
    else
        set_name(r, node->place, node->text);
}

/* The file's name without its folder and .yaml or .yml. */
static void name_after_file(const struct reader *r) {
    const char *slash = strrchr(r->path, '/'), *base = slash ? slash + 1 : r->path;
    const char *dot = strrchr(base, '.');
    bool yaml = dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
    set_name(r, (struct place){.file = r->path},
             arena_text(r->arena, base, yaml ? (size_t)(dot - base) : strlen(base)));
}

static void read_question(const struct reader *r, const struct yaml_node *node) {
    if (node->type != YAML_SCALAR)
        error_at(r->err, node->place, "question must be a text");
    else
        r->experiment->question = node->text;
}

/* A whole number in least..maximum. */
static void read_count(const struct reader *r, const struct yaml_node *node, const char *key,
                       double least, double maximum, uint64_t *count) {
    double number;
    if (node->type != YAML_SCALAR || !node->is_plain ||
        !text_to_yaml_number(node->text, strlen(node->text), &number) || number < least ||
        number > maximum || number != (double)(uint64_t)number)
        error_at(r->err, node->place, "%s must be a whole number in %.0f..%.0f", key, least,
                 maximum);
    else
        *count = (uint64_t)number;
}

static void read_repeats(const struct reader *r, const struct yaml_node *node) {
    uint64_t repeats = 1;
    read_count(r, node, "repeats", 1, REPEATS_MAX, &repeats);
    r->experiment->repeats = (size_t)repeats;
    r->experiment->repeats_place = node->place;
}

static void read_draws(const struct reader *r, const struct yaml_node *node) {
    uint64_t draws = 1; /* also with an error: distributions have a meaning */
    read_count(r, node, "draws", 1, 1000000, &draws);
    r->experiment->draws = (size_t)draws;
    r->experiment->draws_place = node->place;
}

static void read_draw_seed(const struct reader *r, const struct yaml_node *node) {
    if (!r->experiment->draws)
        error_at(r->err, node->place, "draw_seed is for a random search: draws: is missing");
    read_count(r, node, "draw_seed", 0, 9007199254740992.0, &r->experiment->draw_seed);
}

static void read_datasets(const struct reader *r, const struct yaml_node *node) {
    if (!dataset_decls_read(node, r->arena, &r->experiment->decls, r->err))
        return; /* its errors are noted; the names serve all the same */
}

static void read_figures(const struct reader *r, const struct yaml_node *node) {
    struct figure_decls decls;
    if (!figure_decls_read(node, r->arena, &decls, r->err))
        return; /* its errors are noted; figures are drawn by `plot` alone, which reads them again
                 */
}

/* A list of widths as knob_parse reads it. NULL: not a list of plain scalars. */
static const char *list_text(const struct reader *r, const struct yaml_node *node) {
    const char *text = "[";
    for (size_t i = 0; i < node->count; i++) {
        if (node->values[i]->type != YAML_SCALAR || !node->values[i]->is_plain)
            return NULL;
        text = arena_printf(r->arena, "%s%s%s", text, i ? ", " : "", node->values[i]->text);
    }
    return arena_printf(r->arena, "%s]", text);
}

static bool is_automatic(struct target target, const char *text) {
    return !target.argument && target.knob->automatic && strcmp(text, target.knob->automatic) == 0;
}

bool read_setting(const struct reader *r, struct target target, const struct yaml_node *node,
                  struct setting *setting) {
    const char *text = node->text, *name = target_name(target, r->arena);
    bool is_topology = !target.argument && target.knob->type == KNOB_TOPOLOGY;
    if (node->type == YAML_MAP)
        return error_at(r->err, node->place,
                        is_topology ? "a mapping of widths and depths belongs under sweep:"
                                    : "%s must be a single value",
                        name);
    if (node->type == YAML_LIST) {
        text = is_topology ? list_text(r, node) : NULL;
        if (!text && is_topology)
            return error_at(r->err, node->place,
                            "a topology is a list of widths without quotes, such as [20, 15]");
        if (!text)
            return error_at(
                r->err, node->place,
                "%s must be a single value here; a list of values belongs under sweep:", name);
    } else if (yaml_is_null(node))
        return error_at(r->err, node->place, "%s has no value", name);
    else if (target_is_numeric(target) && !node->is_plain && !is_automatic(target, text))
        return error_at(r->err, node->place, "%s is a number: write it without quotes", name);
    else if (target_is_numeric(target) && values_are_called(node))
        return error_at(r->err, node->place, "%s stands for a list: it belongs under sweep:", text);
    return setting_parse(target, text, node->place, &r->experiment->decls, r->arena, setting,
                         r->err);
}

bool read_target(const struct reader *r, const struct yaml_node *key, struct target *target) {
    if (target_find(key->text, key->place, r->arena, target, r->err))
        return true;
    const char *near = names_near(&knob_names, key->text);
    if (near && strcmp(near, "dataset") == 0)
        *r->lacks_dataset_name = true;
    return false;
}

static struct setting *add_setting(struct settings *settings, struct arena *arena) {
    settings->list =
        arena_grow(arena, settings->list, settings->count, &settings->room, sizeof *settings->list);
    return &settings->list[settings->count++];
}

static void read_base(const struct reader *r, const struct yaml_node *node) {
    if (node->type != YAML_MAP) {
        error_at(r->err, node->place, "base must be a mapping of knobs to values");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        struct target target;
        if (!read_target(r, node->keys[i], &target))
            continue;
        struct setting *setting = add_setting(&r->experiment->base, r->arena);
        if (!read_setting(r, target, node->values[i], setting))
            setting->target = target; /* given, if wrongly */
    }
}

const struct setting *settings_find(const struct settings *settings, struct target target) {
    for (size_t i = settings->count; i-- > 0;)
        if (target_equal(settings->list[i].target, target))
            return &settings->list[i];
    return NULL;
}

static void check_keys(const struct reader *r, const struct yaml_node *root) {
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *key = root->keys[i];
        size_t k = 0;
        while (k < KEYS && strcmp(keys[k].entry.name, key->text) != 0)
            k++;
        if (k < KEYS)
            continue;
        const char *near = names_near(&key_names, key->text);
        *r->lacks_dataset_name |= strcmp(key->text, "dataset") == 0 ||
                                  (near && (!strcmp(near, "base") || !strcmp(near, "sweep")));
        if (knob_find(key->text))
            error_at(r->err, key->place, "the knob '%s' belongs under base: or sweep:", key->text);
        else
            error_unknown(r->err, key->place, "key", key->text, &key_names);
    }
}

static bool gives_dataset(const struct experiment *experiment) {
    const struct target dataset = {knob_find("dataset"), NULL};
    if (settings_find(&experiment->base, dataset))
        return true;
    for (size_t b = 0; b < experiment->block_count; b++) {
        bool here = false;
        for (size_t a = 0; a < experiment->blocks[b].count; a++)
            for (size_t t = 0; t < experiment->blocks[b].axes[a].target_count; t++)
                here |= target_equal(experiment->blocks[b].axes[a].targets[t], dataset);
        if (!here)
            return false;
    }
    return experiment->block_count > 0;
}

bool experiment_read(const char *path, const struct yaml_node *root, struct arena *arena,
                     struct experiment *experiment, struct error *err) {
    bool lacks_dataset_name = false;
    struct reader r = {path, arena, experiment, err, &lacks_dataset_name};
    *experiment = (struct experiment){.repeats = 1, .draw_seed = 1};
    size_t before = err->count;
    if (root->type != YAML_MAP)
        return error_at(err, root->place, "an experiment is a mapping (name:, base:, sweep:, ...)");
    check_keys(&r, root);
    for (size_t k = 0; k < KEYS; k++) {
        const struct yaml_node *node = yaml_find(root, keys[k].entry.name);
        if (node && keys[k].read)
            keys[k].read(&r, node);
    }
    if (!experiment->name)
        name_after_file(&r);
    if (!experiment->block_count) {
        experiment->blocks = arena_alloc(arena, 1, sizeof *experiment->blocks);
        experiment->blocks[experiment->block_count++].place = (struct place){.file = path};
    }
    experiment->lacks_dataset = !gives_dataset(experiment) && !lacks_dataset_name;
    return err->count == before;
}

/* What --set takes beside knobs. */
static const char *repeats_name(const void *unused, size_t i) {
    (void)unused;
    return i ? NULL : "repeats";
}

static bool unknown_override(const char *name, struct error *err) {
    const struct names others = {.at = repeats_name};
    struct hint hint = names_hint(&knob_names, name, "");
    if (!*hint.text)
        hint = names_hint(&others, name, "");
    return error_set(err, ERROR_USAGE, "--set: unknown knob '%s'%s", name, hint.text);
}

/* Whether the override takes the place of another setting: its own target, and where it writes a
 * choice all arguments that it gives or that the choice has not. */
static bool replaces(const struct setting *by, struct target target) {
    if (target_equal(by->target, target))
        return true;
    if (by->target.argument || by->target.knob != target.knob)
        return false;
    struct trial trial = {0};
    knob_set(by->target.knob, by->value, &trial);
    const struct choice *choice = knob_choice(by->target.knob, &trial);
    return strchr(by->written, '(') || !choice->entry ||
           !argument_find(choice->entry, target.argument);
}

static void collapse(struct experiment *experiment, const struct setting *by) {
    size_t kept = 0;
    for (size_t i = 0; i < experiment->base.count; i++)
        if (!replaces(by, experiment->base.list[i].target))
            experiment->base.list[kept++] = experiment->base.list[i];
    experiment->base.count = kept;
    for (size_t b = 0; b < experiment->block_count; b++)
        for (size_t a = 0; a < experiment->blocks[b].count; a++) {
            struct axis *axis = &experiment->blocks[b].axes[a];
            for (size_t t = 0; t < axis->target_count; t++)
                axis->replaced[t] |= replaces(by, axis->targets[t]);
        }
}

static bool override_repeats(struct experiment *experiment, const char *text, const char *value,
                             struct error *err) {
    uint64_t repeats;
    if (!text_to_whole(value, strlen(value), &repeats) || repeats < 1 || repeats > REPEATS_MAX)
        return error_set(err, ERROR_USAGE, "--set %s: repeats must be a whole number in 1..1000000",
                         text);
    experiment->repeats = (size_t)repeats;
    experiment->repeats_place = (struct place){.file = "--set"};
    return true;
}

bool experiment_override(struct experiment *experiment, const char *text, struct arena *arena,
                         struct error *err) {
    const char *equals = strchr(text, '=');
    if (!equals)
        return error_set(err, ERROR_USAGE, "--set is written K=V, not '%s'", text);
    const char *name = arena_text(arena, text, (size_t)(equals - text)), *value = equals + 1;
    if (strcmp(name, "repeats") == 0)
        return override_repeats(experiment, text, value, err);
    struct error own = {0};
    struct target target;
    struct setting setting;
    if (!strchr(name, '.') && !knob_find(name))
        return unknown_override(name, err);
    bool ok = target_find(name, (struct place){0}, arena, &target, &own) &&
              setting_parse(target, value, (struct place){.file = "--set"}, &experiment->decls,
                            arena, &setting, &own);
    if (!ok)
        error_set(err, ERROR_USAGE, "--set %s: %s", text, own.first->text);
    error_clear(&own);
    if (!ok)
        return false;
    collapse(experiment, &setting);
    *add_setting(&experiment->overrides, arena) = setting;
    experiment->lacks_dataset &= target.knob != knob_find("dataset");
    return true;
}
