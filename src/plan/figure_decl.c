#include "plan/figure_decl.h"

#include "base/names.h"

#include <string.h>

static const char *const keys[] = {"name", "x", "y", "by", "where"};
enum { KEYS = sizeof keys / sizeof *keys };

static const char *key_name(const void *unused, size_t i) {
    (void)unused;
    return i < KEYS ? keys[i] : NULL;
}

static const struct names key_names = {.at = key_name};

static bool check_keys(const struct yaml_node *map, struct error *err) {
    bool ok = true;
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < KEYS && strcmp(keys[k], map->keys[i]->text) != 0)
            k++;
        if (k == KEYS)
            ok = error_unknown(err, map->keys[i]->place, "key", map->keys[i]->text, &key_names);
    }
    return ok;
}

static bool read_text(const struct yaml_node *map, const char *key, const char **text,
                      struct error *err) {
    const struct yaml_node *node = yaml_find(map, key);
    if (!node)
        return true;
    if (node->type != YAML_SCALAR || yaml_is_null(node))
        return error_at(err, node->place, "%s must be a text", key);
    *text = node->text;
    return true;
}

/* A column's name is that of a knob, a metric or a result: small letters, digits, underscores. */
static bool read_column(const struct yaml_node *map, const char *key, bool needed,
                        const char **column, struct error *err) {
    const struct yaml_node *node = yaml_find(map, key);
    if (!node)
        return !needed || error_at(err, map->place, "a figure needs %s: (a column, such as %s)",
                                   key, *key == 'x' ? "epoch" : "val_loss");
    if (!read_text(map, key, column, err))
        return false;
    return (**column &&
            strspn(*column, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(*column)) ||
           error_at(err, node->place, "%s is the name of a column, such as val_loss, not '%s'", key,
                    *column);
}

static bool read_figure(const struct yaml_node *node, struct arena *arena,
                        struct figure_decls *decls, struct error *err) {
    struct figure_decl *decl = &decls->list[decls->count++];
    if (node->type != YAML_MAP)
        return error_at(err, node->place, "a figure is a mapping {x:, y:, by:, where:}");
    bool ok = check_keys(node, err);
    ok &= read_text(node, "name", &decl->name, err);
    ok &= read_column(node, "x", true, &decl->x, err);
    ok &= read_column(node, "y", true, &decl->y, err);
    ok &= read_column(node, "by", false, &decl->by, err);
    ok &= read_text(node, "where", &decl->where, err);
    if (!decl->name)
        decl->name = arena_printf(arena, "own-%zu", decls->count);
    if (!name_is_plain(decl->name))
        ok = error_at(err, yaml_find(node, "name")->place,
                      "a figure's name is [a-z0-9][a-z0-9_-]{0,63}, not '%s'", decl->name);
    return ok;
}

bool figure_decls_read(const struct yaml_node *figures, struct arena *arena,
                       struct figure_decls *decls, struct error *err) {
    bool ok = true;
    *decls = (struct figure_decls){0};
    if (figures->type != YAML_LIST)
        return error_at(err, figures->place, "figures must be a list of mappings {x:, y:, ...}");
    decls->list = arena_alloc(arena, figures->count, sizeof *decls->list);
    for (size_t i = 0; i < figures->count; i++) {
        ok &= read_figure(figures->values[i], arena, decls, err);
        for (size_t o = 0; o < i; o++)
            if (ok && strcmp(decls->list[o].name, decls->list[i].name) == 0)
                ok = error_at(err, figures->values[i]->place, "two figures are called '%s'",
                              decls->list[i].name);
    }
    return ok;
}
