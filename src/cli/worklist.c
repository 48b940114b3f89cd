#include "cli/worklist.h"

#include <stdlib.h>
#include <string.h>

/* Order by id; of equal ids the earlier in the list first. */
static int by_id(const void *left, const void *right) {
    const struct work *const *a = left, *const *b = right;
    int order = strcmp((*a)->id.trial, (*b)->id.trial);
    return order ? order : (*a > *b) - (*a < *b);
}

/* Removes all but the first of equal ids. Returns how many are left. */
static size_t drop_repeated(struct work *list, size_t count) {
    struct arena scratch = {0};
    struct work **sorted = arena_alloc(&scratch, count, sizeof *sorted);
    bool *repeated = arena_alloc(&scratch, count, sizeof *repeated);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &list[i];
    qsort(sorted, count, sizeof *sorted, by_id);
    for (size_t i = 1; i < count; i++)
        repeated[sorted[i] - list] = strcmp(sorted[i]->id.trial, sorted[i - 1]->id.trial) == 0;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!repeated[i])
            list[kept++] = list[i];
    arena_close(&scratch);
    return kept;
}

size_t worklist_join(const struct workload *workloads, size_t count, struct arena *arena,
                     struct work **list) {
    size_t total = 0, n = 0;
    for (size_t w = 0; w < count; w++)
        total += workloads[w].plan.count;
    *list = arena_alloc(arena, total, sizeof **list);
    for (size_t w = 0; w < count; n += workloads[w++].plan.count)
        memcpy(*list + n, workloads[w].work, workloads[w].plan.count * sizeof **list);
    return drop_repeated(*list, total);
}
