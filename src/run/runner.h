/* Workers: threads that take chunks from one queue, the longest first, until none is left; then
 * they help with the longest chunk that still trains. */
#ifndef MLPSWEEP_RUN_RUNNER_H
#define MLPSWEEP_RUN_RUNNER_H

#include "run/jobserver.h"
#include "run/training_loop.h"

/** Whether trials of a cohort train together. They have the same numbers either way. */
enum fuse { FUSE_AUTO, FUSE_OFF };

/** How trials are trained. */
struct runner_options {
    size_t workers;
    size_t cores; /* so many workers share a chunk at most; 0: any number */
    enum fuse fuse;
    struct jobserver jobserver; /* further workers wait for its tokens, if it is open */
    struct training_options training;
};

/** Trains all trials that the observers grant, until they are done or training.stop is set.
 *
 * Every trial that is granted ends in one call of finish. A chunk whose data cannot be used fails
 * and does not stop the others. */
void runner_run(const struct work *work, size_t count, const struct runner_options *options);

#endif
