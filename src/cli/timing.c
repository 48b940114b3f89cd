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
    "blas_core = ?2 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6";

/* How the seconds of a sample grow with a net (cohort_estimate), up to a factor. */
static double relative_seconds(double multiply_adds) {
    return multiply_adds + 2000;
}

/* What no command writes is read as if it were empty. */
static const char *text_of(const struct sql_value *cell) {
    return cell->type == SQL_TEXT ? cell->text : "";
}

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
        double size = relative_seconds(sql_number(&row[5]));
        timings->rows[i] = (struct timing){.dataset = text_of(&row[0]),
                                           .topology = text_of(&row[1]),
                                           .optimizer = text_of(&row[2]),
                                           .activation = text_of(&row[3]),
                                           .batch_size = row[4].integer,
                                           .sample_seconds = sql_number(&row[6]),
                                           .factor = sql_number(&row[6]) / size,
                                           .log_size = log(size),
                                           .log_batch = log((double)row[4].integer)};
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

/* In the order of timings_sql. */
static int compare_kinds(const struct timing *a, const struct timing *b) {
    int order = strcmp(a->dataset, b->dataset);
    if (!order)
        order = strcmp(a->topology, b->topology);
    if (!order)
        order = strcmp(a->optimizer, b->optimizer);
    if (!order)
        order = strcmp(a->activation, b->activation);
    return order ? order : (a->batch_size > b->batch_size) - (a->batch_size < b->batch_size);
}

/* The kind's own seconds a sample, NaN: never timed. */
static double of_kind(const struct timings *timings, const struct work *work) {
    struct arena arena = {0};
    const struct trial *trial = work->trial;
    const struct timing own = {.dataset = trial->dataset->name,
                               .topology = topology_text(&trial->topology, &arena),
                               .optimizer = trial->optimizer.entry->name,
                               .activation = trial->activation.entry->name,
                               .batch_size = (int64_t)trial->batch_size};
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

/* The median over the nearest in size and minibatch; NaN: nothing was timed. */
static double of_neighbours(const struct timings *timings, const struct work *work) {
    double size = relative_seconds((double)trial_multiply_adds(work->trial, work->dataset->inputs,
                                                               dataset_outputs(work->dataset)));
    double log_size = log(size), log_batch = log((double)work->trial->batch_size);
    struct neighbour nearest[NEAREST] = {{0, 0}};
    size_t voters = 0;
    for (size_t i = 0; i < timings->count; i++) {
        const struct timing *t = &timings->rows[i];
        double distance = fabs(t->log_size - log_size) + fabs(t->log_batch - log_batch);
        voters = keep_nearest(nearest, voters, (struct neighbour){distance, t->factor});
    }
    qsort(nearest, voters, sizeof *nearest, smaller_factor);
    return voters ? nearest[voters / 2].factor * size : (double)NAN;
}

static bool same_kind(const struct work *a, const struct work *b) {
    return a->dataset == b->dataset && a->trial->batch_size == b->trial->batch_size &&
           a->trial->optimizer.entry == b->trial->optimizer.entry &&
           a->trial->activation.entry == b->trial->activation.entry &&
           topology_compare(&a->trial->topology, &b->trial->topology) == 0;
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

void timings_estimate(const struct timings *timings, const struct work *work, size_t count,
                      double *seconds) {
    double sample_seconds = (double)NAN;
    for (size_t i = 0; i < count; i++) {
        if (!i || !same_kind(&work[i], &work[i - 1])) {
            sample_seconds = of_kind(timings, &work[i]);
            if (isnan(sample_seconds))
                sample_seconds = of_neighbours(timings, &work[i]);
        }
        seconds[i] = isnan(sample_seconds) ? cohort_estimate(&work[i]) * timings->slowness
                                           : sample_seconds * samples(&work[i]);
    }
}
