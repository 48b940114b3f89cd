#include "report/declaration.h"

#include "plan/yaml.h"

#include <string.h>

/* `run` stores the names of its files joined by ", " and their texts joined by "---" lines. The
 * text of one of them, or NULL. */
static const char *text_of(const char *names, const char *text, const char *name,
                           struct arena *arena) {
    size_t length = strlen(name);
    while (strncmp(names, name, length) != 0 || (names[length] && names[length] != ',')) {
        names = strstr(names, ", ");
        text = strstr(text, "\n---\n");
        if (!names || !text)
            return NULL;
        names += 2;
        text += 5;
    }
    const char *end = strstr(text, "\n---\n");
    return arena_text(arena, text, end ? (size_t)(end + 1 - text) : strlen(text));
}

/* A value as knob_parse reads it: a list of widths as `20-15`. */
static const char *value_text(const struct yaml_node *node, struct arena *arena) {
    if (node->type == YAML_SCALAR)
        return node->text;
    if (node->type == YAML_MAP)
        return NULL;
    const char *text = node->count ? "" : "[]";
    for (size_t i = 0; i < node->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "-" : "",
                            node->values[i]->type == YAML_SCALAR ? node->values[i]->text : "");
    return text;
}

static const char *find_baseline(const struct variation *variation,
                                 const struct yaml_node *baseline, bool strict,
                                 struct arena *arena) {
    const char *variant = NULL;
    size_t found = 0;
    for (size_t r = 0; r < variation->variants; r++) {
        bool all = true;
        for (size_t i = 0; all && i < baseline->count; i++)
            all = variation_match(variation, r, baseline->keys[i]->text,
                                  value_text(baseline->values[i], arena), strict, arena);
        if (!all)
            continue;
        variant = variation->variant[r];
        found++;
    }
    return found == 1 ? variant : NULL;
}

void declaration_read(const struct yaml_node *root, const struct variation *variation,
                      struct arena *arena, struct declaration *declaration) {
    struct error ignored = {0};
    const struct yaml_node *question = yaml_find(root, "question");
    const struct yaml_node *baseline = yaml_find(root, "baseline");
    const struct yaml_node *figures = yaml_find(root, "figures");
    if (question && question->type == YAML_SCALAR)
        declaration->question = question->text;
    if (figures && !figure_decls_read(figures, arena, &declaration->figures, &ignored))
        declaration->figures.count = 0;
    if (baseline && baseline->type == YAML_MAP)
        declaration->baseline = find_baseline(variation, baseline, true, arena);
    if (baseline && baseline->type == YAML_MAP && !declaration->baseline)
        declaration->baseline = find_baseline(variation, baseline, false, arena);
    error_clear(&ignored);
}

bool declaration_load(struct query_database *database, const char *experiment,
                      const struct variation *variation, struct arena *arena,
                      struct declaration *declaration, struct error *err) {
    struct sql_value name = sql_text(experiment);
    struct table table;
    *declaration = (struct declaration){0};
    if (!query_table(
            database,
            "SELECT experiment, experiment_text FROM session_rows WHERE ', ' || experiment "
            "|| ',' LIKE '%, ' || ?1 || ',%' AND typeof(experiment_text) = 'text' ORDER BY "
            "session DESC LIMIT 1",
            &name, 1, arena, &table, err))
        return false;
    const char *text =
        table.rows ? text_of(table.cells[0].text, table.cells[1].text, experiment, arena) : NULL;
    declaration->text = text;
    const struct yaml_node *root = NULL;
    struct error ignored = {0};
    if (text && yaml_parse(experiment, text, strlen(text), arena, &root, &ignored) && root &&
        root->type == YAML_MAP)
        declaration_read(root, variation, arena, declaration);
    error_clear(&ignored);
    return true;
}
