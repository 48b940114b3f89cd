#include "cli/timing.h"

#include "cli/speed.h"
#include "data/nonzero.h"
#include "nn/stack.h"
#include "trial/topology.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many kinds of training that come nearest vote on one that was never timed. */
enum { NEAREST = 5 };

/* How far apart training alone and in a cohort are; 1 is a net e times as large. */
enum { OTHER_COMPANY = 1 };

/* A row that is only measured, after each epoch, takes this part of the time of one that is trained
 * on. */
static const double measured_share = 0.3;

static const char timings_sql[] =
    "SELECT dataset, topology, optimizer, activation, batch_size, cohort_size > 1, multiply_adds, "
    "sum(train_seconds) / sum(updates * batch_size + ?3 * epochs_done * (coalesce(validation_rows "
    "+ min(validation_rows, updates * batch_size / epochs_done), 0) + coalesce(test_rows / "
    "nullif(test_every, 0), 0))) FROM trial_rows JOIN session_rows USING (session) WHERE state = "
    "'done' AND train_seconds > 0 AND updates > 0 AND epochs_done > 0 AND host = ?1 AND blas_core "
    "= ?2 GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7";

bool timings_load(struct query_database *database, struct arena *arena, struct timings *timings,
                  struct error *err) {
    char host[256] = "", core[STACK_CORE_MAX];
    struct table table;
    if (gethostname(host, sizeof host - 1) != 0)
        *host = '\0';
    struct sql_value cells[] = {sql_text(host), sql_text(stack_core(core)),
                                sql_real(measured_share)};
    if (!query_table(database, timings_sql, cells, 3, arena, &table, err))
        return false;
    timings->rows = arena_alloc(arena, table.rows, sizeof *timings->rows);
    timings->count = table.rows;
    for (size_t i = 0; i < table.rows; i++) {
        const struct sql_value *row = &table.cells[i * table.columns];
        timings->rows[i] = (struct timing){.dataset = sql_text_or_empty(&row[0]),
                                           .topology = sql_text_or_empty(&row[1]),
                                           .optimizer = sql_text_or_empty(&row[2]),
                                           .activation = sql_text_or_empty(&row[3]),
                                           .batch_size = row[4].integer,
                                           .is_shared = row[5].integer != 0,
                                           .sample_seconds = sql_number(&row[7]),
                                           .multiply_adds = sql_number(&row[6])};
    }
    return true;
}

/* Samples that a trial is trained on, whole minibatches, and those that are measured by what they
 * take. */
static double samples(const struct work *work) {
    const struct trial *trial = work->trial;
    const struct dataset *dataset = work->dataset;
    double rows = (double)dataset->train.rows, batch = (double)trial->batch_size;
    double validation = (double)dataset->validation.rows;
    if (!dataset->validation.rows) {
        validation = floor(rows * trial->validation_split);
        rows -= validation;
    }
    if (trial->train_rows)
        rows = (double)trial->train_rows;
    double epochs = (double)trial->epochs, updates = ceil(rows / batch) * epochs;
    if (trial->max_updates && (double)trial->max_updates < updates) {
        epochs *= (double)trial->max_updates / updates;
        updates = (double)trial->max_updates;
    }
    double measured = validation + fmin(validation, rows);
    if (trial->test_every)
        measured += (double)dataset->test.rows / (double)trial->test_every;
    return updates * batch + measured_share * epochs * measured;
}

/* What a sample takes on the machine on which this was measured. Gathering a minibatch is shared by
 * a cohort of so many; inputs that are mostly 0 are left out. */
static double usual_seconds(const struct dataset *dataset, double multiply_adds, size_t cohort) {
    bool sparse = dataset_has_csr(dataset);
    return 30e-9 + multiply_adds * (sparse ? 24e-12 : 45e-12) +
           (double)dataset->inputs * (sparse ? 0.3e-9 : 0.6e-9) / (double)cohort;
}

static double usual_seconds_of(const struct work *work, size_t cohort) {
    uint64_t multiply_adds =
        trial_multiply_adds(work->trial, work->dataset->inputs, dataset_outputs(work->dataset));
    double seconds = usual_seconds(work->dataset, (double)multiply_adds, cohort);
    return strcmp(work->trial->normalization.entry->name, "none") == 0 ? seconds : 1.4 * seconds;
}

/* In the order of timings_sql. */
static int compare_kinds(const struct timing *a, const struct timing *b) {
    int order = strcmp(a->dataset, b->dataset);
    if (!order)
        order = strcmp(a->topology, b->topology);
    if (!order)
        order = strcmp(a->optimizer, b->optimizer);
    if (!order)
        order = strcmp(a->activation, b->activation);
    if (!order)
        order = (a->batch_size > b->batch_size) - (a->batch_size < b->batch_size);
    return order ? order : a->is_shared - b->is_shared;
}

/* The kind's own seconds a sample, NaN: never timed. */
static double of_kind(const struct timings *timings, const struct work *work, bool is_shared) {
    struct arena arena = {0};
    const struct trial *trial = work->trial;
    const struct timing own = {.dataset = trial->dataset->name,
                               .topology = topology_text(&trial->topology, &arena),
                               .optimizer = trial->optimizer.entry->name,
                               .activation = trial->activation.entry->name,
                               .batch_size = (int64_t)trial->batch_size,
                               .is_shared = is_shared};
    size_t from = 0, to = timings->count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (compare_kinds(&timings->rows[middle], &own) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    bool found = from < timings->count && compare_kinds(&timings->rows[from], &own) == 0;
    arena_close(&arena);
    return found ? timings->rows[from].sample_seconds : (double)NAN;
}

struct neighbour {
    double distance, factor;
};

static int smaller_factor(const void *left, const void *right) {
    const struct neighbour *a = left, *b = right;
    return (a->factor > b->factor) - (a->factor < b->factor);
}

/* Keeps the nearest in their order. Returns how many there are. */
static size_t keep_nearest(struct neighbour nearest[NEAREST], size_t count, struct neighbour next) {
    size_t at = count;
    while (at && next.distance < nearest[at - 1].distance)
        at--;
    if (at == NEAREST)
        return count;
    size_t moved = (count < NEAREST ? count : NEAREST - 1) - at;
    memmove(&nearest[at + 1], &nearest[at], moved * sizeof next);
    nearest[at] = next;
    return count < NEAREST ? count + 1 : count;
}

/* How its data set's trainings that come nearest in size, minibatch and company compare with what
 * is usual: their median; NaN: there are none. */
static double of_neighbours(const struct timings *timings, const struct work *work, size_t cohort) {
    enum { SOME = 8 }; /* trials of a cohort whose size is not known */
    double usual = usual_seconds_of(work, cohort);
    struct neighbour nearest[NEAREST] = {{0, 0}};
    size_t voters = 0;
    for (size_t i = 0; i < timings->count; i++) {
        const struct timing *t = &timings->rows[i];
        if (strcmp(t->dataset, work->trial->dataset->name) != 0)
            continue;
        double own = usual_seconds(work->dataset, t->multiply_adds, t->is_shared ? SOME : 1);
        double distance = fabs(log(own / usual)) +
                          fabs(log((double)t->batch_size / (double)work->trial->batch_size)) +
                          (t->is_shared == (cohort > 1) ? 0 : OTHER_COMPANY);
        voters =
            keep_nearest(nearest, voters, (struct neighbour){distance, t->sample_seconds / own});
    }
    qsort(nearest, voters, sizeof *nearest, smaller_factor);
    return voters ? nearest[voters / 2].factor * usual : (double)NAN;
}

static bool same_kind(const struct work *a, const struct work *b) {
    return a->dataset == b->dataset && a->trial->batch_size == b->trial->batch_size &&
           a->trial->optimizer.entry == b->trial->optimizer.entry &&
           a->trial->activation.entry == b->trial->activation.entry &&
           a->trial->normalization.entry == b->trial->normalization.entry &&
           topology_compare(&a->trial->topology, &b->trial->topology) == 0;
}

/* All of a training is scaled by the rate of its products: what slows them (an older core, other
 * processes) slows the rest, too. */
void timings_calibrate(struct timings *timings) {
    /* Billions of operations a second of the machine on which usual_seconds was measured. */
    static const double reference = 105;
    enum { ATTEMPTS = 2 };
    struct arena arena = {0};
    timings->slowness = reference / speed_of_panels(ATTEMPTS, &arena);
    arena_close(&arena);
}

void timings_estimate(const struct timings *timings, const struct work *work, size_t count,
                      const size_t *cohorts, double *seconds) {
    struct arena arena = {0};
    size_t *sizes = arena_alloc(&arena, count, sizeof *sizes);
    double sample_seconds = (double)NAN;
    for (size_t i = 0; i < count; i++)
        sizes[cohorts[i]]++;
    for (size_t i = 0; i < count; i++) {
        size_t size = sizes[cohorts[i]];
        if (!i || !same_kind(&work[i], &work[i - 1]) || (size > 1) != (sizes[cohorts[i - 1]] > 1)) {
            sample_seconds = of_kind(timings, &work[i], size > 1);
            if (isnan(sample_seconds))
                sample_seconds = of_neighbours(timings, &work[i], size);
        }
        seconds[i] = samples(&work[i]) * (isnan(sample_seconds)
                                              ? usual_seconds_of(&work[i], size) * timings->slowness
                                              : sample_seconds);
    }
    arena_close(&arena);
}
