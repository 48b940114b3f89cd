/* Shards: parts of a plan that are trained apart, on other machines or as tasks of a cluster. */
#ifndef MLPSWEEP_RUN_SHARD_H
#define MLPSWEEP_RUN_SHARD_H

#include "trial/work.h"

/** Which trials are in shard `index` (from 0) of `shards`. It depends on nothing but the list: each
 * trial is in one shard, shards take about equally long by estimate, and cohorts are cut only where
 * one worker would not train them in one piece.
 *
 * Shapes: work, is_in [count]. Needs: index < shards. */
void shard_select(const struct work *work, size_t count, size_t index, size_t shards, bool *is_in);

#endif
