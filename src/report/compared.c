#include "report/compared.h"

#include "base/text.h"
#include "report/results.h"

#include <string.h>

enum { LISTED_MAX = 5 }; /* variants that a message names */

/* ` a; b`, of the first ones. */
static const char *list_of(const char *const *texts, size_t count, struct arena *arena) {
    const char *list = "";
    for (size_t i = 0; i < count && i < LISTED_MAX; i++)
        list = arena_printf(arena, "%s%s %s", list, i ? ";" : "", texts[i]);
    return count > LISTED_MAX ? arena_printf(arena, "%s; ...", list) : list;
}

static bool find_id(struct query_database *database, const char *text, struct arena *arena,
                    struct compared *compared, bool *found, struct error *err) {
    struct sql_value pattern = sql_text(text);
    struct table table;
    *found = false;
    if (strlen(text) < 4 || strspn(text, "0123456789abcdef") != strlen(text))
        return true;
    if (!query_table(database,
                     "SELECT variant, trial FROM trials WHERE trial >= ?1 AND trial < ?1 || 'g' "
                     "UNION SELECT variant, NULL FROM trials WHERE variant >= ?1 AND variant < ?1 "
                     "|| 'g' LIMIT 2",
                     &pattern, 1, arena, &table, err))
        return false;
    if (table.rows > 1)
        return error_set(err, ERROR_USAGE, "several trials or variants begin with '%s'", text);
    if (table.rows)
        *compared = (struct compared){table.cells[0].text,
                                      table.cells[1].type == SQL_TEXT ? table.cells[1].text : NULL};
    *found = table.rows != 0;
    return true;
}

/* The distinct variants that a search has met. */
struct variants {
    const char **ids, **labels;
    size_t count, capacity, label_capacity;
};

static void add_variant(struct variants *variants, const char *id, const char *label,
                        struct arena *arena) {
    for (size_t i = 0; i < variants->count; i++)
        if (strcmp(variants->ids[i], id) == 0)
            return;
    variants->ids = arena_grow(arena, variants->ids, variants->count, &variants->capacity,
                               sizeof *variants->ids);
    variants->labels = arena_grow(arena, variants->labels, variants->count,
                                  &variants->label_capacity, sizeof *variants->labels);
    variants->ids[variants->count] = id;
    variants->labels[variants->count++] = label;
}

/* Variants of all experiments that summary shows under this label. */
static bool find_labels(struct query_database *database, const char *text, struct arena *arena,
                        struct variants *variants, struct error *err) {
    const char **names;
    size_t count;
    if (!results_experiments(database, arena, &names, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct results results;
        if (!results_load(database, names[i], arena, &results, err))
            return false;
        for (size_t g = 0; g < results.count; g++)
            if (strcmp(results.groups[g].label, text) == 0)
                add_variant(variants, results.groups[g].variant, results.groups[g].label, arena);
    }
    return true;
}

static bool has_settings(const struct variation *variation, size_t row, const char *text,
                         struct arena *arena) {
    while (*text) {
        text += strspn(text, ", ");
        size_t length = text_item_length(text, ','), name = strcspn(text, "=");
        if (name >= length)
            return false;
        const char *value = text + name + 1;
        if (!variation_match(variation, row, arena_text(arena, text, name),
                             arena_text(arena, value, length - name - 1), false, arena))
            return false;
        text += length;
    }
    return true;
}

static bool find_settings(struct query_database *database, const char *text, struct arena *arena,
                          struct variants *variants, struct error *err) {
    struct trial_scope scope = {
        "SELECT id AS trial_id, id AS position FROM trial_rows WHERE id > 0", {{0}}, 0};
    struct variation variation;
    if (!variation_load(database, &scope, arena, &variation, err))
        return false;
    for (size_t r = 0; r < variation.variants; r++)
        if (has_settings(&variation, r, text, arena))
            add_variant(variants, variation.variant[r], variation_label(&variation, r, 0, arena),
                        arena);
    return true;
}

/* The axis that has this value in a row, among those in the set `free`; axes: there is none. */
static size_t axis_with(const struct variation *variation, size_t row, uint64_t free,
                        const char *value) {
    double number;
    bool is_number = text_to_number(value, strlen(value), &number);
    size_t a = 0;
    for (; a < variation->axes; a++) {
        const struct knob_values *axis = variation_axis(variation, a);
        size_t v = variation_at(variation, row, a);
        if (a < 64 && free >> a & 1 &&
            (strcmp(axis->texts[v], value) == 0 || strcmp(axis->shown[v], value) == 0 ||
             (is_number && axis->numbers[v] == number)))
            break;
    }
    return a;
}

/* Whether the text is values of axes, each of another one: `20-15, 0.002` or `20-15,
 * learning_rate=0.002`. *named: how many. */
static bool has_values(const struct variation *variation, size_t row, const char *text,
                       size_t *named, struct arena *arena) {
    uint64_t free = ~(uint64_t)0;
    *named = 0;
    for (text += strspn(text, ", "); *text; text += strspn(text, ", ")) {
        size_t length = text_item_length(text, ',');
        const char *part = arena_text(arena, text, length);
        size_t axis = axis_with(variation, row, free, part);
        if (axis < variation->axes)
            free &= ~((uint64_t)1 << axis);
        else if (!strchr(part, '=') || !has_settings(variation, row, part, arena))
            return false;
        ++*named;
        text += length;
    }
    return true;
}

/* A text that names a value of every axis of an experiment means that variant, whatever else it may
 * be a part of. */
static bool find_values(struct query_database *database, const char *text, struct arena *arena,
                        struct variants *variants, struct error *err) {
    struct variants whole = {0};
    const char **names;
    size_t count, named;
    if (!results_experiments(database, arena, &names, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct trial_scope scope = scope_of_experiment(names[i]);
        struct variation variation;
        if (!variation_load(database, &scope, arena, &variation, err))
            return false;
        for (size_t r = 0; r < variation.variants; r++)
            if (has_values(&variation, r, text, &named, arena))
                add_variant(named == variation.axes ? &whole : variants, variation.variant[r],
                            variation_label(&variation, r, 0, arena), arena);
    }
    if (whole.count)
        *variants = whole;
    return true;
}

bool compared_find(struct query_database *database, const char *text, struct arena *arena,
                   struct compared *compared, struct error *err) {
    struct variants variants = {0};
    bool found;
    if (!find_labels(database, text, arena, &variants, err))
        return false;
    if (!variants.count) {
        if (!find_id(database, text, arena, compared, &found, err))
            return false;
        if (found)
            return true;
    }
    if (!variants.count && strchr(text, '=') &&
        !find_settings(database, text, arena, &variants, err))
        return false;
    if (!variants.count && !find_values(database, text, arena, &variants, err))
        return false;
    if (!variants.count)
        return error_set(err, ERROR_USAGE,
                         "no variant or trial is '%s': give a label of `mlpsweep summary`, values "
                         "of its knobs (20-15, learning_rate=0.002), or the beginning of an id",
                         text);
    if (variants.count > 1)
        return error_set(err, ERROR_USAGE, "'%s' means %zu variants:%s", text, variants.count,
                         list_of(variants.labels, variants.count, arena));
    *compared = (struct compared){variants.ids[0], NULL};
    return true;
}
