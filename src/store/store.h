/* Writing the database: the plan, and what training brings.
 *
 * One thread owns the connection; everybody else hands it messages through a bounded queue. It
 * commits about once a second, everything up to that moment in one transaction, so that a
 * checkpoint stands beside exactly the epochs that came before it. A write that finds the database
 * locked waits while training goes on. */
#ifndef MLPSWEEP_STORE_STORE_H
#define MLPSWEEP_STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "trial/fingerprint.h"
#include "trial/outcome.h"

#include <stdatomic.h>

struct store;

/** What a session row says of a run. */
struct session_info {
    const char *command, *git_commit, *host, *cpu, *blas, *blas_core;
    const char *experiment, *text; /* the experiment's name and its file */
    size_t threads;
};

struct store_trial {
    const struct trial *trial;
    const struct dataset *dataset;
    struct fingerprint id;
};

/** Which trials of the plan may be trained. */
enum store_claims {
    CLAIM_OPEN,   /* planned, interrupted, or running in a session that is dead */
    CLAIM_FAILED, /* those, and failed ones */
    CLAIM_ALL,    /* all: what was done is trained again */
};

/** An interrupted trial as it was committed. Lives in the arena that claim was given. */
struct stored_checkpoint {
    const void *bytes; /* NULL: there is none */
    size_t size;
    const struct epoch_record *epochs;
    size_t epoch_count;
};

/** Opens the database for writing and begins a session.
 *
 * Owns:  end with store_close, also after a failure (NULL is allowed).
 * Fails: see database_open. */
MUST_CHECK bool store_open(const char *path, const struct session_info *info, struct store **store,
                           struct error *err);

/** Notes the trials of this run; trials are known by their index here from now on. Those that are
 * new become `planned`. Shapes: trials [count], to stay valid; states [count], as they are now. */
MUST_CHECK bool store_trials(struct store *store, const struct store_trial *trials, size_t count,
                             enum trial_state *states, struct error *err);

/** One trial of an experiment's plan. */
struct store_member {
    size_t trial; /* its index */
    const char *label;
};

/** Makes these the experiment's plan, in this order; members that it had before stay members, out
 * of plan. */
MUST_CHECK bool store_members(struct store *store, const char *experiment,
                              const struct store_member *members, size_t count, struct error *err);

/** Starts the writer. If the database can no longer be written, it sets *stop to 1 and store_close
 * tells why. */
MUST_CHECK bool store_start(struct store *store, enum store_claims claims, atomic_int *stop,
                            struct error *err);

/** Claims trials for this session: granted[i] becomes false for those that others have. Waits until
 * the claim is committed. Shapes: trials, granted, checkpoints [count]. */
void store_claim(struct store *store, const size_t *trials, size_t count, bool *granted,
                 struct stored_checkpoint *checkpoints, struct arena *arena);

void store_epoch(struct store *store, size_t trial, const struct epoch_record *record);
/** Shapes: records [count], copied. */
void store_layers(struct store *store, size_t trial, const struct layer_record *records,
                  size_t count);
/** The bytes are copied. */
void store_checkpoint(struct store *store, size_t trial, const void *bytes, size_t size);
/** Everything is copied. */
void store_finish(struct store *store, size_t trial, const struct outcome *outcome,
                  const struct overfitting *overfitting);

/** Commits what is queued, ends the session and closes.
 *
 * Fails: ERROR_FAILED when something that was handed over could not be committed. */
MUST_CHECK bool store_close(struct store *store, struct error *err);

#endif
