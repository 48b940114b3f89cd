#include "report/histories.h"

#include <math.h>
#include <stdlib.h>

/* What no plan has more of (the knob `epochs`). */
enum { EPOCHS_MAX = 1000000 };

static const char *const columns[HISTORY_METRICS] = {
    [HISTORY_VAL_LOSS] = "val_loss",
    [HISTORY_PROBE_LOSS] = "probe_loss",
    [HISTORY_VAL_ACCURACY] = "val_accuracy",
    [HISTORY_TRAIN_LOSS] = "train_loss",
    [HISTORY_PROBE_ACCURACY] = "probe_accuracy",
};

static int by_trial(const void *left, const void *right) {
    const struct history *a = left, *b = right;
    return (a->trial > b->trial) - (a->trial < b->trial);
}

static struct history *find(const struct histories *histories, int64_t trial) {
    const struct history key = {.trial = trial};
    return bsearch(&key, histories->list, histories->count, sizeof key, by_trial);
}

const struct history *history_of(const struct histories *histories, int64_t trial) {
    return find(histories, trial);
}

/* Room for the epochs that each trial has done. */
static struct histories make_room(const struct results *results, size_t metrics,
                                  struct arena *arena) {
    struct histories histories = {.metrics = metrics};
    size_t trials = 0;
    for (size_t g = 0; g < results->count; g++)
        trials += results->groups[g].count;
    histories.list = arena_alloc(arena, trials, sizeof *histories.list);
    for (size_t g = 0; g < results->count; g++)
        for (size_t i = 0; i < results->groups[g].count; i++) {
            const struct result *result = &results->groups[g].results[i];
            double epochs = result->number[RESULT_EPOCHS];
            if (!(epochs >= 1 && epochs <= EPOCHS_MAX))
                continue;
            struct history *history = &histories.list[histories.count++];
            size_t room = (size_t)epochs;
            double *values = arena_alloc(arena, metrics * room, sizeof *values);
            for (size_t e = 0; e < metrics * room; e++)
                values[e] = (double)NAN;
            *history = (struct history){.trial = result->id, .room = room};
            for (size_t m = 0; m < metrics; m++)
                history->values[m] = values + m * room;
        }
    qsort(histories.list, histories.count, sizeof *histories.list, by_trial);
    return histories;
}

/* Epochs come trial by trial. */
struct reading {
    struct histories *histories;
    struct history *last;
};

static bool visit(void *context, const struct table *table) {
    struct reading *reading = context;
    const struct sql_value *row = table->cells;
    if (!table->rows)
        return true;
    if (!reading->last || reading->last->trial != row[0].integer)
        reading->last = find(reading->histories, row[0].integer);
    struct history *history = reading->last;
    size_t epoch = history ? (size_t)row[1].integer : 0;
    if (!epoch || epoch > history->room)
        return true;
    for (size_t m = 0; m < reading->histories->metrics; m++)
        history->values[m][epoch - 1] = sql_number(&row[2 + m]);
    history->epochs = epoch > history->epochs ? epoch : history->epochs;
    return true;
}

bool histories_load(struct query_database *database, const struct results *results, size_t metrics,
                    struct arena *arena, struct histories *histories, struct error *err) {
    struct arena scratch = {0};
    struct sql_value experiment = sql_text(results->experiment);
    struct reading reading = {.histories = histories};
    const char *sql = "SELECT e.trial_id, epoch";
    for (size_t m = 0; m < metrics; m++)
        sql = arena_printf(&scratch, "%s, %s", sql, columns[m]);
    sql = arena_printf(&scratch,
                       "%s FROM (SELECT trial_id FROM member_rows WHERE experiment = ?1 AND "
                       "in_plan) m CROSS JOIN epoch_rows e ON e.trial_id = m.trial_id",
                       sql);
    *histories = make_room(results, metrics, arena);
    bool ok = query_rows(database, sql, &experiment, 1, visit, &reading, err);
    arena_close(&scratch);
    return ok;
}

struct curve history_curve(const struct histories *histories, const struct group *group,
                           enum history_metric metric, struct arena *arena) {
    struct arena scratch = {0};
    const struct history **trials = arena_alloc(&scratch, group->count, sizeof *trials);
    double *values = arena_alloc(&scratch, group->count, sizeof *values);
    size_t count = 0, epochs = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct history *history = history_of(histories, group->results[i].id);
        if (!history)
            continue;
        trials[count++] = history;
        epochs = history->epochs > epochs ? history->epochs : epochs;
    }
    struct curve curve = {epochs, arena_alloc(arena, epochs, sizeof *curve.at)};
    for (size_t e = 0; e < epochs; e++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            double value = e < trials[i]->epochs ? trials[i]->values[metric][e] : (double)NAN;
            if (isfinite(value)) /* what has grown beyond all numbers cannot be drawn */
                values[n++] = value;
        }
        curve.at[e] = moments_of(values, n, 1);
    }
    arena_close(&scratch);
    return curve;
}
