/* Shards: parts of a plan that are trained apart, on other machines or as tasks of a cluster. */
#ifndef MLPSWEEP_RUN_SHARD_H
#define MLPSWEEP_RUN_SHARD_H

#include "trial/work.h"

/** The shard of each trial, from 0. It depends on nothing but the list: shards take about equally
 * long by estimate, and cohorts are cut only where one worker would not train them in one piece.
 *
 * Shapes: work, shard [count]. Needs: shards > 0. */
void shard_assign(const struct work *work, size_t count, size_t shards, size_t *shard);

/** Which trials are in shard `index`. Shapes: work, is_in [count]. Needs: index < shards. */
void shard_select(const struct work *work, size_t count, size_t index, size_t shards, bool *is_in);

#endif
