#include "cli/plan_totals.h"

#include "base/machine.h"
#include "plan/setting.h"
#include "run/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6 };

double plan_memory(const struct work *work, size_t count) {
    struct runner_options options = {.workers = machine_cores(""), .fuse = FUSE_AUTO};
    struct arena scratch = {0};
    struct work *left = arena_alloc(&scratch, count, sizeof *left);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (!trial_state_is_final(work[i].state))
            left[n++] = work[i];
    double needed = n ? machine_resident() + memory_of_training(left, n, &options) : (double)NAN;
    arena_close(&scratch);
    return needed;
}

struct valued {
    const char *text;
    size_t index;
};

static int by_text(const void *left, const void *right) {
    const struct valued *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* The trials of one value. */
struct share {
    const char *text;
    size_t first, trials, done; /* first: where it first comes in the plan */
    double seconds;
};

static void add_trial(struct share *share, const struct work *work, double seconds) {
    bool done = trial_state_is_final(work->state);
    share->trials++;
    share->done += done;
    share->seconds += done ? 0 : seconds;
}

static int by_first(const void *left, const void *right) {
    const struct share *a = left, *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

/* Sorted by their texts, equal values are neighbours. Returns how many there are. */
static size_t share_out(const struct plan_axis *axis, const struct work *work,
                        const double *seconds, size_t count, struct share *shares,
                        struct arena *arena) {
    struct valued *values = arena_alloc(arena, count, sizeof *values);
    size_t n = 0, found = 0;
    const char *text = NULL; /* of the trial before, which mostly has the same value */
    for (size_t i = 0; i < count; i++) {
        if (!i || !knob_equal(axis->knob, work[i].trial, work[i - 1].trial))
            text = target_text((struct target){axis->knob, axis->argument}, work[i].trial, arena);
        if (text)
            values[n++] = (struct valued){text, i};
    }
    qsort(values, n, sizeof *values, by_text);
    for (size_t i = 0; i < n; i++) {
        if (!i || strcmp(values[i].text, values[i - 1].text) != 0)
            shares[found++] = (struct share){.text = values[i].text, .first = values[i].index};
        add_trial(&shares[found - 1], &work[values[i].index], seconds[values[i].index]);
    }
    qsort(shares, found, sizeof *shares, by_first);
    return found;
}

static void add_row(struct table *table, size_t *room, const char *axis, const struct share *share,
                    double memory, struct arena *arena) {
    struct sql_value cells[COLUMNS] = {
        axis ? sql_text(axis) : sql_null(),
        share->text ? sql_text(arena_text(arena, share->text, strlen(share->text))) : sql_null(),
        sql_integer((int64_t)share->trials),
        sql_integer((int64_t)share->done),
        sql_real(floor(share->seconds * 10 + 0.5) / 10),
        isnan(memory) ? sql_null() : sql_integer((int64_t)memory),
    };
    table->cells = arena_grow(arena, table->cells, table->rows, room, sizeof cells);
    memcpy(&table->cells[table->rows++ * COLUMNS], cells, sizeof cells);
}

static void add_axis(struct table *table, size_t *room, const struct plan_axis *axis,
                     const struct share *shares, size_t count, size_t most, struct arena *arena) {
    struct share all = {.text = arena_printf(arena, "%zu values", count)};
    for (size_t i = 0; i < count && count > most; i++) {
        all.trials += shares[i].trials;
        all.done += shares[i].done;
        all.seconds += shares[i].seconds;
    }
    if (count > most)
        add_row(table, room, axis->name, &all, (double)NAN, arena);
    for (size_t i = 0; i < count && count <= most; i++)
        add_row(table, room, axis->name, &shares[i], (double)NAN, arena);
}

/* Whether an earlier file has the axis, too. */
static bool is_repeated(const struct workload *workloads, size_t w, const char *name) {
    for (size_t i = 0; i < w; i++)
        for (size_t a = 0; a < workloads[i].plan.axis_count; a++)
            if (strcmp(workloads[i].plan.axes[a].name, name) == 0)
                return true;
    return false;
}

struct table plan_totals(const struct workload *workloads, size_t workload_count,
                         const struct work *work, const double *seconds, size_t count,
                         double memory, size_t most, struct arena *arena) {
    static const char *const names[COLUMNS] = {"axis", "value",   "trials",
                                               "done", "seconds", "memory_bytes"};
    struct table table = {.columns = COLUMNS};
    struct share all = {0};
    size_t room = 0;
    table.names = arena_alloc(arena, COLUMNS, sizeof *table.names);
    memcpy(table.names, names, sizeof names);
    for (size_t i = 0; i < count; i++)
        add_trial(&all, &work[i], seconds[i]);
    add_row(&table, &room, NULL, &all, memory, arena);
    for (size_t w = 0; w < workload_count; w++)
        for (size_t a = 0; a < workloads[w].plan.axis_count; a++) {
            const struct plan_axis *axis = &workloads[w].plan.axes[a];
            struct arena scratch = {0};
            struct share *shares = arena_alloc(&scratch, count, sizeof *shares);
            if (!is_repeated(workloads, w, axis->name))
                add_axis(&table, &room, axis, shares,
                         share_out(axis, work, seconds, count, shares, &scratch), most, arena);
            arena_close(&scratch);
        }
    return table;
}
