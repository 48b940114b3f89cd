#include "run/cohort.h"

#include "trial/trial.h"

#include <stdlib.h>

/* Weight of a chunk, in first-layer units: beyond, sharing gains nothing more (docs/scaling.md). */
enum { CHUNK_UNITS = 384 };

bool cohort_same(const struct work *a, const struct work *b) {
    const struct trial *x = a->trial, *y = b->trial;
    return a->dataset == b->dataset && choice_equal(&x->scale, &y->scale) &&
           x->train_rows == y->train_rows && x->validation_split == y->validation_split &&
           x->split_seed == y->split_seed && x->batch_size == y->batch_size &&
           x->order_seed == y->order_seed;
}

static double samples(const struct work *job) {
    uint64_t rows = job->trial->train_rows ? job->trial->train_rows : job->dataset->train.rows;
    return (double)rows * (double)job->trial->epochs;
}

/* Gathering a minibatch and streaming it through the cache: seconds, once a chunk. */
static double shared_seconds(const struct work *job) {
    return samples(job) * (double)job->dataset->inputs * 0.6e-9;
}

/* Seconds that one more net adds to a chunk. */
static double own_seconds(const struct work *job) {
    double multiply_adds = (double)trial_multiply_adds(job->trial, job->dataset->inputs,
                                                       dataset_outputs(job->dataset));
    return samples(job) * (multiply_adds * 25e-12 + 50e-9);
}

/* A job for sorting: jobs of one cohort become neighbours, the longest first. */
struct key {
    const struct work *job;
    size_t index;
};

static int compare_numbers(double a, double b) {
    return (a > b) - (a < b);
}

static int compare_wholes(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int compare_keys(const void *left, const void *right) {
    const struct key *a = left, *b = right;
    const struct trial *x = a->job->trial, *y = b->job->trial;
    int order = 0;
    if (cohort_same(a->job, b->job)) {
        order = compare_numbers(own_seconds(b->job), own_seconds(a->job));
        return order ? order : compare_wholes(a->index, b->index);
    }
    if (!order)
        order = compare_wholes((uintptr_t)a->job->dataset, (uintptr_t)b->job->dataset);
    if (!order)
        order = compare_wholes(x->order_seed, y->order_seed);
    if (!order)
        order = compare_wholes(x->split_seed, y->split_seed);
    if (!order)
        order = compare_wholes(x->batch_size, y->batch_size);
    if (!order)
        order = compare_wholes(x->train_rows, y->train_rows);
    if (!order)
        order = compare_numbers(x->validation_split, y->validation_split);
    if (!order)
        order = compare_wholes((uintptr_t)x->scale.entry, (uintptr_t)y->scale.entry);
    return order;
}

static struct key *sorted_keys(const struct work *jobs, size_t count, struct arena *arena) {
    struct key *keys = arena_alloc(arena, count, sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct key){&jobs[i], i};
    qsort(keys, count, sizeof *keys, compare_keys);
    return keys;
}

size_t cohort_number(const struct work *jobs, size_t count, size_t *cohorts) {
    struct arena arena = {0};
    struct key *keys = sorted_keys(jobs, count, &arena);
    size_t number = 0;
    for (size_t i = 0; i < count; i++) {
        number += i > 0 && !cohort_same(keys[i].job, keys[i - 1].job);
        cohorts[keys[i].index] = number;
    }
    arena_close(&arena);
    return count ? number + 1 : 0;
}

double cohort_estimate(const struct work *job) {
    return shared_seconds(job) + own_seconds(job);
}

double cohort_memory(const struct work *job) {
    const struct trial *trial = job->trial;
    size_t inputs = job->dataset->inputs, outputs = dataset_outputs(job->dataset);
    double parameters = (double)trial_parameters(trial, inputs, outputs);
    double units = (double)outputs,
           batch = trial->batch_size > 256 ? (double)trial->batch_size : 256;
    for (uint32_t l = 0; l < trial->topology.depth; l++)
        units += trial->topology.width[l];
    /* weights, gradient, two optimizer states, best weights, a checkpoint on its way */
    return 6 * 4 * parameters + 4 * batch * ((double)inputs + 2 * units) +
           (double)trial->epochs * sizeof(struct epoch_record);
}

/* First-layer units, or more for a net whose later layers are large: sharing gains it little, and
 * all nets of a chunk are in memory at once. Whatever fills a chunk counts the same. */
static size_t weight(const struct work *job) {
    enum { PARAMETERS_A_UNIT = 4096 };
    size_t outputs = dataset_outputs(job->dataset);
    size_t units = job->trial->topology.depth ? job->trial->topology.width[0] : outputs;
    uint64_t large =
        trial_parameters(job->trial, job->dataset->inputs, outputs) / PARAMETERS_A_UNIT;
    if (units >= CHUNK_UNITS || large >= CHUNK_UNITS)
        return CHUNK_UNITS;
    return units > large ? units : (size_t)large;
}

static int longest_first(const void *left, const void *right) {
    const struct chunk *a = left, *b = right;
    int order = compare_numbers(b->seconds, a->seconds);
    return order ? order : compare_wholes(a->jobs[0], b->jobs[0]);
}

/* When the last worker would be done, if each takes the longest chunk that is left. */
static double finish_time(const struct chunk *chunks, size_t count, size_t workers,
                          struct arena *arena) {
    double *busy = arena_alloc(arena, workers, sizeof *busy), last = 0;
    for (size_t c = 0; c < count; c++) {
        size_t idle = 0;
        for (size_t w = 1; w < workers; w++)
            idle = busy[w] < busy[idle] ? w : idle;
        busy[idle] += chunks[c].seconds;
        last = busy[idle] > last ? busy[idle] : last;
    }
    return last;
}

static size_t cohort_end(const struct key *keys, size_t count, size_t from, size_t *total) {
    size_t end = from;
    for (*total = 0; end < count && cohort_same(keys[end].job, keys[from].job); end++)
        *total += weight(keys[end].job);
    return end;
}

/* Each cohort in as few chunks of at most about `limit` in weight as it takes, all of about the
 * same. A chunk is a range of the sorted jobs. Returns the number of chunks. */
static size_t cut_at(const struct key *keys, size_t count, size_t limit, size_t *jobs,
                     struct chunk *chunks) {
    size_t n = 0;
    for (size_t from = 0, end, total; from < count; from = end) {
        end = cohort_end(keys, count, from, &total);
        size_t pieces = (total + limit - 1) / limit, before = 0, piece = SIZE_MAX;
        for (size_t i = from; i < end; i++) {
            size_t own = weight(keys[i].job), middle = before + own / 2;
            if (middle * pieces / total != piece) {
                piece = middle * pieces / total;
                chunks[n++] =
                    (struct chunk){.jobs = jobs + i, .seconds = shared_seconds(keys[i].job)};
            }
            jobs[i] = keys[i].index;
            chunks[n - 1].count++;
            chunks[n - 1].seconds += own_seconds(keys[i].job);
            before += own;
        }
    }
    qsort(chunks, n, sizeof *chunks, longest_first);
    return n;
}

size_t cohort_cut(const struct work *jobs, size_t count, size_t workers, bool together,
                  struct arena *arena, struct chunk **chunks) {
    struct arena scratch = {0};
    struct key *keys = sorted_keys(jobs, count, &scratch);
    size_t *indices = arena_alloc(arena, count, sizeof *indices);
    *chunks = arena_alloc(arena, count, sizeof **chunks);
    double soonest = 0;
    size_t best = 1; /* a unit a chunk: every job alone */
    for (size_t limit = CHUNK_UNITS; together && limit >= 16; limit = limit * 3 / 4) {
        size_t n = cut_at(keys, count, limit, indices, *chunks);
        double time = finish_time(*chunks, n, workers, &scratch);
        if (best == 1 || time < 0.98 * soonest) {
            soonest = time;
            best = limit;
        }
    }
    size_t n = cut_at(keys, count, best, indices, *chunks);
    arena_close(&scratch);
    return n;
}
