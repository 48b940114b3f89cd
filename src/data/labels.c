#include "data/labels.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

enum { CLASSES_MAX = 65535, SHOWN = 40 };
static const double label_max = 1e9;

/* Where the value of a row stands. */
static struct place place_of(const struct raw_part *raw, size_t row) {
    return raw->texts ? file_place(&raw->file, raw->texts[row].text)
                      : (struct place){.file = raw->file.path};
}

static const char *byte_of(const struct raw_part *raw, size_t row, struct arena *arena) {
    return raw->texts ? "" : arena_printf(arena, "byte %zu: ", raw->offset + row);
}

/* As the file writes it: 20 digits do not fit a double. */
static const char *text_of(const struct raw_part *raw, size_t row, struct arena *arena) {
    if (raw->values && !raw->texts)
        return text_of_number(raw->values[row], arena);
    const struct raw_text *text = &raw->texts[row];
    return arena_printf(arena, "%.*s%s", text->length < SHOWN ? (int)text->length : SHOWN,
                        text->text, text->length < SHOWN ? "" : "...");
}

static const char *shown(const struct raw_part *raw, size_t row, struct arena *arena) {
    const char *text = text_of(raw, row, arena);
    return raw->values ? text : arena_printf(arena, "'%s'", text);
}

static bool check_numbers(const struct raw_part *raw, struct arena *arena, struct error *err) {
    for (size_t i = 0; i < raw->part.rows; i++) {
        double label = raw->values[i];
        if (label != floor(label))
            return error_at(err, place_of(raw, i),
                            "%sthe label %s is no whole number (values? task: regression)",
                            byte_of(raw, i, arena), text_of(raw, i, arena));
        if (fabs(label) > label_max)
            return error_at(err, place_of(raw, i),
                            "%sthe label %s is outside -%.0f..%.0f (values? task: regression)",
                            byte_of(raw, i, arena), text_of(raw, i, arena), label_max, label_max);
    }
    return true;
}

static int compare_keys(const struct class_key *a, const struct class_key *b) {
    if (!a->text.text || !b->text.text)
        return (a->value > b->value) - (a->value < b->value);
    size_t shorter = a->text.length < b->text.length ? a->text.length : b->text.length;
    int order = memcmp(a->text.text, b->text.text, shorter);
    if (!order)
        order = (a->text.length > b->text.length) - (a->text.length < b->text.length);
    return order ? order : a->text.has_doubled_quotes - b->text.has_doubled_quotes;
}

/* The first of the sorted keys that is not before this one. */
static size_t lower_bound(const struct class_key *sorted, size_t count,
                          const struct class_key *key) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_keys(&sorted[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void name_classes(struct classes *classes, struct class_key *sorted, bool are_numbers,
                         struct arena *arena) {
    double *values = arena_alloc(arena, classes->count, sizeof *values);
    const char **names = arena_alloc(arena, classes->count, sizeof *names);
    for (size_t i = 0; i < classes->count; i++) {
        struct class_key *key = &sorted[i];
        if (are_numbers)
            key->index = (uint16_t)i;
        values[key->index] = key->value;
        names[key->index] =
            are_numbers ? text_of_number(key->value, arena) : raw_text_copy(&key->text, arena);
    }
    classes->sorted = sorted;
    classes->values = are_numbers ? values : NULL;
    classes->names = names;
}

bool classes_find(const struct raw_part *train, struct classes *classes, struct arena *arena,
                  struct error *err) {
    bool are_numbers = train->values != NULL;
    if (are_numbers && !check_numbers(train, arena, err))
        return false;
    struct class_key *sorted = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < train->part.rows && count <= CLASSES_MAX; i++) {
        struct class_key key = {0};
        if (are_numbers)
            key.value = train->values[i];
        else
            key.text = train->texts[i];
        size_t at = lower_bound(sorted, count, &key);
        if (at < count && compare_keys(&sorted[at], &key) == 0)
            continue;
        sorted = arena_grow(arena, sorted, count, &capacity, sizeof *sorted);
        memmove(&sorted[at + 1], &sorted[at], (count - at) * sizeof *sorted);
        key.index = (uint16_t)count++;
        sorted[at] = key;
    }
    const char *path = train->file.path;
    if (count > CLASSES_MAX)
        return error_set(err, ERROR_INVALID, "%s: more than %d classes (values? task: regression)",
                         path, CLASSES_MAX);
    if (count < 2)
        return error_set(err, ERROR_INVALID,
                         "%s: all rows have the label %s; a classifier needs two", path,
                         shown(train, 0, arena));
    classes->count = count;
    name_classes(classes, sorted, are_numbers, arena);
    return true;
}

/* The class of a row, or NULL. */
static const struct class_key *class_of(const struct raw_part *raw, size_t row,
                                        const struct classes *classes) {
    struct class_key key = {0};
    if (!classes->values)
        key.text = raw->texts[row];
    else if (raw->values)
        key.value = raw->values[row];
    else if (!text_to_number(raw->texts[row].text, raw->texts[row].length, &key.value))
        return NULL;
    size_t at = lower_bound(classes->sorted, classes->count, &key);
    bool is_there = at < classes->count && compare_keys(&classes->sorted[at], &key) == 0;
    return is_there ? &classes->sorted[at] : NULL;
}

const uint16_t *labels_find(const struct raw_part *raw, const struct classes *classes,
                            struct arena *arena, struct error *err) {
    uint16_t *labels = arena_alloc(arena, raw->part.rows, sizeof *labels);
    for (size_t i = 0; i < raw->part.rows; i++) {
        const struct class_key *key = class_of(raw, i, classes);
        if (!key) {
            error_at(err, place_of(raw, i),
                     "%sthe label %s is none of the training file's %zu classes, %s to %s",
                     byte_of(raw, i, arena), shown(raw, i, arena), classes->count,
                     classes->names[0], classes->names[classes->count - 1]);
            return NULL;
        }
        labels[i] = key->index;
    }
    return labels;
}

const float *targets_read(const struct raw_part *raw, struct arena *arena, struct error *err) {
    float *targets = arena_alloc(arena, raw->part.rows, sizeof *targets);
    for (size_t i = 0; i < raw->part.rows; i++) {
        double value = 0;
        if (raw->values)
            value = raw->values[i];
        else if (!text_to_number(raw->texts[i].text, raw->texts[i].length, &value)) {
            error_at(err, place_of(raw, i), "the target %s is no number, as a regression needs",
                     shown(raw, i, arena));
            return NULL;
        }
        if (fabs(value) > data_value_max) {
            error_at(err, place_of(raw, i), "%sthe target %g is outside -%g..%g",
                     byte_of(raw, i, arena), value, data_value_max, data_value_max);
            return NULL;
        }
        targets[i] = (float)value;
    }
    return targets;
}
