#include "data/dataset.h"

#include "base/digest.h"
#include "data/format.h"
#include "data/generator.h"
#include "data/labels.h"
#include "data/nonzero.h"

#include <string.h>
#include <strings.h>

static const struct data_format formats[] = {
    {.entry = {"idx", "IDX images and labels, as MNIST has them", {{0}}},
     .paths = 2,
     .parse = idx_parse},
    {.entry = {"csv", "comma-separated values, one column of them the target", {{0}}},
     .paths = 1,
     .has_columns = true,
     .parse = csv_parse},
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
    struct digest hash; /* of the bytes */
};

/* Whether the file is the one that the experiment means. */
static bool check_sha256(const struct data_source *source, const struct part_files *part, size_t i,
                         const struct file_bytes *file, struct error *err) {
    char digest[SHA256_TEXT];
    if (part->paths != source->train || !source->sha256[i])
        return true;
    digest_sha256(file->bytes, file->length, digest);
    return strcasecmp(digest, source->sha256[i]) == 0 ||
           error_at(err, source->sha256_place, "%s has the SHA-256 %s", file->path, digest);
}

/* Reads and hashes the files; parses them where they are given. */
static bool parse_part(const struct data_source *source, const atomic_int *stop,
                       struct digest_stream hash, struct arena *arena, struct part_files *part,
                       struct error *err) {
    struct file_bytes files[DATA_PATHS_MAX];
    const size_t none = SIZE_MAX; /* the length of a part that is not given */
    for (size_t i = 0; i < source->format->paths; i++) {
        if (!part->paths[i]) {
            digest_add(hash, &none, sizeof none);
            return true;
        }
        if (!file_read(part->paths[i], stop, arena, &files[i], err) ||
            !check_sha256(source, part, i, &files[i], err))
            return false;
        digest_add(hash, &files[i].length, sizeof files[i].length);
        digest_add(hash, files[i].bytes, files[i].length);
        part->hash = digest128(files[i].bytes, files[i].length, part->hash.low);
    }
    return source->format->parse(source, files, arena, &part->raw, err);
}

static bool read_part(const struct data_source *source, const atomic_int *stop,
                      struct digest_stream hash, struct arena *arena, struct part_files *part,
                      struct error *err) {
    struct error own = {0};
    bool ok = parse_part(source, stop, hash, arena, part, &own);
    if (own.kind == ERROR_INVALID)
        error_give_place(&own, part->place);
    error_move(err, &own);
    return ok;
}

static bool is_same(const struct part_files *a, const struct part_files *b) {
    return a->raw.part.rows && b->raw.part.rows && digest_equal(a->hash, b->hash);
}

/* Where both files name their columns, the names must be the same. */
static bool same_columns(const struct raw_part *raw, const struct raw_part *train,
                         struct error *err) {
    const char *path = raw->file.path;
    if (raw->inputs != train->inputs)
        return error_set(err, ERROR_INVALID, "%s: %zu columns, but the training file has %zu", path,
                         raw->inputs, train->inputs);
    for (size_t i = 0; raw->column_names && train->column_names && i < raw->inputs; i++)
        if (strcmp(raw->column_names[i], train->column_names[i]) != 0)
            return error_set(err, ERROR_INVALID,
                             "%s: the column '%s' stands where the training file has '%s'", path,
                             raw->column_names[i], train->column_names[i]);
    return true;
}

static bool finish_part(const struct raw_part *raw, const struct raw_part *train,
                        const struct classes *classes, const struct dataset *dataset,
                        struct data_part *part, struct arena *arena, struct error *err) {
    *part = raw->part;
    if (!part->rows)
        return true;
    if (!same_columns(raw, train, err))
        return false;
    if (dataset->task == TASK_CLASSIFICATION)
        return (part->labels = labels_find(raw, classes, arena, err)) != NULL;
    return (part->targets = targets_read(raw, arena, err)) != NULL;
}

static void write_digest(struct digest_stream hash, const struct dataset *dataset,
                         char out[DIGEST_TEXT]) {
    char shape[64];
    int n = snprintf(shape, sizeof shape, "%zu %d", dataset->inputs, (int)dataset->task);
    digest_add(hash, shape, (size_t)n);
    digest_text(digest_end(hash), out);
}

bool dataset_load(const struct data_source *source, const atomic_int *stop, struct arena *arena,
                  struct dataset *dataset, struct error *err) {
    if (source->generator.entry)
        return generator_load(source, stop, arena, dataset, err);
    struct part_files train = {.paths = source->train, .place = source->train_place},
                      validation = {.paths = source->validation, .place = source->validation_place},
                      test = {.paths = source->test, .place = source->test_place};
    struct digest_stream hash = digest_begin();
    *dataset = (struct dataset){.name = source->name, .task = source->task};
    bool ok = read_part(source, stop, hash, arena, &train, err) &&
              read_part(source, stop, hash, arena, &validation, err) &&
              read_part(source, stop, hash, arena, &test, err);
    struct classes classes = {0};
    dataset->inputs = ok ? train.raw.inputs : 0;
    if (ok && !train.raw.part.rows)
        ok = error_set(err, ERROR_INVALID, "%s: no rows", source->train[0]);
    if (ok && dataset->task == TASK_CLASSIFICATION)
        ok = classes_find(&train.raw, &classes, arena, err);
    dataset->classes = classes.count;
    dataset->class_values = classes.values;
    dataset->class_names = classes.names;
    ok = ok &&
         finish_part(&train.raw, &train.raw, &classes, dataset, &dataset->train, arena, err) &&
         finish_part(&validation.raw, &train.raw, &classes, dataset, &dataset->validation, arena,
                     err) &&
         finish_part(&test.raw, &train.raw, &classes, dataset, &dataset->test, arena, err);
    if (ok)
        dataset_find_nonzero(dataset, arena);
    dataset->test_repeats_train = is_same(&test, &train);
    dataset->test_repeats_validation = is_same(&test, &validation);
    dataset->validation_repeats_train = is_same(&validation, &train);
    write_digest(hash, dataset, dataset->digest);
    return ok;
}
