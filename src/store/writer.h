/* The thread that owns the database while training runs, and the queue to it. */
#ifndef MLPSWEEP_STORE_WRITER_H
#define MLPSWEEP_STORE_WRITER_H

#include "store/record.h"

struct writer;

/** Starts the thread. The record is the writer's until writer_stop. Owns: writer_stop frees. */
MUST_CHECK bool writer_start(struct record *record, const struct store_trial *trials, size_t count,
                             atomic_int *stop, struct writer **writer, struct error *err);

void writer_claim(struct writer *writer, const size_t *trials, size_t count, bool *granted,
                  struct stored_checkpoint *checkpoints, struct arena *arena);
void writer_epoch(struct writer *writer, size_t trial, const struct epoch_record *epoch);
void writer_layers(struct writer *writer, size_t trial, const struct layer_record *records,
                   size_t count);
void writer_checkpoint(struct writer *writer, size_t trial, const void *bytes, size_t size);
void writer_finish(struct writer *writer, size_t trial, const struct outcome *outcome,
                   const struct overfitting *overfitting);

/** Commits what is queued and ends the thread. Fails: with what made the database fail. */
MUST_CHECK bool writer_stop(struct writer *writer, struct error *err);

#endif
