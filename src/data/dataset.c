#include "data/dataset.h"

#include "base/digest.h"
#include "data/format.h"
#include "data/nonzero.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const struct data_format formats[] = {
    {.entry = {"idx", "IDX images and labels, as MNIST has them", {{0}}},
     .paths = 2,
     .parse = idx_parse},
    {.entry = {"libsvm", "LIBSVM/svmlight text: LABEL INDEX:VALUE ...", {{0}}},
     .paths = 1,
     .needs_features = true,
     .parse = libsvm_parse},
};

const struct registry data_formats = REGISTRY("format", formats);

size_t dataset_outputs(const struct dataset *dataset) {
    return dataset->task == TASK_CLASSIFICATION ? dataset->classes : 1;
}

/* The files of one part as an experiment names them, and what they hold. */
struct part_files {
    const char *const *paths;
    struct place place; /* of the paths */
    struct raw_part raw;
    XXH128_hash_t hash; /* of the bytes */
};

/* Reads and hashes the files; parses them where they are given. */
static bool parse_part(const struct data_source *source, const atomic_int *stop, XXH3_state_t *hash,
                       struct arena *arena, struct part_files *part, struct error *err) {
    struct file_bytes files[DATA_PATHS_MAX];
    const size_t none = SIZE_MAX; /* the length of a part that is not given */
    for (size_t i = 0; i < source->format->paths; i++) {
        if (!part->paths[i]) {
            XXH3_128bits_update(hash, &none, sizeof none);
            return true;
        }
        if (!file_read(part->paths[i], stop, arena, &files[i], err))
            return false;
        XXH3_128bits_update(hash, &files[i].length, sizeof files[i].length);
        XXH3_128bits_update(hash, files[i].bytes, files[i].length);
        part->hash = XXH3_128bits_withSeed(files[i].bytes, files[i].length, part->hash.low64);
    }
    return source->format->parse(source, files, arena, &part->raw, err);
}

static bool read_part(const struct data_source *source, const atomic_int *stop, XXH3_state_t *hash,
                      struct arena *arena, struct part_files *part, struct error *err) {
    struct error own = {0};
    bool ok = parse_part(source, stop, hash, arena, part, &own);
    if (own.kind == ERROR_INVALID)
        error_give_place(&own, part->place);
    error_move(err, &own);
    return ok;
}

static bool is_same(const struct part_files *a, const struct part_files *b) {
    return a->raw.part.rows && b->raw.part.rows && XXH128_isEqual(a->hash, b->hash);
}

/* A complaint about value `row` of a part. */
static struct place place_of(const struct raw_part *raw, size_t row) {
    return (struct place){.file = raw->path, .line = raw->line ? raw->line[row] : 0, .column = 1};
}

static const char *byte_of(const struct raw_part *raw, size_t row, struct arena *arena) {
    return raw->line ? "" : arena_printf(arena, "byte %zu: ", raw->offset + row);
}

static int compare_values(const void *left, const void *right) {
    double a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

enum { CLASSES_MAX = 65535 };
static const double label_max = 1e9;

static bool check_labels(const struct raw_part *raw, struct arena *arena, struct error *err) {
    for (size_t i = 0; i < raw->part.rows; i++) {
        double label = raw->values[i];
        if (label != floor(label))
            return error_at(err, place_of(raw, i),
                            "%sthe label %g is no whole number (values? task: regression)",
                            byte_of(raw, i, arena), label);
        if (fabs(label) > label_max)
            return error_at(err, place_of(raw, i),
                            "%sthe label %.0f is outside -%.0f..%.0f (values? task: regression)",
                            byte_of(raw, i, arena), label, label_max, label_max);
    }
    return true;
}

/* Puts a value in its place among the n that are there, ascending. False: it is one of them. */
static bool insert(double *sorted, size_t n, double value) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] == value)
            return false;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(&sorted[low + 1], &sorted[low], (n - low) * sizeof *sorted);
    sorted[low] = value;
    return true;
}

/* The classes are the labels of the training file. */
static bool find_classes(const struct raw_part *train, struct dataset *dataset, struct arena *arena,
                         struct error *err) {
    if (!check_labels(train, arena, err))
        return false;
    struct arena scratch = {0};
    double *sorted = arena_alloc(&scratch, CLASSES_MAX + 1, sizeof *sorted);
    size_t n = 0;
    for (size_t i = 0; i < train->part.rows && n <= CLASSES_MAX; i++)
        n += insert(sorted, n, train->values[i]);
    double *values = arena_alloc(arena, n, sizeof *values);
    memcpy(values, sorted, n * sizeof *values);
    arena_close(&scratch);
    dataset->class_values = values;
    dataset->classes = n;
    if (n > CLASSES_MAX)
        return error_set(err, ERROR_INVALID, "%s: more than %d classes (values? task: regression)",
                         train->path, CLASSES_MAX);
    if (n < 2)
        return error_set(err, ERROR_INVALID,
                         "%s: all rows have the label %g; a classifier needs two", train->path,
                         values[0]);
    return true;
}

static bool set_labels(const struct raw_part *raw, const struct dataset *dataset,
                       struct data_part *part, struct arena *arena, struct error *err) {
    uint16_t *labels = arena_alloc(arena, part->rows, sizeof *labels);
    const double *classes = dataset->class_values;
    for (size_t i = 0; i < part->rows; i++) {
        const double *found =
            bsearch(&raw->values[i], classes, dataset->classes, sizeof *classes, compare_values);
        if (!found)
            return error_at(err, place_of(raw, i),
                            "%sthe label %g is none of the training file's %zu classes, %g to %g",
                            byte_of(raw, i, arena), raw->values[i], dataset->classes, classes[0],
                            classes[dataset->classes - 1]);
        labels[i] = (uint16_t)(found - classes);
    }
    part->labels = labels;
    return true;
}

static bool set_targets(const struct raw_part *raw, struct data_part *part, struct arena *arena,
                        struct error *err) {
    float *targets = arena_alloc(arena, part->rows, sizeof *targets);
    for (size_t i = 0; i < part->rows; i++) {
        if (fabs(raw->values[i]) > data_value_max)
            return error_at(err, place_of(raw, i), "%sthe target %g is outside -%g..%g",
                            byte_of(raw, i, arena), raw->values[i], data_value_max, data_value_max);
        targets[i] = (float)raw->values[i];
    }
    part->targets = targets;
    return true;
}

static bool finish_part(const struct raw_part *raw, const struct dataset *dataset,
                        struct data_part *part, struct arena *arena, struct error *err) {
    *part = raw->part;
    if (!part->rows)
        return true;
    if (raw->inputs != dataset->inputs)
        return error_set(err, ERROR_INVALID, "%s: %zu columns, but the training file has %zu",
                         raw->path, raw->inputs, dataset->inputs);
    if (dataset->task == TASK_CLASSIFICATION)
        return set_labels(raw, dataset, part, arena, err);
    return set_targets(raw, part, arena, err);
}

static void write_digest(XXH3_state_t *hash, const struct dataset *dataset, char out[DIGEST_TEXT]) {
    char shape[64];
    int n = snprintf(shape, sizeof shape, "%zu %d", dataset->inputs, (int)dataset->task);
    XXH3_128bits_update(hash, shape, (size_t)n);
    XXH128_hash_t digest = XXH3_128bits_digest(hash);
    digest_text(digest.high64, digest.low64, out);
}

bool dataset_load(const struct data_source *source, const atomic_int *stop, struct arena *arena,
                  struct dataset *dataset, struct error *err) {
    struct part_files train = {.paths = source->train, .place = source->train_place},
                      validation = {.paths = source->validation, .place = source->validation_place},
                      test = {.paths = source->test, .place = source->test_place};
    XXH3_state_t *hash = XXH3_createState();
    if (!hash)
        out_of_memory();
    XXH3_128bits_reset(hash);
    *dataset = (struct dataset){.name = source->name, .task = source->task};
    bool ok = read_part(source, stop, hash, arena, &train, err) &&
              read_part(source, stop, hash, arena, &validation, err) &&
              read_part(source, stop, hash, arena, &test, err);
    dataset->inputs = ok ? train.raw.inputs : 0;
    if (ok && !train.raw.part.rows)
        ok = error_set(err, ERROR_INVALID, "%s: no rows", source->train[0]);
    if (ok && dataset->task == TASK_CLASSIFICATION)
        ok = find_classes(&train.raw, dataset, arena, err);
    ok = ok && finish_part(&train.raw, dataset, &dataset->train, arena, err) &&
         finish_part(&validation.raw, dataset, &dataset->validation, arena, err) &&
         finish_part(&test.raw, dataset, &dataset->test, arena, err);
    if (ok)
        dataset_find_nonzero(dataset, arena);
    dataset->test_repeats_train = is_same(&test, &train);
    dataset->test_repeats_validation = is_same(&test, &validation);
    dataset->validation_repeats_train = is_same(&validation, &train);
    write_digest(hash, dataset, dataset->digest);
    XXH3_freeState(hash);
    return ok;
}
