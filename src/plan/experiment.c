#include "plan/experiment.h"

#include "base/text.h"
#include "plan/dataset_decl.h"

#include <string.h>

/* What is being read, and what it becomes. */
struct reader {
    const char *path;
    struct arena *arena;
    struct experiment *experiment;
    struct error *err;
};

static void read_name(const struct reader *r, const struct yaml_node *node);
static void read_question(const struct reader *r, const struct yaml_node *node);
static void read_base(const struct reader *r, const struct yaml_node *node);
static void read_sweep(const struct reader *r, const struct yaml_node *node);
static void read_repeats(const struct reader *r, const struct yaml_node *node);
static void read_datasets(const struct reader *r, const struct yaml_node *node);

/* In the order in which they are read: values may name declared data sets. */
static const struct {
    const char *key;
    void (*read)(const struct reader *r, const struct yaml_node *node); /* NULL: not yet */
} keys[] = {
    {"name", read_name}, {"question", read_question}, {"datasets", read_datasets},
    {"base", read_base}, {"sweep", read_sweep},       {"repeats", read_repeats},
    {"baseline", NULL},  {"exclude", NULL},           {"extends", NULL},
    {"draws", NULL},     {"draw_seed", NULL},
};
enum { KEYS = sizeof keys / sizeof *keys };

static const char *key_name(const void *unused, size_t i) {
    (void)unused;
    return i < KEYS ? keys[i].key : NULL;
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

static bool not_yet(const struct reader *r, struct place place, const char *what) {
    return error_at(r->err, place, "%s is not supported by this version yet", what);
}

/* Targets of Makefile.experiments, which no experiment may hide. */
static bool is_reserved(const char *name) {
    static const char *const targets[] = {"deps",  "build", "all",  "plots", "report",
                                          "bench", "clean", "test", "data"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i], name) == 0)
            return true;
    return false;
}

static void set_name(const struct reader *r, struct place place, const char *name) {
    r->experiment->name = name;
    if (!name_is_plain(name))
        error_at(r->err, place, "an experiment's name is [a-z0-9][a-z0-9_-]{0,63}, not '%s'%s",
                 name, place.line ? "" : "; give it a name:");
    else if (is_reserved(name))
        error_at(r->err, place, "'%s' is a make target; choose another name", name);
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

static void read_repeats(const struct reader *r, const struct yaml_node *node) {
    uint64_t repeats;
    if (node->type != YAML_SCALAR || !node->is_plain ||
        !text_to_whole(node->text, strlen(node->text), &repeats) || repeats < 1 ||
        repeats > 1000000)
        error_at(r->err, node->place, "repeats must be a whole number in 1..1000000");
    else
        r->experiment->repeats = (size_t)repeats;
}

static void read_datasets(const struct reader *r, const struct yaml_node *node) {
    if (!dataset_decls_read(r->path, node, r->arena, &r->experiment->decls, r->err))
        return; /* its errors are noted; the names serve all the same */
}

/* A list of widths as knob_parse reads it. NULL: not a list of scalars. */
static const char *list_text(const struct reader *r, const struct yaml_node *node) {
    const char *text = "[";
    for (size_t i = 0; i < node->count; i++) {
        if (node->values[i]->type != YAML_SCALAR)
            return NULL;
        text = arena_printf(r->arena, "%s%s%s", text, i ? ", " : "", node->values[i]->text);
    }
    return arena_printf(r->arena, "%s]", text);
}

/* One value of a knob into its field of the trial. */
static bool read_value(const struct reader *r, const struct knob *knob,
                       const struct yaml_node *node, struct trial *trial) {
    const char *text = node->text;
    bool numeric = knob->type == KNOB_WHOLE || knob->type == KNOB_NUMBER;
    if (node->type == YAML_MAP)
        return knob->type == KNOB_TOPOLOGY
                   ? not_yet(r, node->place, "a mapping of topologies")
                   : error_at(r->err, node->place, "%s must be a single value", knob->name);
    if (node->type == YAML_LIST) {
        text = knob->type == KNOB_TOPOLOGY ? list_text(r, node) : NULL;
        if (!text)
            return error_at(r->err, node->place,
                            "%s must be a single value here; a list of values belongs under sweep:",
                            knob->name);
    } else if (yaml_is_null(node))
        return error_at(r->err, node->place, "%s has no value", knob->name);
    else if (numeric && !node->is_plain && (!knob->automatic || strcmp(text, knob->automatic) != 0))
        return error_at(r->err, node->place, "%s is a number: write it without quotes", knob->name);
    return knob_parse(knob, text, node->place, &r->experiment->decls, trial, r->err);
}

/* The knob that a key under base: or sweep: names; NULL with an error. */
static const struct knob *find_knob(const struct reader *r, const struct yaml_node *key) {
    const struct knob *knob = knob_find(key->text);
    const char *dot = strchr(key->text, '.');
    if (!knob && dot && knob_find(arena_text(r->arena, key->text, (size_t)(dot - key->text))))
        not_yet(r, key->place, "an argument as a knob of its own");
    else if (!knob)
        error_unknown(r->err, key->place, "knob", key->text, &knob_names);
    return knob;
}

static void read_base(const struct reader *r, const struct yaml_node *node) {
    if (node->type != YAML_MAP) {
        error_at(r->err, node->place, "base must be a mapping of knobs to values");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct knob *knob = find_knob(r, node->keys[i]);
        if (!knob)
            continue;
        r->experiment->base_places[knob - knobs] = node->values[i]->place;
        if (!read_value(r, knob, node->values[i], &r->experiment->base))
            continue;
    }
}

/* `range(...)` and its kind. */
static bool is_value_function(const struct yaml_node *node) {
    static const char *const names[] = {"range(", "linspace(", "logspace(", "uniform(",
                                        "loguniform("};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (node->type == YAML_SCALAR && strncmp(node->text, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static bool is_whole(const struct yaml_node *node) {
    uint64_t whole;
    return node->type == YAML_SCALAR && text_to_whole(node->text, strlen(node->text), &whole);
}

static bool repeats_earlier(const struct axis *axis, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (knob_equal(axis->knob, &axis->values[i], &axis->values[j]))
            return true;
    return false;
}

/* The values of an axis; those with errors are left out. */
static void read_list(const struct reader *r, struct axis *axis, const struct yaml_node *list) {
    axis->values = arena_alloc(r->arena, list->count, sizeof *axis->values);
    axis->places = arena_alloc(r->arena, list->count, sizeof *axis->places);
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *node = list->values[i];
        axis->values[axis->count] = r->experiment->base;
        axis->places[axis->count] = node->place;
        if (axis->knob->type == KNOB_TOPOLOGY && is_whole(node)) {
            error_at(r->err, node->place,
                     "a topology is a list: [[20, 15]] is one of two layers, [[20], [15]] are two "
                     "of one");
            return;
        }
        if (!read_value(r, axis->knob, node, &axis->values[axis->count]))
            continue;
        if (repeats_earlier(axis, axis->count))
            error_at(r->err, node->place, "%s has this value already", axis->knob->name);
        else
            axis->count++;
    }
}

static void read_axis(const struct reader *r, const struct yaml_node *key,
                      const struct yaml_node *node) {
    if (strcmp(key->text, "zip") == 0) {
        not_yet(r, key->place, "zip:");
        return;
    }
    const struct knob *knob = find_knob(r, key);
    if (!knob)
        return;
    struct axis *axis = &r->experiment->axes[r->experiment->axis_count++];
    *axis = (struct axis){.knob = knob, .place = node->place};
    if (is_value_function(node))
        not_yet(r, node->place, "a function of values");
    else if (node->type == YAML_LIST && node->count == 0)
        error_at(r->err, node->place, "%s has no values to sweep over", knob->name);
    else if (node->type == YAML_LIST)
        read_list(r, axis, node);
    else
        read_list(r, axis, &(struct yaml_node){.type = YAML_LIST, .count = 1, .values = &node});
}

static void read_sweep(const struct reader *r, const struct yaml_node *node) {
    if (node->type == YAML_LIST) {
        not_yet(r, node->place, "a list of sweeps");
        return;
    }
    if (node->type != YAML_MAP) {
        error_at(r->err, node->place, "sweep must be a mapping of knobs to lists of values");
        return;
    }
    r->experiment->axes = arena_alloc(r->arena, node->count, sizeof *r->experiment->axes);
    for (size_t i = 0; i < node->count; i++)
        read_axis(r, node->keys[i], node->values[i]);
}

static void check_keys(const struct reader *r, const struct yaml_node *root) {
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *key = root->keys[i];
        size_t k = 0;
        while (k < KEYS && strcmp(keys[k].key, key->text) != 0)
            k++;
        if (k == KEYS && knob_find(key->text))
            error_at(r->err, key->place, "the knob '%s' belongs under base: or sweep:", key->text);
        else if (k == KEYS)
            error_unknown(r->err, key->place, "key", key->text, &key_names);
        else if (!keys[k].read)
            not_yet(r, key->place, arena_printf(r->arena, "'%s:'", key->text));
    }
}

bool experiment_read(const char *path, const struct yaml_node *root, struct arena *arena,
                     struct experiment *experiment, struct error *err) {
    struct reader r = {path, arena, experiment, err};
    *experiment = (struct experiment){.base = trial_default(), .repeats = 1};
    experiment->base_places = arena_alloc(arena, knob_count, sizeof *experiment->base_places);
    size_t before = err->count;
    if (root->type != YAML_MAP)
        return error_at(err, root->place, "an experiment is a mapping (name:, base:, sweep:, ...)");
    check_keys(&r, root);
    for (size_t k = 0; k < KEYS; k++) {
        const struct yaml_node *node = yaml_find(root, keys[k].key);
        if (node && keys[k].read)
            keys[k].read(&r, node);
    }
    if (!experiment->name)
        name_after_file(&r);
    return err->count == before;
}

/* What --set takes beside knobs. */
static const char *repeats_name(const void *unused, size_t i) {
    (void)unused;
    return i ? NULL : "repeats";
}

static void drop_axis(struct experiment *experiment, const struct knob *knob) {
    size_t kept = 0;
    for (size_t i = 0; i < experiment->axis_count; i++)
        if (experiment->axes[i].knob != knob)
            experiment->axes[kept++] = experiment->axes[i];
    experiment->axis_count = kept;
}

bool experiment_override(struct experiment *experiment, const char *text, struct arena *arena,
                         struct error *err) {
    const char *equals = strchr(text, '=');
    uint64_t repeats;
    if (!equals)
        return error_set(err, ERROR_USAGE, "--set is written K=V, not '%s'", text);
    const char *name = arena_text(arena, text, (size_t)(equals - text));
    if (strcmp(name, "repeats") == 0) {
        if (!text_to_whole(equals + 1, strlen(equals + 1), &repeats) || repeats < 1 ||
            repeats > 1000000)
            return error_set(err, ERROR_USAGE,
                             "--set %s: repeats must be a whole number in 1..1000000", text);
        experiment->repeats = (size_t)repeats;
        return true;
    }
    const struct knob *knob = knob_find(name);
    if (!knob) {
        const struct names others = {.at = repeats_name};
        struct hint hint = names_hint(&knob_names, name, "");
        if (!*hint.text)
            hint = names_hint(&others, name, "");
        return error_set(err, ERROR_USAGE, "--set: unknown knob '%s'%s", name, hint.text);
    }
    struct error own = {0};
    bool ok = knob_parse(knob, equals + 1, (struct place){0}, &experiment->decls, &experiment->base,
                         &own);
    if (!ok)
        error_set(err, ERROR_USAGE, "--set %s: %s", text, own.first->text);
    error_clear(&own);
    experiment->base_places[knob - knobs] = (struct place){.file = "--set"};
    drop_axis(experiment, knob);
    return ok;
}
