/* How long trials will take, from what this machine's trainings in the database took. */
#ifndef MLPSWEEP_CLI_TIMING_H
#define MLPSWEEP_CLI_TIMING_H

#include "store/query.h"
#include "trial/work.h"

/** Trainings of one kind. */
struct timing {
    const char *dataset, *topology, *optimizer, *activation;
    int64_t batch_size;
    double sample_seconds;      /* per sample that was trained on */
    double factor;              /* the same, as a multiple of what nets of that size should take */
    double log_size, log_batch; /* where it lies among others */
};

/** All that was timed. */
struct timings {
    struct timing *rows; /* [count], in the order of what they are a kind of */
    size_t count;
    double slowness; /* where nothing was timed: how much longer than by cohort_estimate */
};

/** Reads what was timed on this host with this core of BLAS. Owns: lives in the arena. */
MUST_CHECK bool timings_load(struct query_database *database, struct arena *arena,
                             struct timings *timings, struct error *err);

/** Where nothing was timed: measures this machine, in less than 0.1 s. */
void timings_calibrate(struct timings *timings);

/** Seconds of one core for all epochs of each trial: by trainings of its kind, else by those that
 * come nearest in size, else by the speed of the machine.
 *
 * Shapes: work, seconds [count]. Needs: timings_calibrate. */
void timings_estimate(const struct timings *timings, const struct work *work, size_t count,
                      double *seconds);

#endif
