#include "data/dataset.h"

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

static bool read_part(const struct data_source *source, const char *const *paths,
                      const atomic_int *stop, XXH3_state_t *hash, struct arena *arena,
                      struct raw_part *raw, struct error *err) {
    struct file_bytes files[DATA_PATHS_MAX];
    const size_t none = SIZE_MAX; /* the length of a part that is not given */
    *raw = (struct raw_part){0};
    for (size_t i = 0; i < source->format->paths; i++) {
        if (!paths[i]) {
            XXH3_128bits_update(hash, &none, sizeof none);
            return true;
        }
        if (!file_read(paths[i], stop, arena, &files[i], err))
            return false;
        XXH3_128bits_update(hash, &files[i].length, sizeof files[i].length);
        XXH3_128bits_update(hash, files[i].bytes, files[i].length);
    }
    return source->format->parse(source, files, arena, raw, err);
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

static bool check_whole(const struct raw_part *raw, struct arena *arena, struct error *err) {
    for (size_t i = 0; i < raw->part.rows; i++)
        if (raw->values[i] != floor(raw->values[i]) || fabs(raw->values[i]) > 1e9)
            return error_at(err, place_of(raw, i), "%sthe label %g is no whole number",
                            byte_of(raw, i, arena), raw->values[i]);
    return true;
}

/* The classes are the labels of the training file. */
static bool find_classes(const struct raw_part *train, struct dataset *dataset, struct arena *arena,
                         struct error *err) {
    if (!check_whole(train, arena, err))
        return false;
    struct arena scratch = {0};
    size_t rows = train->part.rows, n = 0;
    double *sorted = arena_alloc(&scratch, rows, sizeof *sorted);
    memcpy(sorted, train->values, rows * sizeof *sorted);
    qsort(sorted, rows, sizeof *sorted, compare_values);
    for (size_t i = 0; i < rows; i++)
        if (i == 0 || sorted[i] != sorted[n - 1])
            sorted[n++] = sorted[i];
    double *values = arena_alloc(arena, n, sizeof *values);
    memcpy(values, sorted, n * sizeof *values);
    arena_close(&scratch);
    dataset->class_values = values;
    dataset->classes = n;
    if (n < 2 || n > CLASSES_MAX)
        return error_set(err, ERROR_INVALID, "%s: %zu classes; a classifier needs 2 to %d",
                         train->path, n, CLASSES_MAX);
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

static void set_targets(const struct raw_part *raw, struct data_part *part, struct arena *arena) {
    float *targets = arena_alloc(arena, part->rows, sizeof *targets);
    for (size_t i = 0; i < part->rows; i++)
        targets[i] = (float)raw->values[i];
    part->targets = targets;
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
    set_targets(raw, part, arena);
    return true;
}

static void write_digest(XXH3_state_t *hash, const struct dataset *dataset, char out[33]) {
    char shape[64];
    int n = snprintf(shape, sizeof shape, "%zu %d", dataset->inputs, (int)dataset->task);
    XXH3_128bits_update(hash, shape, (size_t)n);
    XXH128_hash_t digest = XXH3_128bits_digest(hash);
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)digest.high64,
             (unsigned long long)digest.low64);
}

bool dataset_load(const struct data_source *source, const atomic_int *stop, struct arena *arena,
                  struct dataset *dataset, struct error *err) {
    struct raw_part train, validation, test;
    XXH3_state_t *hash = XXH3_createState();
    if (!hash)
        out_of_memory();
    XXH3_128bits_reset(hash);
    *dataset = (struct dataset){.name = source->name, .task = source->task};
    bool ok = read_part(source, source->train, stop, hash, arena, &train, err) &&
              read_part(source, source->validation, stop, hash, arena, &validation, err) &&
              read_part(source, source->test, stop, hash, arena, &test, err);
    dataset->inputs = ok ? train.inputs : 0;
    if (ok && !train.part.rows)
        ok = error_set(err, ERROR_INVALID, "%s: no rows", source->train[0]);
    if (ok && dataset->task == TASK_CLASSIFICATION)
        ok = find_classes(&train, dataset, arena, err);
    ok = ok && finish_part(&train, dataset, &dataset->train, arena, err) &&
         finish_part(&validation, dataset, &dataset->validation, arena, err) &&
         finish_part(&test, dataset, &dataset->test, arena, err);
    if (ok)
        dataset_find_nonzero(dataset, arena);
    write_digest(hash, dataset, dataset->digest);
    XXH3_freeState(hash);
    return ok;
}
