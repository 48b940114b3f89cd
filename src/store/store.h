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
#include "trial/observer.h"

#include <stdatomic.h>

struct store;

/** What a session row says of a run. */
struct session_info {
    const char *command, *git_commit, *host, *cpu, *blas, *blas_core;
    const char *experiment, *text; /* the experiment's name and its file */
    size_t threads;
};

/** Which trials of the plan may be trained. */
enum store_claims {
    CLAIM_OPEN,   /* planned, interrupted, or running in a session that is dead */
    CLAIM_FAILED, /* those, and failed ones */
    CLAIM_ALL,    /* all: what was done is trained again */
};

/** Opens the database for writing and begins a session.
 *
 * Owns:  end with store_close, also after a failure (NULL is allowed).
 * Fails: see database_open. */
MUST_CHECK bool store_open(const char *path, const struct session_info *info, struct store **store,
                           struct error *err);

/** Adds the trials that the database does not have yet as `planned`, and fills in the key and the
 * state of each. Shapes: work [count]. */
MUST_CHECK bool store_trials(struct store *store, struct work *work, size_t count,
                             struct error *err);

/** Makes these the experiment's plan, in this order; members that it had before stay members, out
 * of plan. Shapes: work [count]. Needs: store_trials with each of them. */
MUST_CHECK bool store_members(struct store *store, const char *experiment, const struct work *work,
                              size_t count, struct error *err);

/** Starts the writer for these trials, which store_observer names by their index from then on. If
 * the database can no longer be written, it sets *stop to 1 and store_close tells why.
 *
 * Shapes: work [count], to stay valid. Needs: store_trials with each of them. */
MUST_CHECK bool store_start(struct store *store, const struct work *work, size_t count,
                            enum store_claims claims, atomic_int *stop, struct error *err);

/** Writes what training tells it, and claims trials for this session: a claim waits until it is
 * committed. Everything that is handed over is copied. Needs: store_start. */
struct observer store_observer(struct store *store);

/** Commits what is queued, ends the session and closes.
 *
 * Fails: ERROR_FAILED when something that was handed over could not be committed. */
MUST_CHECK bool store_close(struct store *store, struct error *err);

#endif
