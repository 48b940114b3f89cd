/* A training without a database: what an observer hears, kept for comparison. */
#ifndef MLPSWEEP_TESTS_RUN_SESSION_H
#define MLPSWEEP_TESTS_RUN_SESSION_H

#include "run/runner.h"
#include "trial/knob.h"

enum { SESSION_JOBS = 64, SESSION_EPOCHS = 16, SESSION_LAYERS = 24, SESSION_PAIRS = 64 };

/** What is known of one job after a run. */
struct heard {
    size_t claims, finishes;
    struct epoch_record epochs[SESSION_EPOCHS];
    size_t epoch_count;
    struct layer_record layers[SESSION_EPOCHS + 1][SESSION_LAYERS]; /* [0]: before training */
    struct outcome outcome;
    struct confusion confusion[SESSION_PAIRS]; /* the first ones of the outcome */
    size_t confusion_count;                    /* of the outcome */
    unsigned char *checkpoint;                 /* the last one */
    size_t checkpoint_size, checkpoint_epochs;
};

struct session {
    struct arena arena;
    struct work jobs[SESSION_JOBS];
    struct trial trials[SESSION_JOBS];
    size_t count;
    struct heard heard[SESSION_JOBS];
    atomic_int stop;
    atomic_int checkpoints;            /* so far */
    int stop_after;                    /* checkpoints; 0: never */
    size_t workers;                    /* of session_run_in_parts; 0: one and two in turn */
    const struct jobserver *jobserver; /* NULL: none */
};

/** Adds a job: settings are `knob: value`, ended by NULL. */
void session_add(struct session *session, const struct dataset *dataset,
                 const char *const *settings);

#define ADD(session, dataset, ...)                                                                 \
    session_add(session, dataset, (const char *const[]){__VA_ARGS__, NULL})

/** Trains all jobs that are not finished, from their last checkpoints. */
void session_run(struct session *session, size_t workers, enum fuse fuse);

/** Runs that end after stop_after checkpoints each, one after another until all jobs are finished.
 * Ends the test where one is enough or 1000 are not. */
void session_run_in_parts(struct session *session);

void session_close(struct session *session);

/** Ends the test unless all numbers but times are the same. */
void assert_same_results(const struct session *a, const struct session *b);

#endif
