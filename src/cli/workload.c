#include "cli/workload.h"

#include "cli/feasible.h"

#include <string.h>

/* A data set that was asked for. */
struct cached_dataset {
    const struct data_source *source;
    struct choice generator;
    struct dataset *dataset; /* NULL: it cannot be loaded */
};

/* Data sets by their sources, so that each is read once. */
struct dataset_cache {
    struct cached_dataset *datasets; /* [count] */
    size_t count, room;
    const atomic_int *stop; /* of dataset_load */
    bool warns;
};

static bool is_same(const struct cached_dataset *cached, const struct trial *trial) {
    const struct data_source *a = cached->source, *b = trial->dataset;
    bool same = a == b || (!a->place.file && !b->place.file && strcmp(a->name, b->name) == 0);
    return same && choice_equal(&cached->generator, &trial->generator);
}

/* The data set of trial i; NULL: it cannot be loaded, which is said where it is first asked for. */
static struct dataset *find_dataset(struct dataset_cache *cache, const struct plan *plan, size_t i,
                                    struct arena *arena, struct error *err) {
    const struct trial *trial = &plan->trials[i].trial;
    for (size_t c = 0; c < cache->count; c++)
        if (is_same(&cache->datasets[c], trial))
            return cache->datasets[c].dataset;
    struct data_source chosen = *trial->dataset, located;
    struct dataset *dataset = arena_alloc(arena, 1, sizeof *dataset);
    struct place place = plan_place(plan, i, "dataset");
    struct error own = {0};
    chosen.generator = trial->generator;
    if (data_locate(&chosen, arena, &located, &own) &&
        dataset_load(&located, cache->stop, arena, dataset, &own)) {
        if (cache->warns)
            feasible_warn_of_repeated_parts(dataset, chosen.place.file ? chosen.place : place);
    } else
        dataset = NULL;
    if (own.kind == ERROR_INVALID)
        error_give_place(&own, place);
    error_move(err, &own);
    cache->datasets =
        arena_grow(arena, cache->datasets, cache->count, &cache->room, sizeof *cache->datasets);
    cache->datasets[cache->count++] =
        (struct cached_dataset){trial->dataset, trial->generator, dataset};
    return dataset;
}

static bool join_data(struct workload *workload, struct dataset_cache *cache, struct arena *arena,
                      struct error *err) {
    size_t count = workload->plan.count;
    bool ok = true;
    workload->work = arena_alloc(arena, count, sizeof *workload->work);
    for (size_t i = 0; i < count; i++) {
        const struct trial *trial = &workload->plan.trials[i].trial;
        struct work *work = &workload->work[i];
        *work = (struct work){.trial = trial,
                              .dataset = find_dataset(cache, &workload->plan, i, arena, err),
                              .label = workload->plan.trials[i].label};
        if (err->kind == ERROR_INTERRUPTED)
            return false;
        ok &= work->dataset != NULL;
        if (work->dataset)
            work->id =
                trial_fingerprint(trial, work->dataset->digest, dataset_outputs(work->dataset));
    }
    return ok;
}

bool workload_load(const struct invocation *in, const atomic_int *stop, struct workload **workloads,
                   size_t *count, struct error *err) {
    struct error warnings = {0};
    struct plan_options options = {.warnings = &warnings};
    options.sets = option_values(in, "set", &options.set_count);
    options.wheres = option_values(in, "where", &options.where_count);
    *count = in->count;
    *workloads = arena_alloc(in->arena, in->count, sizeof **workloads);
    bool ok = true;
    size_t trials = 0;
    for (size_t i = 0; i < in->count; i++) {
        struct error own = {0};
        ok &= plan_load(in->arguments[i], &options, in->arena, &(*workloads)[i].plan, &own);
        trials += (*workloads)[i].plan.count;
        error_move(err, &own);
    }
    error_print_warnings(&warnings, stderr);
    error_clear(&warnings);
    struct dataset_cache cache = {.stop = stop, .warns = true};
    if (!ok || (!trials && !error_set(err, ERROR_USAGE, "no trial is as --where says")))
        return false;
    for (size_t i = 0; i < in->count && err->kind != ERROR_INTERRUPTED; i++) {
        ok &= join_data(&(*workloads)[i], &cache, in->arena, err);
        if (err->kind != ERROR_INTERRUPTED)
            ok &= feasible_check(&(*workloads)[i], in->arena, err);
    }
    return ok;
}

bool workload_identify(const struct invocation *in, const char *path, struct workload *workload,
                       struct error *err) {
    struct dataset_cache cache = {0};
    struct plan_options options = {0};
    options.wheres = option_values(in, "where", &options.where_count);
    return plan_load(path, &options, in->arena, &workload->plan, err) &&
           join_data(workload, &cache, in->arena, err);
}
