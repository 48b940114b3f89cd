#include "cli/shard_option.h"

#include "base/text.h"
#include "run/shard.h"
#include "store/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool shard_read(const struct invocation *in, struct shard *shard, struct error *err) {
    const char *text = option_value(in, "shard"), *slash = text ? strchr(text, '/') : NULL;
    uint64_t index, count;
    *shard = (struct shard){0};
    if (!text)
        return true;
    if (!slash || !text_to_whole(text, (size_t)(slash - text), &index) ||
        !text_to_whole(slash + 1, strlen(slash + 1), &count) || index < 1 || index > count ||
        count > SHARDS_MAX)
        return error_set(err, ERROR_USAGE,
                         "--shard is I/N with 1 <= I <= N <= %d, such as 2/8, not '%s'", SHARDS_MAX,
                         text);
    *shard = (struct shard){(size_t)index - 1, (size_t)count};
    return true;
}

const char *shard_names(const struct workload *workloads, size_t count, struct arena *arena) {
    const char *names = workloads[0].plan.name;
    for (size_t w = 1; w < count && strlen(names) < 100; w++)
        names = arena_printf(arena, "%s+%s", names, workloads[w].plan.name);
    return names;
}

const char *shard_beside(const char *database, const char *folder, const char *name,
                         struct arena *arena) {
    const char *slash = strrchr(database, '/');
    return arena_printf(arena, "%.*s%s/%s", slash ? (int)(slash + 1 - database) : 0, database,
                        folder, name);
}

const char *shard_database(const struct invocation *in, const struct shard *shard,
                           const struct workload *workloads, size_t count) {
    const char *name =
        arena_printf(in->arena, "%s-%zu-of-%zu.db", shard_names(workloads, count, in->arena),
                     shard->index + 1, shard->count);
    return shard_beside(option_database_unnamed(), "shards", name, in->arena);
}

static int compare_ids(const void *left, const void *right) {
    const struct sql_value *a = left, *b = right;
    return strcmp(a->text, b->text);
}

bool shard_done(const char *path, const struct work *list, size_t count, bool *is_done,
                struct error *err) {
    struct query_database *database = NULL;
    struct arena scratch = {0};
    struct table ids = {0};
    bool exists = access(path, F_OK) == 0;
    bool ok = !exists ||
              (query_open(path, &database, err) &&
               query_table(database, "SELECT trial FROM trials WHERE state IN ('done', 'diverged')",
                           NULL, 0, &scratch, &ids, err));
    query_close(database);
    if (ok && ids.rows)
        qsort(ids.cells, ids.rows, sizeof *ids.cells, compare_ids);
    for (size_t i = 0; i < count; i++) {
        struct sql_value id = sql_text(list[i].id.trial);
        is_done[i] = ok && ids.rows && bsearch(&id, ids.cells, ids.rows, sizeof id, compare_ids);
    }
    arena_close(&scratch);
    return ok;
}

bool shard_filter(const struct invocation *in, const struct shard *shard, struct work *list,
                  size_t *count, struct error *err) {
    if (!shard->count)
        return true;
    struct arena scratch = {0};
    bool *is_in = arena_alloc(&scratch, *count, sizeof *is_in);
    bool *is_done = arena_alloc(&scratch, *count, sizeof *is_done);
    size_t kept = 0, done = 0;
    bool ok = option_value(in, "fresh") ||
              shard_done(option_database_unnamed(), list, *count, is_done, err);
    shard_select(list, *count, shard->index, shard->count, is_in);
    for (size_t i = 0; i < *count; i++) {
        done += is_in[i] && is_done[i];
        if (is_in[i] && !is_done[i])
            list[kept++] = list[i];
    }
    if (ok) {
        fprintf(stderr, "shard %zu of %zu: %zu of %zu trials", shard->index + 1, shard->count, kept,
                *count);
        if (done)
            fprintf(stderr, ", %zu more done in %s", done, option_database_unnamed());
        fputc('\n', stderr);
        *count = kept;
    }
    arena_close(&scratch);
    return ok;
}
