#include "report/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool result_is_done(const struct result *result) {
    return strcmp(result->state, "done") == 0;
}

static int64_t seed_of(const struct result *result, size_t which) {
    return which == 0 ? result->init_seed : which == 1 ? result->order_seed : result->split_seed;
}

struct seeded {
    int64_t seed;
    size_t index;
};

static int by_seed(const void *left, const void *right) {
    const struct seeded *a = left, *b = right;
    if (a->seed != b->seed)
        return a->seed < b->seed ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Numbers the distinct values of one seed among the trials that are done, in the order in which
 * they first come; returns how many. Shapes: unit, first [group->count]. */
static size_t number_seeds(const struct group *group, size_t which, struct seeded *sorted,
                           size_t *unit) {
    size_t done = 0, distinct = 0;
    for (size_t i = 0; i < group->count; i++)
        if (result_is_done(&group->results[i]))
            sorted[done++] = (struct seeded){seed_of(&group->results[i], which), i};
    qsort(sorted, done, sizeof *sorted, by_seed);
    for (size_t i = 0; i < done; i++) /* for now the first trial that has the seed */
        unit[sorted[i].index] =
            i && sorted[i].seed == sorted[i - 1].seed ? unit[sorted[i - 1].index] : sorted[i].index;
    for (size_t i = 0; i < group->count; i++)
        if (result_is_done(&group->results[i]))
            unit[i] = unit[i] == i ? distinct++ : unit[unit[i]];
    return distinct;
}

/* Trials that share a seed that others do not share are alike: the seed that varies over the fewest
 * values says which are independent. */
static void find_units(struct group *group, struct arena *arena) {
    size_t *unit = arena_alloc(arena, group->count, sizeof *unit);
    struct seeded *sorted = arena_alloc(arena, group->count, sizeof *sorted);
    struct result *results = group->results;
    size_t done = 0;
    for (size_t i = 0; i < group->count; i++)
        if (result_is_done(&results[i]))
            results[i].unit = done++;
    group->units = done;
    for (size_t which = 0; which < 3; which++) {
        size_t distinct = number_seeds(group, which, sorted, unit);
        if (distinct < 2 || distinct >= group->units)
            continue;
        group->units = distinct;
        for (size_t i = 0; i < group->count; i++)
            results[i].unit = unit[i];
    }
}

size_t group_values(const struct group *group, enum result_number number, double *values) {
    struct arena arena = {0};
    size_t *trials = arena_alloc(&arena, group->units, sizeof *trials), n = 0;
    for (size_t u = 0; u < group->units; u++)
        values[u] = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct result *result = &group->results[i];
        if (!result_is_done(result) || isnan(result->number[number]))
            continue;
        values[result->unit] += result->number[number];
        trials[result->unit]++;
    }
    for (size_t u = 0; u < group->units; u++)
        if (trials[u])
            values[n++] = values[u] / (double)trials[u];
    arena_close(&arena);
    return n;
}

void group_summarize(struct group *group) {
    struct arena arena = {0};
    double *values = arena_alloc(&arena, group->count, sizeof *values);
    find_units(group, &arena);
    for (size_t n = 0; n < RESULT_NUMBERS; n++) {
        struct moments *m = &group->moments[n];
        *m = moments_of(values, group_values(group, (enum result_number)n, values), 1);
        for (size_t i = 0; i < group->count; i++)
            if (result_is_done(&group->results[i])) {
                m->minimum = fmin(m->minimum, group->results[i].number[n]);
                m->maximum = fmax(m->maximum, group->results[i].number[n]);
            }
    }
    arena_close(&arena);
}
