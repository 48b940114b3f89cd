#include "cli/worklist.h"

#include <stdlib.h>
#include <string.h>

/* One trial of one workload, for sorting by id. */
struct spot {
    const char *id;
    size_t workload, position;
};

static int by_id(const void *left, const void *right) {
    const struct spot *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    if (!order)
        order = (a->workload > b->workload) - (a->workload < b->workload);
    return order ? order : (a->position > b->position) - (a->position < b->position);
}

/* For each trial the first spot with its id. Shapes: first [workloads][positions]. */
static void find_first(struct spot *spots, size_t count, struct spot **first) {
    qsort(spots, count, sizeof *spots, by_id);
    size_t head = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(spots[i].id, spots[head].id) != 0)
            head = i;
        first[spots[i].workload][spots[i].position] = spots[head];
    }
}

struct worklist worklist_join(const struct workload *workloads, size_t count, struct arena *arena) {
    struct worklist list = {.index = arena_alloc(arena, count, sizeof *list.index)};
    size_t total = 0, n = 0;
    for (size_t w = 0; w < count; w++)
        total += workloads[w].plan.count;
    struct spot *spots = arena_alloc(arena, total, sizeof *spots);
    struct spot **first = arena_alloc(arena, count, sizeof *first);
    for (size_t w = 0; w < count; w++) {
        first[w] = arena_alloc(arena, workloads[w].plan.count, sizeof **first);
        list.index[w] = arena_alloc(arena, workloads[w].plan.count, sizeof **list.index);
        for (size_t i = 0; i < workloads[w].plan.count; i++)
            spots[n++] = (struct spot){workloads[w].ids[i].trial, w, i};
    }
    find_first(spots, total, first);
    list.trials = arena_alloc(arena, total, sizeof *list.trials);
    list.labels = arena_alloc(arena, total, sizeof *list.labels);
    for (size_t w = 0; w < count; w++)
        for (size_t i = 0; i < workloads[w].plan.count; i++) {
            struct spot spot = first[w][i];
            if (spot.workload != w || spot.position != i) {
                list.index[w][i] = list.index[spot.workload][spot.position];
                continue;
            }
            list.index[w][i] = list.count;
            list.labels[list.count] = workloads[w].plan.trials[i].label;
            list.trials[list.count++] = (struct store_trial){
                workloads[w].jobs[i].trial, workloads[w].jobs[i].dataset, workloads[w].ids[i]};
        }
    return list;
}
