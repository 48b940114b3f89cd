/* Minibatches: the order of an epoch's rows, and the rows themselves as floats. */
#ifndef MLPSWEEP_DATA_BATCH_H
#define MLPSWEEP_DATA_BATCH_H

#include "base/csr.h"
#include "data/scale.h"

/** A row and its rank in an epoch. */
struct order_pair {
    uint32_t rank, row;
};

/** The order of one epoch: the rows of `train` ranked by hash(order_seed, epoch, row).
 *
 * The rank of two rows does not depend on which others are there, so batch sizes cut one sequence
 * and the orders of nested training sets nest.
 * Shapes: order, scratch and pairs [train->count]; scratch and pairs are overwritten. epoch counts
 *         from 1.
 * Costs:  a radix sort; no allocation. */
void batch_order(const struct row_set *train, uint64_t order_seed, uint64_t epoch,
                 struct order_pair *scratch, struct order_pair *pairs, uint32_t *order);

/** The inputs of some rows as floats, scaled.
 *
 * Shapes: rows [count] -> out [count x inputs], every element written. No allocation. */
void batch_inputs(const struct data_part *part, size_t inputs, const struct scale *scale,
                  const uint32_t *rows, size_t count, float *out);

/** The inputs of some rows, times a factor, in compressed sparse rows. No allocation.
 *
 * Shapes: rows [count] -> out [count x inputs].
 * Needs:  a part in CSR (dataset_has_csr); room in out for dataset_csr_entries(dataset, count). */
void batch_csr(const struct data_part *part, float factor, const uint32_t *rows, size_t count,
               struct csr *out);

/** The classes of some rows. Shapes: rows [count] -> out [count]. Needs: a part with labels. */
void batch_labels(const struct data_part *part, const uint32_t *rows, size_t count, uint16_t *out);

/** The targets of some rows, scaled. Shapes: rows [count] -> out [count]. Needs: a part with
 * targets.
 */
void batch_targets(const struct data_part *part, struct target_scale scale, const uint32_t *rows,
                   size_t count, float *out);

#endif
