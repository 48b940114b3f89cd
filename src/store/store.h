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
    bool makes_folder;                 /* the database's folder, if it is missing */
    const atomic_int *stop;            /* not 0: waiting for locks is given up; or NULL */
    void (*waiting)(const char *path); /* called when another program's lock lasts; or NULL */
};

/** Which trials of the plan may be trained. */
enum store_claims {
    CLAIM_OPEN,   /* planned, interrupted, or running in a session whose process has ended */
    CLAIM_FAILED, /* those, and failed ones */
    CLAIM_ALL,    /* all: what was done is trained again */
};

/** Makes the folder that a file is to be in, and those above it. */
MUST_CHECK bool store_make_folder(const char *path, struct error *err);

/** Opens the database for writing and begins a session.
 *
 * Owns:  end with store_close, also after a failure (NULL is allowed).
 * Fails: see database_open. */
MUST_CHECK bool store_open(const char *path, const struct session_info *info, struct store **store,
                           struct error *err);

/** Adds the trials that the database does not have yet as `planned`, and fills in what it knows of
 * each: from `key` on. Shapes: work [count]. */
MUST_CHECK bool store_trials(struct store *store, struct work *work, size_t count,
                             struct error *err);

/** Trials that become members of an experiment. */
struct store_members {
    const char *experiment, *file; /* its name, and the file that it was read from */
    const struct work *work;       /* [count] */
    size_t count;
    /** They are all that the file has: what it had before and does not have now leaves the plan.
     * false: they join what is there, as the trials of `--set` do. */
    bool is_whole_file;
    size_t left;            /* out: trials that have left the plan */
    const char *other_file; /* out: another file of that name whose members these were, or NULL */
};

/** Notes members. Owns: other_file lives in the arena. Needs: store_trials with each trial. */
MUST_CHECK bool store_add_members(struct store *store, struct store_members *members,
                                  struct arena *arena, struct error *err);

/** Starts the writer for these trials, which store_observer names by their index from then on. If
 * the database can no longer be written, it sets *stop to 1 and store_close tells why.
 *
 * Shapes: work [count], to stay valid. Needs: store_trials with each of them. */
MUST_CHECK bool store_start(struct store *store, const struct work *work, size_t count,
                            enum store_claims claims, atomic_int *stop, struct error *err);

/** Writes what training tells it, and claims trials for this session: a claim waits until it is
 * committed. Everything that is handed over is copied. Needs: store_start. */
struct observer store_observer(struct store *store);

/** Commits what is queued and ends the writer, if it was started. store_start may follow.
 *
 * Fails: as store_close. */
MUST_CHECK bool store_stop(struct store *store, struct error *err);

/** Reads again what the database knows of the trials; those of processes that have ended are
 * interrupted. Shapes: work [count]. Needs: store_trials with each; no writer. */
MUST_CHECK bool store_refresh(struct store *store, struct work *work, size_t count,
                              struct error *err);

/** Commits what is queued, ends the session and closes.
 *
 * Fails: ERROR_FAILED when something that was handed over could not be committed. */
MUST_CHECK bool store_close(struct store *store, struct error *err);

#endif
