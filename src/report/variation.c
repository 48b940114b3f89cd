#include "report/variation.h"

#include "base/text.h"
#include "trial/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a knob in the query; -1: it is no part of a variant. */
struct columns {
    int value, arguments;
};

static const char *query_of(const char *members, struct arena *arena, struct columns *columns) {
    const char *sql = "SELECT variant";
    int next = 1;
    for (size_t k = 0; k < knob_count; k++) {
        columns[k] = (struct columns){-1, -1};
        if (knobs[k].role != KNOB_OF_VARIANT)
            continue;
        sql = arena_printf(arena, "%s, %s", sql, knobs[k].name);
        columns[k].value = next++;
        if (!knob_has_arguments(&knobs[k]))
            continue;
        sql = arena_printf(arena, "%s, %s_arguments", sql, knobs[k].name);
        columns[k].arguments = next++;
    }
    return arena_printf(arena,
                        "%s FROM (SELECT trial_id, min(position) AS first FROM (%s) CROSS JOIN "
                        "trial_rows ON id = trial_id GROUP BY variant) CROSS JOIN trial_rows ON id "
                        "= trial_id ORDER BY first, variant",
                        sql, members);
}

/* `{"a":1,"b":"x"}` as the pairs `a=1`, `b=x`. */
static size_t split_json(const char *json, const char *pairs[ARGUMENTS_MAX], struct arena *arena) {
    size_t count = 0;
    while (*json && count < ARGUMENTS_MAX) {
        json += strspn(json, "{},\" ");
        size_t name = strcspn(json, "\"");
        if (!json[name])
            break;
        const char *value = json + name + strspn(json + name, "\": ");
        size_t length = strcspn(value, ",}\"");
        pairs[count++] = arena_printf(arena, "%.*s=%.*s", (int)name, json, (int)length, value);
        json = value + length;
    }
    return count;
}

static const char *cell_text(const struct table *table, size_t row, int column) {
    return sql_text_or_empty(&table->cells[row * table->columns + (size_t)column]);
}

/* A name that variants chose, the arguments of the first of them, and which of these vary. */
struct named_choice {
    const char *name, *first[ARGUMENTS_MAX];
    bool varies[ARGUMENTS_MAX];
};

/* Owns: [table->rows] at most, of which *count are used. */
static struct named_choice *find_choices(const struct table *table, const struct columns *columns,
                                         struct arena *arena, size_t *count) {
    struct named_choice *choices = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t r = 0; r < table->rows; r++) {
        const char *own[ARGUMENTS_MAX] = {0}, *name = cell_text(table, r, columns->value);
        size_t pairs = split_json(cell_text(table, r, columns->arguments), own, arena), c = 0;
        while (c < *count && strcmp(choices[c].name, name) != 0)
            c++;
        if (c == *count) {
            choices = arena_grow(arena, choices, (*count)++, &capacity, sizeof *choices);
            choices[c] = (struct named_choice){.name = name};
            memcpy(choices[c].first, own, sizeof own);
        }
        for (size_t i = 0; i < pairs; i++)
            choices[c].varies[i] |=
                !choices[c].first[i] || strcmp(choices[c].first[i], own[i]) != 0;
    }
    return choices;
}

/* A choice with those of its arguments that vary among the variants that made it. */
static const char *choice_label(const struct table *table, const struct columns *columns,
                                size_t row, const struct named_choice *choices,
                                struct arena *arena) {
    const char *pairs[ARGUMENTS_MAX], *text = cell_text(table, row, columns->value);
    size_t shown = 0, count = split_json(cell_text(table, row, columns->arguments), pairs, arena);
    while (strcmp(choices->name, text) != 0)
        choices++;
    for (size_t i = 0; i < count; i++)
        if (choices->varies[i])
            text = arena_printf(arena, "%s%s%s", text, shown++ ? ", " : "(", pairs[i]);
    return shown ? arena_printf(arena, "%s)", text) : text;
}

static const char *value_label(const struct knob *knob, const struct table *table,
                               const struct columns *columns, size_t row,
                               const struct named_choice *choices, struct arena *arena) {
    const struct sql_value *cell = &table->cells[row * table->columns + (size_t)columns->value];
    return choices && cell->type == SQL_TEXT ? choice_label(table, columns, row, choices, arena)
                                             : knob_column_text(knob, cell, NULL, arena);
}

static void add_value(struct knob_values *varied, const char *text, double number, size_t *index) {
    size_t i = 0;
    while (i < varied->count && strcmp(varied->texts[i], text) != 0)
        i++;
    if (i == varied->count) {
        varied->texts[i] = text;
        varied->numbers[i] = number;
        varied->count++;
    }
    *index = i;
}

/* Insertion sort by number, words last: a handful of values. order[old] is the new index. */
static void sort_values(struct knob_values *varied, size_t *order) {
    size_t *from = calloc(varied->count + 1, sizeof *from);
    if (!from)
        out_of_memory();
    for (size_t i = 0; i < varied->count; i++) {
        double number = varied->numbers[i];
        const char *text = varied->texts[i];
        size_t at = i;
        for (; at > 0 && (varied->numbers[at - 1] > number ||
                          (isnan(varied->numbers[at - 1]) && !isnan(number)));
             at--) {
            varied->numbers[at] = varied->numbers[at - 1];
            varied->texts[at] = varied->texts[at - 1];
            from[at] = from[at - 1];
        }
        varied->numbers[at] = number;
        varied->texts[at] = text;
        from[at] = i;
    }
    for (size_t i = 0; i < varied->count; i++)
        order[from[i]] = i;
    free(from);
}

/* The number in `sgd(momentum=0.9)`, where only one argument is shown. */
static bool argument_number(const char *text, double *number, const char **begin, size_t *length) {
    const char *equal = strchr(text, '=');
    if (!equal || strchr(text, ','))
        return false;
    *begin = equal + 1;
    *length = strcspn(*begin, ")");
    return text_to_number(*begin, *length, number);
}

/* Where all variants made one choice and one of its numbers varies, that number is the setting. */
static void take_argument(struct knob_values *varied, size_t choices, struct arena *arena) {
    const char *begin, *open = varied->count ? strchr(varied->texts[0], '(') : NULL;
    size_t length;
    double number;
    if (choices != 1 || varied->count < 2 || !open)
        return;
    for (size_t i = 0; i < varied->count; i++)
        if (!argument_number(varied->texts[i], &number, &begin, &length))
            return;
    varied->numeric = true;
    varied->name =
        arena_printf(arena, "%s.%.*s", varied->knob->name, (int)strcspn(open + 1, "="), open + 1);
    for (size_t i = 0; i < varied->count; i++)
        argument_number(varied->texts[i], &varied->numbers[i], &begin, &length);
}

/* What labels show, once the values are in order. */
static void find_shown(struct knob_values *varied, struct arena *arena) {
    const char *begin;
    size_t length;
    double number;
    varied->shown = arena_alloc(arena, varied->count, sizeof *varied->shown);
    for (size_t i = 0; i < varied->count; i++) {
        bool argument = strcmp(varied->name, varied->knob->name) != 0 &&
                        argument_number(varied->texts[i], &number, &begin, &length);
        varied->shown[i] = argument ? arena_text(arena, begin, length) : varied->texts[i];
    }
}

static void read_setting(const struct table *table, const struct columns *columns, size_t k,
                         struct variation *variation, struct arena *arena) {
    struct knob_values *varied = &variation->knobs[k];
    *varied = (struct knob_values){
        .knob = &knobs[k],
        .name = knobs[k].name,
        .texts = arena_alloc(arena, table->rows, sizeof *varied->texts),
        .numbers = arena_alloc(arena, table->rows, sizeof *varied->numbers),
        .numeric = knobs[k].type == KNOB_NUMBER || knobs[k].type == KNOB_WHOLE};
    if (columns[k].value < 0)
        return;
    size_t choices_count = 0;
    const struct named_choice *choices =
        columns[k].arguments < 0 ? NULL : find_choices(table, &columns[k], arena, &choices_count);
    for (size_t r = 0; r < table->rows; r++)
        add_value(varied, value_label(&knobs[k], table, &columns[k], r, choices, arena),
                  sql_number(&table->cells[r * table->columns + (size_t)columns[k].value]),
                  &variation->value[r * knob_count + k]);
    take_argument(varied, choices_count, arena);
    size_t *order = arena_alloc(arena, varied->count, sizeof *order);
    sort_values(varied, order);
    for (size_t r = 0; r < table->rows; r++)
        variation->value[r * knob_count + k] = order[variation->value[r * knob_count + k]];
    find_shown(varied, arena);
}

/* The first value with the same name, whatever its arguments. */
static size_t bare_value(const struct knob_values *varied, size_t value) {
    size_t length = strcspn(varied->texts[value], "("), first = 0;
    while (strcspn(varied->texts[first], "(") != length ||
           strncmp(varied->texts[first], varied->texts[value], length) != 0)
        first++;
    return first;
}

/* Whether each choice of knob `by` goes with one value of knob `k`. */
static bool follows(const struct variation *variation, size_t k, size_t by) {
    size_t *with = calloc(variation->knobs[by].count, sizeof *with); /* index + 1; 0: not seen */
    bool one = true;
    if (!with)
        out_of_memory();
    for (size_t r = 0; r < variation->variants; r++) {
        const size_t *value = &variation->value[r * knob_count];
        size_t bare = bare_value(&variation->knobs[by], value[by]);
        one &= !with[bare] || with[bare] == value[k] + 1;
        with[bare] = value[k] + 1;
    }
    free(with);
    return one;
}

/* What `auto` stands for depends on another knob. */
static const struct {
    const char *automatic, *by;
} depends[] = {{"learning_rate", "optimizer"}, {"loss", "dataset"}};

/* A knob that was left to its default and so only follows another (the learning rate its optimizer)
 * is no axis. */
static bool is_axis(const struct variation *variation, size_t k) {
    if (variation->knobs[k].count < 2)
        return false;
    for (size_t i = 0; i < sizeof depends / sizeof *depends; i++)
        if (strcmp(knobs[k].name, depends[i].automatic) == 0 &&
            follows(variation, k, (size_t)(knob_find(depends[i].by) - knobs)))
            return false;
    return true;
}

static size_t count_changes(const struct variation *variation, size_t k) {
    size_t changes = 0;
    for (size_t r = 1; r < variation->variants; r++)
        changes +=
            variation->value[r * knob_count + k] != variation->value[(r - 1) * knob_count + k];
    return changes;
}

/* The outermost axis of a plan changes least often from one variant to the next. */
static void find_axes(struct variation *variation, struct arena *arena) {
    size_t *axis = arena_alloc(arena, knob_count, sizeof *axis);
    for (size_t k = 0; k < knob_count; k++) {
        if (!is_axis(variation, k))
            continue;
        size_t at = variation->axes++, changes = count_changes(variation, k);
        for (; at > 0 && count_changes(variation, axis[at - 1]) > changes; at--)
            axis[at] = axis[at - 1];
        axis[at] = k;
    }
    variation->axis = axis;
}

struct trial_scope scope_of_experiment(const char *experiment) {
    return (struct trial_scope){
        "SELECT trial_id, position FROM member_rows WHERE experiment = ?1 AND in_plan",
        {sql_text(experiment)},
        1};
}

struct named_row {
    const char *variant;
    size_t row;
};

static int by_name(const void *left, const void *right) {
    const struct named_row *a = left, *b = right;
    return strcmp(a->variant, b->variant);
}

static void sort_variants(struct variation *variation, struct arena *arena) {
    size_t count = variation->variants;
    struct named_row *rows = arena_alloc(arena, count, sizeof *rows);
    variation->sorted = arena_alloc(arena, count, sizeof *variation->sorted);
    for (size_t r = 0; r < count; r++)
        rows[r] = (struct named_row){variation->variant[r], r};
    qsort(rows, count, sizeof *rows, by_name);
    for (size_t r = 0; r < count; r++)
        variation->sorted[r] = rows[r].row;
}

bool variation_load(struct query_database *database, const struct trial_scope *scope,
                    struct arena *arena, struct variation *variation, struct error *err) {
    struct columns *columns = arena_alloc(arena, knob_count, sizeof *columns);
    struct table table;
    if (!query_table(database, query_of(scope->members, arena, columns), scope->parameters,
                     scope->count, arena, &table, err))
        return false;
    *variation = (struct variation){
        .variants = table.rows,
        .variant = arena_alloc(arena, table.rows, sizeof *variation->variant),
        .knobs = arena_alloc(arena, knob_count, sizeof *variation->knobs),
        .value = arena_alloc(arena, table.rows * knob_count, sizeof *variation->value)};
    for (size_t r = 0; r < table.rows; r++)
        variation->variant[r] = cell_text(&table, r, 0);
    sort_variants(variation, arena);
    for (size_t k = 0; k < knob_count; k++)
        read_setting(&table, columns, k, variation, arena);
    find_axes(variation, arena);
    return true;
}

size_t variation_row(const struct variation *variation, const char *variant) {
    size_t from = 0, to = variation->variants;
    while (to - from > 1) {
        size_t middle = (from + to) / 2;
        if (strcmp(variation->variant[variation->sorted[middle]], variant) <= 0)
            from = middle;
        else
            to = middle;
    }
    return variation->sorted[from];
}

size_t variation_at(const struct variation *variation, size_t row, size_t axis) {
    return variation->value[row * knob_count + variation->axis[axis]];
}

static bool is_in(uint64_t set, size_t axis) {
    return axis < 64 && set >> axis & 1;
}

bool variation_same(const struct variation *variation, size_t a, size_t b, uint64_t without) {
    for (size_t axis = 0; axis < variation->axes; axis++)
        if (!is_in(without, axis) &&
            variation_at(variation, a, axis) != variation_at(variation, b, axis))
            return false;
    return true;
}

const struct knob_values *variation_axis(const struct variation *variation, size_t axis) {
    return &variation->knobs[variation->axis[axis]];
}

const char *variation_common(const struct variation *variation, const char *knob) {
    const struct knob *found = knob_find(knob);
    const struct knob_values *varied = found ? &variation->knobs[found - knobs] : NULL;
    return varied && varied->count == 1 ? varied->texts[0] : NULL;
}

static bool is_number(const char *text) {
    double number;
    return text_to_number(text, strlen(text), &number);
}

/* Whether the axis' values say by themselves which knob they are of. */
static bool is_bare(const struct variation *variation, size_t axis) {
    const struct knob_values *own = variation_axis(variation, axis);
    for (size_t i = 0; i < own->count; i++) {
        if (is_number(own->shown[i]) || strcmp(own->shown[i], "none") == 0)
            return false;
        for (size_t a = 0; a < variation->axes; a++)
            for (size_t j = 0; a != axis && j < variation_axis(variation, a)->count; j++)
                if (strcmp(own->shown[i], variation_axis(variation, a)->shown[j]) == 0)
                    return false;
    }
    return true;
}

const char *variation_label(const struct variation *variation, size_t row, uint64_t without,
                            struct arena *arena) {
    const char *label = "";
    for (size_t a = 0; a < variation->axes; a++) {
        const struct knob_values *axis = variation_axis(variation, a);
        const char *text = axis->shown[variation_at(variation, row, a)];
        if (is_in(without, a))
            continue;
        label = arena_printf(arena, "%s%s%s%s%s", label, *label ? ", " : "",
                             is_bare(variation, a) ? "" : axis->name,
                             is_bare(variation, a) ? "" : "=", text);
    }
    return label;
}

const char *variation_text(const struct variation *variation, size_t row, struct arena *arena) {
    const char *text = "";
    for (size_t k = 0; k < knob_count; k++) {
        const struct knob_values *varied = &variation->knobs[k];
        const struct knob *knob = &knobs[k];
        if (!varied->count || knob->automatic || knob->type == KNOB_DATASET)
            continue;
        const char *value = varied->texts[variation->value[row * knob_count + k]];
        bool named = knob->type != KNOB_TOPOLOGY || strcmp(value, "none") == 0;
        if (knob->type != KNOB_TOPOLOGY && knob->fallback && strcmp(value, knob->fallback) == 0)
            continue;
        text = arena_printf(arena, "%s%s%s%s%s", text, *text ? ", " : "", named ? knob->name : "",
                            named ? "=" : "", value);
    }
    return text;
}

/* Whether a label's value, `sgd` or with those arguments that vary `sgd(momentum=0.9)`, is what was
 * written. */
static bool is_value(const struct knob *knob, const struct trial *trial, const char *label,
                     struct arena *arena) {
    struct sql_value column = knob_column(knob, trial, arena);
    const char *full = knob_text(knob, trial, arena);
    size_t name = strcspn(label, "(");
    if (strcmp(label, full) == 0 || (column.type == SQL_TEXT && strcmp(label, column.text) == 0))
        return true;
    if (knob->type != KNOB_CHOICE || strncmp(label, full, name) != 0 || full[name] != '(' ||
        !label[name])
        return false;
    for (const char *at = label + name + 1; *at;) {
        size_t length = strcspn(at, ",)");
        if (!strstr(full, arena_printf(arena, "%.*s", (int)length, at)))
            return false;
        at += length + strspn(at + length, ",) ");
    }
    return true;
}

bool variation_match(const struct variation *variation, size_t row, const char *name,
                     const char *value, bool strict, struct arena *arena) {
    const struct knob *knob = knob_find(name);
    const struct knob_values *varied = knob && value ? &variation->knobs[knob - knobs] : NULL;
    if (!varied || !varied->count)
        return false;
    const char *label = varied->texts[variation->value[row * knob_count + (size_t)(knob - knobs)]];
    if (knob->type == KNOB_DATASET)
        return strcmp(label, value) == 0;
    struct trial trial = trial_default(), own = trial;
    struct error ignored = {0};
    struct place nowhere = {0};
    bool same = knob_parse(knob, value, nowhere, NULL, &trial, &ignored) &&
                (is_value(knob, &trial, label, arena) ||
                 (knob_parse(knob, label, nowhere, NULL, &own, &ignored) &&
                  knob_equal(knob, &trial, &own)));
    error_clear(&ignored);
    return same || (!strict && knob->type == KNOB_CHOICE && !strchr(value, '(') &&
                    strncmp(label, value, strlen(value)) == 0 && label[strlen(value)] == '(');
}
