#include "plan/dataset_decl.h"

#include "base/text.h"
#include "data/generator.h"
#include "plan/source.h"

#include <string.h>

static const char *const fields[] = {"format", "train", "validation", "test",   "features",
                                     "target", "task",  "delimiter",  "header", "sha256"};

static const char *field_name(const void *unused, size_t i) {
    (void)unused;
    return i < sizeof fields / sizeof *fields ? fields[i] : NULL;
}

const struct names dataset_decl_fields = {.at = field_name};

/* What is being read: one declaration. */
struct declaration {
    const struct yaml_node *map;
    struct arena *arena;
    struct data_source *source;
};

static bool check_fields(const struct declaration *d, struct error *err) {
    bool ok = true;
    for (size_t i = 0; i < d->map->count; i++) {
        const struct yaml_node *key = d->map->keys[i];
        size_t f = 0;
        while (f < sizeof fields / sizeof *fields && strcmp(fields[f], key->text) != 0)
            f++;
        if (f == sizeof fields / sizeof *fields)
            ok = error_unknown(err, key->place, "key", key->text, &dataset_decl_fields);
    }
    return ok;
}

static bool read_format(const struct declaration *d, struct error *err) {
    const struct yaml_node *node = yaml_find(d->map, "format");
    if (!node)
        return error_at(err, d->map->place, "the data set has no format (idx, csv or libsvm)");
    if (node->type != YAML_SCALAR)
        return error_at(err, node->place, "format must be a name");
    d->source->format = (const struct data_format *)registry_find(&data_formats, node->text);
    struct names names = registry_names(&data_formats);
    return d->source->format != NULL ||
           error_unknown(err, node->place, "format", node->text, &names);
}

/* A path beside the file that declares the data set. */
static bool read_path(const struct declaration *d, const struct yaml_node *node, const char **path,
                      struct error *err) {
    if (node->type != YAML_SCALAR || yaml_is_null(node) || !*node->text)
        return error_at(err, node->place, "expected the path of a file");
    *path = source_path(node, d->arena);
    return true;
}

static bool read_part(const struct declaration *d, const char *key, const char **paths,
                      struct place *place, struct error *err) {
    const struct yaml_node *node = yaml_find(d->map, key);
    size_t wanted = d->source->format ? d->source->format->paths : 0;
    if (!node || !wanted)
        return true;
    *place = node->place;
    if (wanted == 1)
        return read_path(d, node, &paths[0], err);
    if (node->type != YAML_LIST || node->count != wanted)
        return error_at(err, node->place, "%s must be the pair [IMAGES, LABELS]", key);
    bool ok = true;
    for (size_t i = 0; i < wanted; i++)
        ok &= read_path(d, node->values[i], &paths[i], err);
    return ok;
}

static bool read_hash(const struct yaml_node *node, const char **hash, struct error *err) {
    enum { DIGITS = 64 };
    bool is_hash = node->type == YAML_SCALAR && strlen(node->text) == DIGITS &&
                   strspn(node->text, "0123456789abcdefABCDEF") == DIGITS;
    *hash = is_hash ? node->text : NULL;
    return is_hash || error_at(err, node->place, "sha256 must be 64 hexadecimal digits");
}

/* One hash, or for several files one each. */
static bool read_sha256(const struct declaration *d, struct error *err) {
    const struct yaml_node *node = yaml_find(d->map, "sha256");
    size_t wanted = d->source->format ? d->source->format->paths : 0;
    if (!node || !wanted)
        return true;
    d->source->sha256_place = node->place;
    if (wanted == 1)
        return read_hash(node, &d->source->sha256[0], err);
    if (node->type != YAML_LIST || node->count != wanted)
        return error_at(err, node->place, "sha256 must be a pair, as train is");
    bool ok = true;
    for (size_t i = 0; i < wanted; i++)
        ok &= read_hash(node->values[i], &d->source->sha256[i], err);
    return ok;
}

static bool read_features(const struct declaration *d, struct error *err) {
    const struct yaml_node *node = yaml_find(d->map, "features");
    uint64_t features;
    if (!node && d->source->format && d->source->format->needs_features)
        return error_at(err, d->map->place, "%s needs features: (the number of columns)",
                        d->source->format->entry.name);
    if (!node)
        return true;
    if (d->source->format && !d->source->format->needs_features)
        return error_at(err, node->place, "%s files say themselves how many columns they have",
                        d->source->format->entry.name);
    if (node->type != YAML_SCALAR || !node->is_plain ||
        !text_to_whole(node->text, strlen(node->text), &features) || features < 1 ||
        features > WIDTH_MAX)
        return error_at(err, node->place, "features must be a whole number in 1..%d", WIDTH_MAX);
    d->source->features = (size_t)features;
    return true;
}

/* Where the format has no columns, a key about them is an error. True: the node is there and right.
 */
static bool find_column_key(const struct declaration *d, const char *key,
                            const struct yaml_node **node, bool *ok, struct error *err) {
    *node = yaml_find(d->map, key);
    if (!*node)
        return false;
    if (d->source->format && !d->source->format->has_columns)
        *ok = error_at(err, (*node)->place, "%s: is for formats with columns, not %s", key,
                       d->source->format->entry.name);
    else if ((*node)->type != YAML_SCALAR || !*(*node)->text)
        *ok = error_at(err, (*node)->place, "%s must be a single value", key);
    else
        return true;
    return false;
}

static bool read_columns(const struct declaration *d, struct error *err) {
    const struct yaml_node *node;
    bool ok = true;
    if (find_column_key(d, "target", &node, &ok, err)) {
        d->source->target = node->text;
        d->source->target_place = node->place;
    }
    if (find_column_key(d, "delimiter", &node, &ok, err)) {
        bool is_tab = strcmp(node->text, "tab") == 0;
        d->source->delimiter = (char)(is_tab ? '\t' : *node->text);
        if (!is_tab && (node->text[1] || strchr("\"\r\n", *node->text)))
            ok = error_at(err, node->place, "delimiter must be one character or tab");
    }
    if (find_column_key(d, "header", &node, &ok, err)) {
        bool given = strcmp(node->text, "true") == 0;
        d->source->header = given ? HEADER_GIVEN : HEADER_NONE;
        if (!given && strcmp(node->text, "false") != 0)
            ok = error_at(err, node->place, "header must be true or false");
    }
    return ok;
}

static bool read_task(const struct declaration *d, struct error *err) {
    const struct yaml_node *node = yaml_find(d->map, "task");
    if (!node)
        return true;
    if (node->type == YAML_SCALAR && strcmp(node->text, "classification") == 0)
        return true;
    if (node->type != YAML_SCALAR || strcmp(node->text, "regression") != 0)
        return error_at(err, node->place, "task must be classification or regression");
    d->source->task = TASK_REGRESSION;
    return true;
}

static bool read_name(const struct declaration *d, const struct yaml_node *key, struct error *err) {
    const struct data_source *builtin;
    for (size_t i = 0; (builtin = generator_source(i)); i++)
        if (strcmp(builtin->name, key->text) == 0)
            return error_at(err, key->place, "'%s' is a generator", key->text);
    for (size_t i = 0; (builtin = data_builtin(i)); i++)
        if (strcmp(builtin->name, key->text) == 0)
            return error_at(err, key->place, "'%s' is a built-in data set", key->text);
    d->source->name = key->text;
    return name_is_plain(key->text) ||
           error_at(err, key->place, "a data set's name is [a-z0-9][a-z0-9_-]{0,63}, not '%s'",
                    key->text);
}

static bool read_declaration(const struct declaration *d, const struct yaml_node *key,
                             struct error *err) {
    if (d->map->type != YAML_MAP)
        return error_at(err, d->map->place, "expected {format: ..., train: ...}");
    d->source->place = key->place;
    bool ok = read_name(d, key, err);
    ok &= check_fields(d, err);
    ok &= read_format(d, err);
    ok &= read_features(d, err);
    ok &= read_columns(d, err);
    ok &= read_sha256(d, err);
    ok &= read_task(d, err);
    ok &= read_part(d, "train", d->source->train, &d->source->train_place, err);
    ok &= read_part(d, "validation", d->source->validation, &d->source->validation_place, err);
    ok &= read_part(d, "test", d->source->test, &d->source->test_place, err);
    if (!yaml_find(d->map, "train"))
        ok = error_at(err, d->map->place, "the data set has no train: file");
    return ok;
}

bool dataset_decls_read(const struct yaml_node *datasets, struct arena *arena,
                        struct dataset_decls *decls, struct error *err) {
    if (datasets->type != YAML_MAP)
        return error_at(err, datasets->place, "datasets must be a mapping of names");
    struct data_source *sources = arena_alloc(arena, datasets->count, sizeof *sources);
    bool ok = true;
    for (size_t i = 0; i < datasets->count; i++) {
        struct declaration d = {datasets->values[i], arena, &sources[i]};
        sources[i].name = datasets->keys[i]->text;
        ok &= read_declaration(&d, datasets->keys[i], err);
    }
    *decls = (struct dataset_decls){sources, datasets->count};
    return ok;
}
