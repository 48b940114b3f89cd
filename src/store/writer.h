/* The thread that owns the database while training runs, and the queue to it. */
#ifndef MLPSWEEP_STORE_WRITER_H
#define MLPSWEEP_STORE_WRITER_H

#include "store/record.h"

/** The thread and its queue. */
struct writer;

/** Starts the thread. The record is the writer's until writer_stop.
 *
 * Owns: writer_stop frees the writer. */
MUST_CHECK bool writer_start(struct record *record, size_t count, atomic_int *stop,
                             struct writer **writer, struct error *err);

/** What training tells is put into the queue; a claim waits until it is committed. */
struct observer writer_observer(struct writer *writer);

/** Commits what is queued and ends the thread. Fails: with what made the database fail. */
MUST_CHECK bool writer_stop(struct writer *writer, struct error *err);

#endif
