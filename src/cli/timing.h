/* How long trials will take, from what this machine's trainings in the database took. */
#ifndef MLPSWEEP_CLI_TIMING_H
#define MLPSWEEP_CLI_TIMING_H

#include "store/query.h"
#include "trial/work.h"

/** Trainings of one kind. */
struct timing {
    const char *dataset, *topology, *optimizer, *activation;
    int64_t batch_size;
    bool is_shared;                       /* trained in a cohort of several */
    double multiply_adds, sample_seconds; /* per sample that was trained on, see timing.c */
};

/** All that was timed. */
struct timings {
    struct timing *rows; /* [count], in the order of what they are a kind of */
    size_t count;
    double slowness; /* for data that were not timed: how much slower this machine is than a usual
                        one */
};

/** Reads what was timed on this host with this core of BLAS. Owns: lives in the arena. */
MUST_CHECK bool timings_load(struct query_database *database, struct arena *arena,
                             struct timings *timings, struct error *err);

/** Measures the speed of this machine, in less than 0.1 s. */
void timings_calibrate(struct timings *timings);

/** Seconds of one core for all epochs of each trial: by trainings of its kind, else by those
 * of its data set that come nearest, else by the speed of the machine.
 *
 * Shapes: work, cohorts (see cohort_number), seconds [count]. Needs: timings_calibrate. */
void timings_estimate(const struct timings *timings, const struct work *work, size_t count,
                      const size_t *cohorts, double *seconds);

#endif
