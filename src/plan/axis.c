/* `sweep:`, `exclude:` and `baseline:`: lists of values by knob. */
#include "plan/read.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A single value as a list of one. */
static struct yaml_node as_list(const struct yaml_node *const *node) {
    if ((*node)->type == YAML_LIST)
        return **node;
    return (struct yaml_node){
        .type = YAML_LIST, .place = (*node)->place, .count = 1, .values = (void *)node};
}

static struct axis make_axis(const struct reader *r, struct place place,
                             const struct target *targets, size_t target_count, size_t count) {
    return (struct axis){.place = place,
                         .targets = targets,
                         .target_count = target_count,
                         .settings =
                             arena_alloc(r->arena, count * target_count, sizeof(struct setting)),
                         .replaced = arena_alloc(r->arena, target_count, sizeof(bool))};
}

static bool number_setting(const struct reader *r, struct target target, double number,
                           struct place place, struct setting *setting) {
    return setting_parse(target, text_of_number(number, r->arena), place, &r->experiment->decls,
                         r->arena, setting, r->err);
}

/* The values of one target, as many as there are without an error; or a distribution. */
static struct axis read_numbers(const struct reader *r, const struct target *target,
                                const struct yaml_node *node) {
    struct values values;
    struct axis axis = make_axis(r, node->place, target, 1, 0);
    if (!values_read(node, target_is_whole(*target), r->arena, &values, r->err))
        return axis;
    axis.distribution = values.distribution;
    if (axis.distribution.is_given && !r->experiment->draws)
        error_at(r->err, node->place, "%s draws at random: draws: is missing", node->text);
    axis.settings = arena_alloc(r->arena, values.count, sizeof *axis.settings);
    for (size_t i = 0; i < values.count; i++)
        if (number_setting(r, *target, values.numbers[i], node->place, &axis.settings[axis.count]))
            axis.count++;
        else
            break; /* the others are likely to be wrong in the same way */
    return axis;
}

/* Widths or depths of a topology mapping. NULL: an error is noted. */
static const double *read_sizes(const struct reader *r, const struct yaml_node *map,
                                const char *key, double maximum, size_t *count) {
    const struct yaml_node *const *node = NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            node = &map->values[i];
    struct values values = {0};
    if (!node) {
        error_at(r->err, map->place, "a mapping of topologies has width: and depth:");
        return NULL;
    }
    if (values_are_called(*node)) {
        if (!values_read(*node, true, r->arena, &values, r->err))
            return NULL;
        if (values.distribution.is_given) {
            error_at(r->err, (*node)->place, "%s is a list here, not a distribution", key);
            return NULL;
        }
    } else {
        struct yaml_node list = as_list(node);
        values.numbers = arena_alloc(r->arena, list.count, sizeof *values.numbers);
        for (size_t i = 0; i < list.count; i++) {
            const struct yaml_node *item = list.values[i];
            if (item->type != YAML_SCALAR || !item->is_plain ||
                !text_to_yaml_number(item->text, strlen(item->text),
                                     &values.numbers[values.count++])) {
                error_at(r->err, item->place, "%s must be a whole number", key);
                return NULL;
            }
        }
    }
    for (size_t i = 0; i < values.count; i++)
        if (values.numbers[i] < 1 || values.numbers[i] > maximum ||
            values.numbers[i] != (double)(uint64_t)values.numbers[i]) {
            error_at(r->err, (*node)->place, "%s is a whole number in 1..%.0f", key, maximum);
            return NULL;
        }
    *count = values.count;
    return values.numbers;
}

/* `{width: [...], depth: [...]}`: their product, depths fastest. */
static struct axis read_topologies(const struct reader *r, const struct target *target,
                                   const struct yaml_node *map) {
    size_t widths = 0, depths = 0;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, "width") != 0 && strcmp(map->keys[i]->text, "depth") != 0)
            error_at(r->err, map->keys[i]->place,
                     "a mapping of topologies has width: and depth:, "
                     "not '%s'",
                     map->keys[i]->text);
    const double *width = read_sizes(r, map, "width", WIDTH_MAX, &widths);
    const double *depth = read_sizes(r, map, "depth", HIDDEN_LAYERS_MAX, &depths);
    struct axis axis = make_axis(r, map->place, target, 1, width && depth ? widths * depths : 0);
    for (size_t w = 0; width && depth && w < widths; w++)
        for (size_t d = 0; d < depths; d++)
            axis.count += setting_parse(
                *target, arena_printf(r->arena, "%.0fx%.0f", width[w], depth[d]), map->place,
                &r->experiment->decls, r->arena, &axis.settings[axis.count], r->err);
    return axis;
}

static bool is_whole(const struct yaml_node *node) {
    uint64_t whole;
    return node->type == YAML_SCALAR && text_to_whole(node->text, strlen(node->text), &whole);
}

static struct axis read_list(const struct reader *r, const struct target *target,
                             const struct yaml_node *const *node) {
    struct yaml_node list = as_list(node);
    struct axis axis = make_axis(r, list.place, target, 1, list.count);
    if (!list.count)
        error_at(r->err, list.place, "%s has no values to sweep over",
                 target_name(*target, r->arena));
    for (size_t i = 0; i < list.count; i++) {
        if (!target->argument && target->knob->type == KNOB_TOPOLOGY && is_whole(list.values[i])) {
            error_at(r->err, list.values[i]->place,
                     "a topology is a list: [[20, 15]] is one of two layers, [[20], [15]] are two "
                     "of one");
            break;
        }
        axis.count += read_setting(r, *target, list.values[i], &axis.settings[axis.count]);
    }
    return axis;
}

/* A point of an axis: the settings that it gives together. */
struct point {
    const struct axis *axis;
    size_t index;
};

static int compare_points(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    for (size_t t = 0; t < a->axis->target_count; t++) {
        int order = strcmp(a->axis->settings[a->index * a->axis->target_count + t].text,
                           b->axis->settings[b->index * b->axis->target_count + t].text);
        if (order)
            return order;
    }
    return 0;
}

static int compare_points_in_order(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    int order = compare_points(left, right);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

static void refuse_repeats(const struct reader *r, const struct axis *axis) {
    struct arena scratch = {0};
    struct point *points = arena_alloc(&scratch, axis->count, sizeof *points);
    for (size_t i = 0; i < axis->count; i++)
        points[i] = (struct point){axis, i};
    qsort(points, axis->count, sizeof *points, compare_points_in_order);
    for (size_t i = 1; i < axis->count; i++)
        if (compare_points(&points[i], &points[i - 1]) == 0)
            error_at(r->err, axis->settings[points[i].index * axis->target_count].place,
                     axis->target_count > 1 ? "zip has these values already"
                                            : "%s has this value already",
                     target_name(axis->targets[0], r->arena));
    arena_close(&scratch);
}

static struct axis read_values(const struct reader *r, const struct target *target,
                               const struct yaml_node *const *node) {
    if (target_is_numeric(*target) && values_are_called(*node))
        return read_numbers(r, target, *node);
    if (!target->argument && target->knob->type == KNOB_TOPOLOGY && (*node)->type == YAML_MAP)
        return read_topologies(r, target, *node);
    return read_list(r, target, node);
}

/* What only measures makes no other trial, so that several values of it are no axis. */
static void refuse_axis_of_measures(const struct reader *r, const struct yaml_node *key,
                                    const struct axis *axis) {
    if (axis->targets[0].knob->role == KNOB_OF_MEASURE && axis->count > 1)
        error_at(
            r->err, key->place,
            "%s only says what is measured or kept: it takes one value, no trial differs by it",
            key->text);
}

/* Adds an axis of one target; without one after an error. */
static void read_axis(const struct reader *r, const struct yaml_node *key,
                      const struct yaml_node *const *node, struct block *block) {
    struct target *target = arena_alloc(r->arena, 1, sizeof *target);
    if (!read_target(r, key, target))
        return;
    struct axis *axis = &block->axes[block->count++];
    *axis = read_values(r, target, node);
    refuse_axis_of_measures(r, key, axis);
    refuse_repeats(r, axis);
}

/* The axes of a zip side by side, of equal length. */
static void join_axes(const struct reader *r, struct place place, const struct axis *parts,
                      size_t count, struct block *block) {
    struct target *targets = arena_alloc(r->arena, count, sizeof *targets);
    size_t length = count ? parts[0].count : 0;
    for (size_t i = 0; i < count; i++) {
        targets[i] = parts[i].targets[0];
        if (parts[i].count != length) {
            error_at(r->err, parts[i].place,
                     "zip pairs lists of one length: %s has %zu values, %s has %zu",
                     target_name(targets[0], r->arena), length, target_name(targets[i], r->arena),
                     parts[i].count);
            return;
        }
    }
    struct axis *axis = &block->axes[block->count++];
    *axis = make_axis(r, place, targets, count, length);
    axis->is_zip = true;
    axis->count = length;
    for (size_t i = 0; i < length; i++)
        for (size_t t = 0; t < count; t++)
            axis->settings[i * count + t] = parts[t].settings[i];
    refuse_repeats(r, axis);
}

static void read_zip(const struct reader *r, const struct yaml_node *node, struct block *block) {
    if (node->type != YAML_MAP || !node->count) {
        error_at(r->err, node->place, "zip must be a mapping of knobs to lists of one length");
        return;
    }
    struct axis *parts = arena_alloc(r->arena, node->count, sizeof *parts);
    size_t count = 0, before = r->err->count;
    for (size_t i = 0; i < node->count; i++) {
        struct target *target = arena_alloc(r->arena, 1, sizeof *target);
        if (!read_target(r, node->keys[i], target))
            continue;
        parts[count] = read_values(r, target, &node->values[i]);
        refuse_axis_of_measures(r, node->keys[i], &parts[count]);
        if (parts[count].distribution.is_given)
            error_at(r->err, node->values[i]->place, "zip pairs lists; a distribution has none");
        count++;
    }
    if (r->err->count == before)
        join_axes(r, node->place, parts, count, block);
}

/* Targets that stand in two axes of a mapping: both places are shown. */
static void refuse_clashes(const struct reader *r, const struct block *block) {
    for (size_t a = 0; a < block->count; a++)
        for (size_t b = a + 1; b < block->count; b++)
            for (size_t s = 0; s < block->axes[a].target_count; s++)
                for (size_t t = 0; t < block->axes[b].target_count; t++) {
                    if (!target_equal(block->axes[a].targets[s], block->axes[b].targets[t]) ||
                        (!block->axes[a].is_zip && !block->axes[b].is_zip))
                        continue; /* a repeated key is refused before */
                    const char *name = target_name(block->axes[b].targets[t], r->arena);
                    error_at(r->err, block->axes[a].place, "%s has two axes: here and in line %zu",
                             name, block->axes[b].place.line);
                    error_at(r->err, block->axes[b].place, "%s has two axes: here and in line %zu",
                             name, block->axes[a].place.line);
                }
}

static void read_block(const struct reader *r, const struct yaml_node *node, struct block *block) {
    *block = (struct block){.place = node->place};
    if (node->type != YAML_MAP) {
        error_at(r->err, node->place,
                 "sweep must be a mapping of knobs to lists of values, or a list of mappings");
        return;
    }
    block->axes = arena_alloc(r->arena, node->count, sizeof *block->axes);
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->keys[i]->text, "zip") == 0)
            read_zip(r, node->values[i], block);
        else
            read_axis(r, node->keys[i], &node->values[i], block);
    refuse_clashes(r, block);
}

void read_sweep(const struct reader *r, const struct yaml_node *node) {
    struct experiment *e = r->experiment;
    const struct yaml_node *single = node;
    bool is_list = node->type == YAML_LIST;
    e->block_count = is_list ? node->count : 1;
    e->blocks = arena_alloc(r->arena, e->block_count, sizeof *e->blocks);
    if (is_list && !node->count)
        error_at(r->err, node->place, "sweep is empty");
    for (size_t i = 0; i < e->block_count; i++)
        read_block(r, is_list ? node->values[i] : single, &e->blocks[i]);
}

/* A list of topologies, where one topology is a list itself. */
static bool is_list_of_values(struct target target, const struct yaml_node *node) {
    bool is_topology = !target.argument && target.knob->type == KNOB_TOPOLOGY;
    return node->type == YAML_LIST && (!is_topology || (node->count && !is_whole(node->values[0])));
}

/* A partial setting; with lists of values where any of them is meant. */
static void read_filter(const struct reader *r, const struct yaml_node *node, const char *key,
                        bool takes_lists, struct filter *filter) {
    *filter = (struct filter){.place = node->place};
    if (node->type != YAML_MAP || !node->count) {
        error_at(r->err, node->place, "%s must be a mapping of knobs to values", key);
        return;
    }
    filter->conditions = arena_alloc(r->arena, node->count, sizeof *filter->conditions);
    for (size_t i = 0; i < node->count; i++) {
        struct target *target = arena_alloc(r->arena, 1, sizeof *target);
        if (!read_target(r, node->keys[i], target))
            continue;
        bool any = takes_lists && is_list_of_values(*target, node->values[i]);
        bool called =
            takes_lists && target_is_numeric(*target) && values_are_called(node->values[i]);
        struct yaml_node single = {.type = YAML_LIST,
                                   .place = node->values[i]->place,
                                   .count = 1,
                                   .values = &node->values[i]};
        const struct yaml_node *list = any || called ? node->values[i] : &single;
        struct axis axis = called ? read_numbers(r, target, list) : read_list(r, target, &list);
        filter->conditions[filter->count++] = condition_equal(*target, axis.settings, axis.count);
    }
}

void read_excludes(const struct reader *r, const struct yaml_node *node) {
    struct experiment *e = r->experiment;
    if (node->type != YAML_LIST) {
        error_at(r->err, node->place, "exclude must be a list of mappings of knobs to values");
        return;
    }
    e->excludes = arena_alloc(r->arena, node->count, sizeof *e->excludes);
    for (size_t i = 0; i < node->count; i++)
        read_filter(r, node->values[i], "a setting to exclude", true,
                    &e->excludes[e->exclude_count++]);
}

void read_baseline(const struct reader *r, const struct yaml_node *node) {
    r->experiment->baseline = arena_alloc(r->arena, 1, sizeof *r->experiment->baseline);
    read_filter(r, node, "baseline", false, r->experiment->baseline);
}
