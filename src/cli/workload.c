#include "cli/workload.h"

#include "data/split.h"
#include "nn/initializer.h"

#include <stdio.h>
#include <string.h>

/* Data sets by their source, so that each is read once. */
struct dataset_cache {
    const struct data_source **sources;
    struct dataset **datasets;
    size_t count, source_room, dataset_room;
    const atomic_int *stop; /* of dataset_load */
};

static bool same_source(const struct data_source *a, const struct data_source *b) {
    return a == b || (!a->place.file && !b->place.file && strcmp(a->name, b->name) == 0);
}

static struct dataset *cached_dataset(struct dataset_cache *cache, const struct data_source *source,
                                      struct arena *arena, struct error *err) {
    for (size_t i = 0; i < cache->count; i++)
        if (same_source(cache->sources[i], source))
            return cache->datasets[i];
    struct dataset *dataset = arena_alloc(arena, 1, sizeof *dataset);
    struct data_source *located = arena_alloc(arena, 1, sizeof *located);
    if (!data_locate(source, arena, located, err) ||
        !dataset_load(located, cache->stop, arena, dataset, err))
        return NULL;
    cache->sources = arena_grow(arena, cache->sources, cache->count, &cache->source_room,
                                sizeof *cache->sources);
    cache->datasets = arena_grow(arena, cache->datasets, cache->count, &cache->dataset_room,
                                 sizeof *cache->datasets);
    cache->sources[cache->count] = source;
    cache->datasets[cache->count++] = dataset;
    return dataset;
}

/* A class that no row of one side has is worth a word: its accuracy means nothing there. */
static void warn_of_missing_class(const struct dataset *dataset, const struct row_set *rows,
                                  const char *side) {
    struct arena scratch = {0};
    bool *seen = arena_alloc(&scratch, dataset->classes, sizeof *seen);
    for (size_t i = 0; i < rows->count; i++)
        seen[rows->part->labels[rows->rows[i]]] = true;
    for (size_t c = 0; rows->count && c < dataset->classes; c++)
        if (!seen[c])
            fprintf(stderr, "warning: %s: no %s row has the label %g\n", dataset->name, side,
                    dataset->class_values[c]);
    arena_close(&scratch);
}

/* The first trial of each split: the others of the same sizes can be split as well as this one. */
static bool can_split(const struct workload *workload, size_t i, struct error *err) {
    const struct work *work = &workload->work[i];
    const struct trial *trial = work->trial;
    if (i > 0) {
        const struct work *before = &workload->work[i - 1];
        if (before->dataset == work->dataset && before->trial->train_rows == trial->train_rows &&
            before->trial->validation_split == trial->validation_split)
            return true;
    }
    struct arena scratch = {0};
    struct split split;
    bool ok = split_make(work->dataset, trial->validation_split, trial->train_rows,
                         trial->split_seed, &scratch, &split, err);
    if (ok && work->dataset->classes) {
        warn_of_missing_class(work->dataset, &split.train, "training");
        warn_of_missing_class(work->dataset, &split.validation, "validation");
    }
    arena_close(&scratch);
    return ok;
}

/* Nets that are too large, or that their initializer cannot start. */
static bool can_build(const struct work *work, struct error *err) {
    const struct trial *trial = work->trial;
    uint64_t parameters =
        trial_parameters(trial, work->dataset->inputs, dataset_outputs(work->dataset));
    if (parameters > INT32_MAX)
        return error_set(err, ERROR_INVALID, "a net of %llu parameters; at most 2^31 - 1 can be",
                         (unsigned long long)parameters);
    if (!initializer_of(&trial->initializer)->square_only)
        return true;
    size_t fan_in = work->dataset->inputs;
    for (uint32_t l = 0; l <= trial->topology.depth; l++) {
        size_t fan_out =
            l < trial->topology.depth ? trial->topology.width[l] : dataset_outputs(work->dataset);
        if (fan_in != fan_out)
            return error_set(
                err, ERROR_INVALID,
                "the initializer %s needs square kernels; layer %u of %s has %zu x %zu",
                trial->initializer.entry->name, l + 1, work->dataset->name, fan_in, fan_out);
        fan_in = fan_out;
    }
    return true;
}

static bool complete(struct workload *workload, struct dataset_cache *cache, struct arena *arena,
                     struct error *err) {
    size_t count = workload->plan.count;
    workload->work = arena_alloc(arena, count, sizeof *workload->work);
    for (size_t i = 0; i < count; i++) {
        const struct trial *trial = &workload->plan.trials[i].trial;
        const struct dataset *dataset = cached_dataset(cache, trial->dataset, arena, err);
        if (!dataset)
            return false;
        workload->work[i] = (struct work){.trial = trial,
                                          .dataset = dataset,
                                          .id = trial_fingerprint(trial, dataset->digest),
                                          .label = workload->plan.trials[i].label};
        if (!can_split(workload, i, err) || !can_build(&workload->work[i], err))
            return false;
    }
    return true;
}

bool workload_load(const struct invocation *in, const atomic_int *stop, struct workload **workloads,
                   size_t *count, struct error *err) {
    size_t overrides = 0;
    struct plan_override *sets = arena_alloc(in->arena, in->given + 1, sizeof *sets);
    while ((sets[overrides].text = option_value_at(in, "set", overrides)))
        overrides++;
    *count = in->count;
    *workloads = arena_alloc(in->arena, in->count, sizeof **workloads);
    bool ok = true;
    for (size_t i = 0; i < in->count; i++) {
        struct error own = {0};
        ok &= plan_load(in->arguments[i], sets, overrides, in->arena, &(*workloads)[i].plan, &own);
        error_move(err, &own);
    }
    struct dataset_cache cache = {.stop = stop};
    for (size_t i = 0; i < in->count && ok; i++)
        ok = complete(&(*workloads)[i], &cache, in->arena, err);
    return ok;
}
