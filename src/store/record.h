/* What training brings, as rows. All functions but record_open and record_close are called by the
 * writer thread inside one transaction; any of them may be repeated after a rollback.
 *
 * A trial is ours while its row is `running` with our session's number. A write to a trial that is
 * not ours any more is dropped. */
#ifndef MLPSWEEP_STORE_RECORD_H
#define MLPSWEEP_STORE_RECORD_H

#include "store/database.h"
#include "store/lock.h"
#include "store/store.h"

/** Where the rows go, and the statements that write them. */
struct record {
    const struct database *database;
    const struct session_lock *lock;
    int64_t session;
    enum store_claims claims;
    const struct work *work;
    int64_t *keys; /* [trials] of the rows that are written; see record_claim */
    sqlite3_stmt *owned, *epoch, *progress, *drop_checkpoint, *checkpoint, *weights, *layer,
        *finish, *confusion;
};

/** Prepares the statements; record_close finalizes them. */
MUST_CHECK bool record_open(struct record *record, struct error *err);

/** Finalizes the statements. */
void record_close(struct record *record);

/** Claims one trial: *granted tells whether it is ours now, the checkpoint where it goes on.
 *
 * With CLAIM_ALL, a trial that has ended keeps its results until the new ones are there: what
 * training brings is written to a second trial, whose key is the negative of the first one's and
 * which no view shows; record_finish puts it into the place of the first. */
MUST_CHECK bool record_claim(const struct record *record, size_t trial, bool *granted,
                             struct checkpoint *checkpoint, struct arena *arena, struct error *err);

/** An epoch has ended. */
MUST_CHECK bool record_epoch(const struct record *record, size_t trial,
                             const struct epoch_record *epoch, struct error *err);

/** What is known of all layers after an epoch. Shapes: layers [count]. */
MUST_CHECK bool record_layers(const struct record *record, size_t trial,
                              const struct layer_record *layers, size_t count, struct error *err);

/** Replaces the checkpoint. `epochs` is the number of finished epochs that the bytes build upon. */
MUST_CHECK bool record_checkpoint(const struct record *record, size_t trial, uint64_t epochs,
                                  const void *bytes, size_t size, struct error *err);

/** The trial has ended or was interrupted. The best weights, the last ones and the confusion matrix
 * stand in the outcome. */
MUST_CHECK bool record_finish(const struct record *record, size_t trial,
                              const struct outcome *outcome, const struct overfitting *overfitting,
                              struct error *err);

#endif
