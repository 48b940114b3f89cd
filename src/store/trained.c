#include "store/trained.h"

#include "trial/knob.h"

#include <string.h>

/* The knobs that say what the net computes. */
static bool read_knobs(struct trained *trained, struct arena *arena, struct error *err) {
    trained->trial = trial_default();
    for (size_t k = 0; k < knob_count; k++) {
        const struct sql_value *cell = sql_find(&trained->row, knobs[k].name);
        if (knobs[k].type != KNOB_CHOICE && knobs[k].type != KNOB_TOPOLOGY)
            continue;
        const struct sql_value *arguments =
            sql_find(&trained->row, arena_printf(arena, "%s_arguments", knobs[k].name));
        const char *text = cell && cell->type == SQL_TEXT
                               ? knob_column_text(&knobs[k], cell, arguments, arena)
                               : knobs[k].fallback;
        if (!knob_parse(&knobs[k], text, (struct place){0}, NULL, &trained->trial, err))
            return false;
    }
    return true;
}

/* The parts of a blob as one. Size 0: there is none. */
static bool read_bytes(struct query_database *database, const char *trial, const char *which,
                       struct arena *arena, char **bytes, size_t *size, struct error *err) {
    struct sql_value parameters[] = {sql_text(trial), sql_text(which)};
    struct table parts;
    if (!query_table(database,
                     "SELECT bytes FROM weight_rows JOIN trial_rows ON id = trial_id WHERE trial = "
                     "?1 AND id > 0 AND which = ?2 ORDER BY part",
                     parameters, 2, arena, &parts, err))
        return false;
    *size = 0;
    for (size_t i = 0; i < parts.rows; i++)
        *size += parts.cells[i].length;
    *bytes = arena_alloc(arena, *size + 1, 1);
    for (size_t i = 0, at = 0; i < parts.rows; at += parts.cells[i++].length)
        memcpy(*bytes + at, parts.cells[i].text, parts.cells[i].length);
    return true;
}

static bool read_weights(struct query_database *database, const char *trial, enum kept kept,
                         struct arena *arena, struct trained *trained, struct error *err) {
    static const char *const names[] = {"best", "last"};
    char *bytes;
    size_t size = 0;
    for (int i = 0; i < 2 && !size; i++) {
        if (kept != KEPT_ANY && kept != (enum kept)i)
            continue;
        trained->which = names[i];
        if (!read_bytes(database, trial, names[i], arena, &bytes, &size, err))
            return false;
    }
    if (!size)
        return error_set(err, ERROR_FAILED, "the %s weights of %s were not kept (keep_weights: %s)",
                         kept == KEPT_ANY ? "best or last" : names[kept], trial,
                         trained->trial.keep_weights.entry->name);
    trained->weights = (const float *)(void *)bytes;
    trained->weight_count = size / sizeof *trained->weights;
    return true;
}

static void read_classes(const char *bytes, size_t size, struct arena *arena,
                         struct trained *trained) {
    const char **names = arena_alloc(arena, size, sizeof *names);
    for (size_t at = 0; at < size; at += strlen(bytes + at) + 1)
        names[trained->classes++] = bytes + at;
    trained->class_names = names;
}

/* False: not of these inputs. */
static bool read_scale(const char *bytes, size_t size, size_t inputs, struct arena *arena,
                       struct trained *trained) {
    size_t count = size / sizeof(float);
    float *values = arena_alloc(arena, count, sizeof *values);
    memcpy(values, bytes, count * sizeof *values);
    if (count != 1 && count != 1 + 2 * inputs)
        return false;
    trained->scale.factor = values[0];
    if (count > 1) {
        trained->scale.shifts = values + 1;
        trained->scale.factors = values + 1 + inputs;
    }
    trained->has_scale = true;
    return true;
}

/* How many inputs the net must have for this number of weights: it grows by as much for each. */
static bool find_shape(struct trained *trained) {
    const struct topology *topology = &trained->trial.topology;
    struct net_shape *shape = &trained->shape;
    *shape = (struct net_shape){.layers = topology->depth + 1,
                                .activation = trained->trial.activation,
                                .normalization = trained->trial.normalization,
                                .loss = trained->trial.loss};
    memcpy(shape->width + 1, topology->width, topology->depth * sizeof *topology->width);
    shape->width[shape->layers] = trained->classes ? (uint32_t)trained->classes : 1;
    shape->width[0] = 0;
    size_t fixed = net_weight_count(shape), of_an_input = shape->width[1];
    if (of_an_input == 0 || trained->weight_count <= fixed ||
        (trained->weight_count - fixed) % of_an_input)
        return false;
    shape->width[0] = (uint32_t)((trained->weight_count - fixed) / of_an_input);
    return net_weight_count(shape) == trained->weight_count;
}

/* Older files have no names of classes: they are taken from the confusion matrix. */
static bool count_classes(struct query_database *database, const char *trial, struct arena *arena,
                          struct trained *trained, struct error *err) {
    struct sql_value id = sql_text(trial);
    struct table labels;
    const struct sql_value *mae = sql_find(&trained->row, "final_test_mae");
    if (mae && mae->type == SQL_REAL)
        return true;
    if (!query_table(database,
                     "SELECT CAST(actual AS TEXT) FROM (SELECT actual FROM confusion WHERE trial = "
                     "?1 UNION SELECT predicted FROM confusion WHERE trial = ?1) ORDER BY actual",
                     &id, 1, arena, &labels, err))
        return false;
    const char **names = arena_alloc(arena, labels.rows, sizeof *names);
    for (size_t i = 0; i < labels.rows; i++)
        names[i] = labels.cells[i].text;
    trained->classes = labels.rows;
    trained->class_names = names;
    return true;
}

bool trained_load(struct query_database *database, const char *prefix, enum kept kept,
                  struct arena *arena, struct trained *trained, struct error *err) {
    struct sql_value id;
    char *scale, *target_scale, *classes;
    size_t scale_size, target_size, classes_size;
    *trained = (struct trained){.target_scale = {0, 1}};
    if (!query_find_trial(database, prefix, arena, &id, err) ||
        !query_table(database, "SELECT * FROM trials WHERE trial = ?1", &id, 1, arena,
                     &trained->row, err) ||
        !read_knobs(trained, arena, err) ||
        !read_weights(database, id.text, kept, arena, trained, err) ||
        !read_bytes(database, id.text, "scale", arena, &scale, &scale_size, err) ||
        !read_bytes(database, id.text, "target_scale", arena, &target_scale, &target_size, err) ||
        !read_bytes(database, id.text, "classes", arena, &classes, &classes_size, err))
        return false;
    read_classes(classes, classes_size, arena, trained);
    if (!scale_size && !count_classes(database, id.text, arena, trained, err))
        return false;
    if (target_size == sizeof trained->target_scale)
        memcpy(&trained->target_scale, target_scale, target_size);
    if (find_shape(trained) &&
        (!scale_size || read_scale(scale, scale_size, trained->shape.width[0], arena, trained)))
        return true;
    return error_set(err, ERROR_FAILED, "%s: the weights do not fit the topology %s", id.text,
                     topology_list(&trained->trial.topology, arena));
}
