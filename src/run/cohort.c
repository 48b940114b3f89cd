#include "run/cohort.h"

#include "base/digest.h"
#include "base/team.h"
#include "trial/knob.h"

#include <stdlib.h>
#include <string.h>

/* Weight of a chunk, in first-layer units: beyond, sharing gains nothing more (docs/scaling.md). */
enum { CHUNK_UNITS = 384 };

static int compare_wholes(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* A total order in which trials of one cohort are equal. */
static int compare_minibatches(const struct work *a, const struct work *b) {
    int order = compare_wholes((uintptr_t)a->dataset, (uintptr_t)b->dataset);
    for (size_t k = 0; k < knob_count && !order; k++)
        if (knobs[k].shapes_minibatches)
            order = knob_compare(&knobs[k], a->trial, b->trial);
    return order;
}

bool cohort_same(const struct work *a, const struct work *b) {
    return compare_minibatches(a, b) == 0;
}

static double samples(const struct work *work) {
    uint64_t rows = work->trial->train_rows ? work->trial->train_rows : work->dataset->train.rows;
    double all = (double)rows * (double)work->trial->epochs;
    double limit = (double)work->trial->max_updates * (double)work->trial->batch_size;
    return limit > 0 && limit < all ? limit : all;
}

/* Gathering a minibatch and streaming it through the cache: seconds, once a chunk. */
static double shared_seconds(const struct work *work) {
    return samples(work) * (double)work->dataset->inputs * 0.6e-9;
}

/* Seconds that one more net adds to a chunk. */
static double own_seconds(const struct work *work) {
    double multiply_adds = (double)trial_multiply_adds(work->trial, work->dataset->inputs,
                                                       dataset_outputs(work->dataset));
    return samples(work) * (multiply_adds * 25e-12 + 50e-9);
}

/* A trial for sorting: trials of one cohort become neighbours, the longest first. */
struct key {
    const struct work *work;
    size_t index;
    size_t cohort; /* from 0 */
    size_t weight;
    double seconds; /* that it adds to a chunk */
};

static int compare_numbers(double a, double b) {
    return (a > b) - (a < b);
}

static int compare_keys(const void *left, const void *right) {
    const struct key *a = left, *b = right;
    int order = compare_wholes(a->cohort, b->cohort);
    if (!order)
        order = compare_numbers(b->seconds, a->seconds);
    return order ? order : compare_wholes(a->index, b->index);
}

/* Trials with equal values of all that defines minibatches have equal hashes. */
struct hashed {
    struct digest hash;
    const struct work *work;
    size_t index;
    size_t run; /* of equal hashes */
};

static struct digest hash_minibatches(const struct work *work) {
    unsigned char bytes[sizeof(struct trial) + sizeof work->dataset]; /* fields do not overlap */
    size_t size = sizeof work->dataset;
    memcpy(bytes, &work->dataset, size);
    for (size_t k = 0; k < knob_count; k++)
        if (knobs[k].shapes_minibatches)
            size += knob_bytes(&knobs[k], work->trial, bytes + size);
    return digest128(bytes, size, 0);
}

static int compare_hashes(const void *left, const void *right) {
    const struct hashed *a = left, *b = right;
    int order = compare_wholes(a->hash.high, b->hash.high);
    if (!order)
        order = compare_wholes(a->hash.low, b->hash.low);
    return order ? order : compare_wholes(a->index, b->index);
}

static int compare_first(const void *left, const void *right) {
    const struct hashed *a = left, *b = right;
    int order = compare_minibatches(a->work, b->work);
    return order ? order : compare_wholes(a->index, b->index);
}

/* Comparing knob by knob is slow, so only one trial for each hash is compared. */
size_t cohort_number(const struct work *work, size_t count, size_t *cohorts) {
    struct arena arena = {0};
    struct hashed *all = arena_alloc(&arena, count, sizeof *all);
    struct hashed *firsts = arena_alloc(&arena, count, sizeof *firsts);
    size_t *number = arena_alloc(&arena, count, sizeof *number);
    size_t runs = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        all[i] = (struct hashed){hash_minibatches(&work[i]), &work[i], i, 0};
    qsort(all, count, sizeof *all, compare_hashes);
    for (size_t i = 0; i < count; i++) {
        bool begins = !i || !digest_equal(all[i].hash, all[i - 1].hash);
        all[i].run = runs += begins;
        if (begins)
            firsts[runs - 1] = all[i];
    }
    qsort(firsts, runs, sizeof *firsts, compare_first);
    for (size_t r = 0; r < runs; r++) {
        n += !r || !cohort_same(firsts[r].work, firsts[r - 1].work);
        number[firsts[r].run - 1] = n - 1;
    }
    for (size_t i = 0; i < count; i++)
        cohorts[all[i].index] = number[all[i].run - 1];
    arena_close(&arena);
    return n;
}

double cohort_estimate(const struct work *work) {
    return shared_seconds(work) + own_seconds(work);
}

/* First-layer units, or more for a net whose later layers are large: sharing gains it little, and
 * all nets of a chunk are in memory at once. Whatever fills a chunk counts the same. */
static size_t weight(const struct work *work) {
    enum { PARAMETERS_A_UNIT = 4096 };
    size_t outputs = dataset_outputs(work->dataset);
    size_t units = work->trial->topology.depth ? work->trial->topology.width[0] : outputs;
    uint64_t large =
        trial_parameters(work->trial, work->dataset->inputs, outputs) / PARAMETERS_A_UNIT;
    if (units >= CHUNK_UNITS || large >= CHUNK_UNITS)
        return CHUNK_UNITS;
    return units > large ? units : (size_t)large;
}

static struct key *sorted_keys(const struct work *work, size_t count, struct arena *arena) {
    struct key *keys = arena_alloc(arena, count, sizeof *keys);
    size_t *cohorts = arena_alloc(arena, count, sizeof *cohorts);
    cohort_number(work, count, cohorts);
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct key){&work[i], i, cohorts[i], weight(&work[i]), own_seconds(&work[i])};
    qsort(keys, count, sizeof *keys, compare_keys);
    return keys;
}

static int longest_first(const void *left, const void *right) {
    const struct chunk *a = left, *b = right;
    int order = compare_numbers(b->seconds, a->seconds);
    return order ? order : compare_wholes(a->trials[0], b->trials[0]);
}

size_t cohort_least_busy(const double *seconds, size_t count) {
    size_t least = 0;
    for (size_t i = 1; i < count; i++)
        least = seconds[i] < seconds[least] ? i : least;
    return least;
}

/* When the last worker would be done, if each takes the longest chunk that is left. */
static double finish_time(const struct chunk *chunks, size_t count, size_t workers,
                          struct arena *arena) {
    double *busy = arena_alloc(arena, workers, sizeof *busy), last = 0;
    for (size_t c = 0; c < count; c++) {
        size_t idle = cohort_least_busy(busy, workers);
        busy[idle] += chunks[c].seconds;
        last = busy[idle] > last ? busy[idle] : last;
    }
    return last;
}

static size_t cohort_end(const struct key *keys, size_t count, size_t from, size_t *total) {
    size_t end = from;
    for (*total = 0; end < count && keys[end].cohort == keys[from].cohort; end++)
        *total += keys[end].weight;
    return end;
}

/* Each cohort in as few chunks of at most about `limit` in weight as it takes, all of about the
 * same. A chunk is a range of the sorted trials. Returns the number of chunks. */
static size_t cut_at(const struct key *keys, size_t count, size_t limit, size_t *trials,
                     struct chunk *chunks) {
    size_t n = 0;
    for (size_t from = 0, end, total; from < count; from = end) {
        end = cohort_end(keys, count, from, &total);
        size_t pieces = (total + limit - 1) / limit, before = 0, piece = SIZE_MAX;
        for (size_t i = from; i < end; i++) {
            size_t own = keys[i].weight, middle = before + own / 2;
            if (middle * pieces / total != piece) {
                piece = middle * pieces / total;
                chunks[n++] =
                    (struct chunk){.trials = trials + i, .seconds = shared_seconds(keys[i].work)};
            }
            trials[i] = keys[i].index;
            chunks[n - 1].count++;
            chunks[n - 1].seconds += keys[i].seconds;
            before += own;
        }
    }
    qsort(chunks, n, sizeof *chunks, longest_first);
    return n;
}

/* A step is shared among threads where each gets so much of it: what they lose by waiting for each
 * other is then small. The optimizer's part is most of it where minibatches have few samples. */
static size_t members(const struct work *work, const struct chunk *chunk, size_t workers) {
    const double member_seconds = 100e-6, parameter_seconds = 0.5e-9;
    const struct work *first = &work[chunk->trials[0]];
    double steps = samples(first) / (double)first->trial->batch_size, parameters = 0;
    for (size_t i = 0; i < chunk->count; i++) {
        const struct work *it = &work[chunk->trials[i]];
        parameters +=
            (double)trial_parameters(it->trial, it->dataset->inputs, dataset_outputs(it->dataset));
    }
    double step_seconds = chunk->seconds / steps + parameters * parameter_seconds;
    double most = step_seconds / member_seconds;
    size_t limit = workers < TEAM_MAX ? workers : (size_t)TEAM_MAX;
    return most < 2 ? 1 : most < (double)limit ? (size_t)most : limit;
}

size_t cohort_cut(const struct work *work, size_t count, size_t workers, bool together,
                  struct arena *arena, struct chunk **chunks) {
    struct arena scratch = {0};
    struct key *keys = sorted_keys(work, count, &scratch);
    size_t *indices = arena_alloc(arena, count, sizeof *indices);
    *chunks = arena_alloc(arena, count, sizeof **chunks);
    double soonest = 0;
    size_t best = 1; /* a unit a chunk: every trial alone */
    for (size_t limit = CHUNK_UNITS; together && limit >= 16; limit = limit * 3 / 4) {
        size_t n = cut_at(keys, count, limit, indices, *chunks);
        double time = finish_time(*chunks, n, workers, &scratch);
        if (best == 1 || time < 0.98 * soonest) {
            soonest = time;
            best = limit;
        }
    }
    size_t n = cut_at(keys, count, best, indices, *chunks);
    for (size_t c = 0; c < n; c++)
        (*chunks)[c].members = members(work, &(*chunks)[c], workers);
    arena_close(&scratch);
    return n;
}
