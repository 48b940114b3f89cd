#include "cli/timing.h"

#include "cli/speed.h"
#include "nn/stack.h"
#include "run/cohort.h"
#include "trial/knob.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many kinds of training that come nearest vote on one that was never timed. */
enum { NEAREST = 5 };

static const char timings_sql[] =
    "SELECT dataset, topology, optimizer, activation, batch_size, multiply_adds, "
    "sum(train_seconds) / sum(updates * batch_size) FROM trial_rows JOIN session_rows USING "
    "(session) WHERE state = 'done' AND train_seconds > 0 AND updates > 0 AND host = ?1 AND "
    "blas_core = ?2 GROUP BY 1, 2, 3, 4, 5, 6";

bool timings_load(struct query_database *database, struct arena *arena, struct timings *timings,
                  struct error *err) {
    char host[256] = "", core[STACK_CORE_MAX];
    struct table table;
    if (gethostname(host, sizeof host - 1) != 0)
        *host = '\0';
    struct sql_value cells[] = {sql_text(host), sql_text(stack_core(core))};
    if (!query_table(database, timings_sql, cells, 2, arena, &table, err))
        return false;
    timings->rows = arena_alloc(arena, table.rows, sizeof *timings->rows);
    timings->count = table.rows;
    for (size_t i = 0; i < table.rows; i++) {
        const struct sql_value *row = &table.cells[i * table.columns];
        timings->rows[i] = (struct timing){.dataset = row[0].text,
                                           .topology = row[1].text,
                                           .optimizer = row[2].text,
                                           .activation = row[3].text,
                                           .batch_size = row[4].integer,
                                           .multiply_adds = sql_number(&row[5]),
                                           .sample_seconds = sql_number(&row[6])};
    }
    return true;
}

/* Samples that a trial is trained on, whole minibatches. */
static double samples(const struct work *work) {
    const struct trial *trial = work->trial;
    double rows = (double)work->dataset->train.rows, batch = (double)trial->batch_size;
    if (trial->train_rows)
        rows = (double)trial->train_rows;
    else if (!work->dataset->validation.rows)
        rows -= floor(rows * trial->validation_split);
    double updates = ceil(rows / batch) * (double)trial->epochs;
    if (trial->max_updates && (double)trial->max_updates < updates)
        updates = (double)trial->max_updates;
    return updates * batch;
}

/* How the seconds of a sample grow with a net (cohort_estimate), up to a factor. */
static double relative_seconds(double multiply_adds) {
    return multiply_adds + 2000;
}

static bool same_text(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

static const char *column_text(const char *knob, const struct trial *trial, struct arena *arena) {
    return knob_column(knob_find(knob), trial, arena).text;
}

/* The kind's own seconds a sample, NaN: never timed. */
static double of_kind(const struct timings *timings, const struct work *work) {
    struct arena arena = {0};
    const char *topology = column_text("topology", work->trial, &arena);
    const char *optimizer = column_text("optimizer", work->trial, &arena);
    const char *activation = column_text("activation", work->trial, &arena);
    double result = (double)NAN;
    for (size_t i = 0; i < timings->count && isnan(result); i++) {
        const struct timing *t = &timings->rows[i];
        if (same_text(t->dataset, work->trial->dataset->name) && same_text(t->topology, topology) &&
            same_text(t->optimizer, optimizer) && same_text(t->activation, activation) &&
            t->batch_size == (int64_t)work->trial->batch_size)
            result = t->sample_seconds;
    }
    arena_close(&arena);
    return result;
}

struct neighbour {
    double distance, factor;
};

static int nearest_first(const void *left, const void *right) {
    const struct neighbour *a = left, *b = right;
    return (a->distance > b->distance) - (a->distance < b->distance);
}

static int smaller_factor(const void *left, const void *right) {
    const struct neighbour *a = left, *b = right;
    return (a->factor > b->factor) - (a->factor < b->factor);
}

/* The median over the nearest in size and minibatch; NaN: nothing was timed. */
static double of_neighbours(const struct timings *timings, const struct work *work) {
    struct arena arena = {0};
    struct neighbour *all = arena_alloc(&arena, timings->count, sizeof *all);
    double size = relative_seconds((double)trial_multiply_adds(work->trial, work->dataset->inputs,
                                                               dataset_outputs(work->dataset)));
    for (size_t i = 0; i < timings->count; i++) {
        const struct timing *t = &timings->rows[i];
        double own = relative_seconds(t->multiply_adds);
        all[i] = (struct neighbour){
            fabs(log(own / size)) +
                fabs(log((double)t->batch_size / (double)work->trial->batch_size)),
            t->sample_seconds / own};
    }
    qsort(all, timings->count, sizeof *all, nearest_first);
    size_t voters = timings->count < NEAREST ? timings->count : NEAREST;
    qsort(all, voters, sizeof *all, smaller_factor);
    double result = voters ? all[voters / 2].factor * size : (double)NAN;
    arena_close(&arena);
    return result;
}

/* All of a training is scaled by the rate of its products: what slows them (an older core, other
 * processes) slows the rest, too. */
void timings_calibrate(struct timings *timings) {
    /* Billions of operations a second of the machine on which cohort_estimate was measured. */
    static const double reference = 105;
    enum { ATTEMPTS = 2 };
    struct arena arena = {0};
    if (timings->count)
        return;
    timings->slowness = reference / speed_of_panels(ATTEMPTS, &arena);
    arena_close(&arena);
}

double timings_estimate(const struct timings *timings, const struct work *work) {
    double seconds = of_kind(timings, work);
    if (isnan(seconds))
        seconds = of_neighbours(timings, work);
    return isnan(seconds) ? cohort_estimate(work) * timings->slowness : seconds * samples(work);
}
