/* How long trials will take, from what this machine's trainings in the database took. */
#ifndef MLPSWEEP_CLI_TIMING_H
#define MLPSWEEP_CLI_TIMING_H

#include "store/query.h"
#include "trial/work.h"

/** Trainings of one kind. */
struct timing {
    const char *dataset, *topology, *optimizer, *activation;
    int64_t batch_size;
    double multiply_adds, sample_seconds; /* per sample that was trained on */
};

/** All that was timed. */
struct timings {
    struct timing *rows; /* [count] */
    size_t count;
};

/** Reads what was timed on this host with this core of BLAS. Owns: lives in the arena. */
MUST_CHECK bool timings_load(struct query_database *database, struct arena *arena,
                             struct timings *timings, struct error *err);

/** Seconds of one core for all epochs of a trial: by trainings of its kind, else by those that come
 * nearest in size, else a rough guess. */
double timings_estimate(const struct timings *timings, const struct work *work);

#endif
