/* `run --shard I/N`: which part of a plan is trained, and into which database. */
#ifndef MLPSWEEP_CLI_SHARD_OPTION_H
#define MLPSWEEP_CLI_SHARD_OPTION_H

#include "cli/workload.h"

/** Shards of one plan at most. */
enum { SHARDS_MAX = 100000 };

/** Which part of a plan is trained. */
struct shard {
    size_t index, count; /* from 0; count 0: there are no shards, the whole plan is trained */
};

/** Reads --shard. Fails: ERROR_USAGE. */
MUST_CHECK bool shard_read(const struct invocation *in, struct shard *shard, struct error *err);

/** What several experiments are called together: `a+b`, cut where it becomes too long.
 * Owns: lives in the arena. */
const char *shard_names(const struct workload *workloads, size_t count, struct arena *arena);

/** A path in a folder beside this database: `beside("results/x.db", "shards", "a.db")` is
 * `results/shards/a.db`. Owns: lives in the arena. */
const char *shard_beside(const char *database, const char *folder, const char *name,
                         struct arena *arena);

/** Whether the database has this trial, done or diverged: marks those of the list. Nothing is done
 * where there is no such file. Shapes: list, is_done [count]. */
MUST_CHECK bool shard_done(const char *database, const struct work *list, size_t count,
                           bool *is_done, struct error *err);

/** The database of a shard unless --db names one: shards/NAME-I-of-N.db beside the main database.
 * Owns: lives in the command's arena. */
const char *shard_database(const struct invocation *in, const struct shard *shard,
                           const struct workload *workloads, size_t count);

/** Leaves in the list the trials of the shard that the main database has not done, all of them
 * where there are no shards, and says how many they are. */
MUST_CHECK bool shard_filter(const struct invocation *in, const struct shard *shard,
                             struct work *list, size_t *count, struct error *err);

#endif
