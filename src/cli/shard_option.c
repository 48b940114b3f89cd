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

/* The database that shards are merged into. */
static const char *main_database(void) {
    const char *variable = getenv("MLPSWEEP_DB");
    return variable && *variable ? variable : OPTION_DATABASE_DEFAULT;
}

const char *shard_database(const struct invocation *in, const struct shard *shard,
                           const struct workload *workloads, size_t count) {
    const char *path = main_database(), *slash = strrchr(path, '/');
    const char *names = workloads[0].plan.name;
    for (size_t w = 1; w < count && strlen(names) < 100; w++)
        names = arena_printf(in->arena, "%s+%s", names, workloads[w].plan.name);
    return arena_printf(in->arena, "%.*sshards/%s-%zu-of-%zu.db",
                        slash ? (int)(slash + 1 - path) : 0, path, names, shard->index + 1,
                        shard->count);
}

static int compare_ids(const void *left, const void *right) {
    const struct sql_value *a = left, *b = right;
    return strcmp(a->text, b->text);
}

/* The ids of trials that the main database has done, ascending; none where there is no such file.
 */
static bool load_done(struct arena *arena, struct table *done, struct error *err) {
    struct query_database *database = NULL;
    *done = (struct table){0};
    if (access(main_database(), F_OK) != 0)
        return true;
    bool ok = query_open(main_database(), &database, err) &&
              query_table(database, "SELECT trial FROM trials WHERE state IN ('done', 'diverged')",
                          NULL, 0, arena, done, err);
    query_close(database);
    if (ok && done->rows)
        qsort(done->cells, done->rows, sizeof *done->cells, compare_ids);
    return ok;
}

bool shard_filter(const struct invocation *in, const struct shard *shard, struct work *list,
                  size_t *count, struct error *err) {
    if (!shard->count)
        return true;
    struct arena scratch = {0};
    struct table ids;
    bool *is_in = arena_alloc(&scratch, *count, sizeof *is_in);
    bool ok = load_done(&scratch, &ids, err);
    shard_select(list, *count, shard->index, shard->count, is_in);
    size_t kept = 0, done = 0;
    for (size_t i = 0; ok && i < *count; i++) {
        struct sql_value id = sql_text(list[i].id.trial);
        bool is_done = ids.rows && bsearch(&id, ids.cells, ids.rows, sizeof id, compare_ids) &&
                       !option_value(in, "fresh");
        done += is_in[i] && is_done;
        if (is_in[i] && !is_done)
            list[kept++] = list[i];
    }
    if (ok) {
        fprintf(stderr, "shard %zu of %zu: %zu of %zu trials", shard->index + 1, shard->count, kept,
                *count);
        if (done)
            fprintf(stderr, ", %zu more done in %s", done, main_database());
        fputc('\n', stderr);
        *count = kept;
    }
    arena_close(&scratch);
    return ok;
}
