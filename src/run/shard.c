#include "run/shard.h"

#include "run/cohort.h"

/* The longest chunk goes to the shard that has the least so far, of equal ones to the first. */
void shard_assign(const struct work *work, size_t count, size_t shards, size_t *shard) {
    struct arena arena = {0};
    struct chunk *chunks;
    double *seconds = arena_alloc(&arena, shards, sizeof *seconds);
    size_t n = cohort_cut(work, count, shards, true, &arena, &chunks);
    for (size_t c = 0; c < n; c++) {
        size_t least = cohort_least_busy(seconds, shards);
        seconds[least] += chunks[c].seconds;
        for (size_t i = 0; i < chunks[c].count; i++)
            shard[chunks[c].trials[i]] = least;
    }
    arena_close(&arena);
}

void shard_select(const struct work *work, size_t count, size_t index, size_t shards, bool *is_in) {
    struct arena arena = {0};
    size_t *shard = arena_alloc(&arena, count, sizeof *shard);
    shard_assign(work, count, shards, shard);
    for (size_t i = 0; i < count; i++)
        is_in[i] = shard[i] == index;
    arena_close(&arena);
}
