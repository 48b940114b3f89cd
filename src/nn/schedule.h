/* Schedules: the learning rate of each step. Every row takes `warmup`, so many steps of linear
 * growth at the start. */
#ifndef MLPSWEEP_NN_SCHEDULE_H
#define MLPSWEEP_NN_SCHEDULE_H

#include "base/registry.h"

#include <stdbool.h>
#include <stdint.h>

/** Where in its training a step stands. */
struct schedule_time {
    uint64_t step;  /* from 1 */
    uint64_t steps; /* of the whole training */
    uint64_t epoch; /* finished epochs */
};

/** What a schedule remembers of the epochs: starts as {0}. */
struct schedule_memory {
    uint64_t epochs;     /* seen */
    uint64_t waited;     /* epochs since the best */
    uint64_t reductions; /* so far */
    double best;         /* of the monitored number, lower is better */
};

/** A row of `schedules`. */
struct schedule {
    struct entry entry; /* its last argument is warmup */
    /** The learning rate without warm-up, from the base rate; warmup is in steps.
     *
     * Source: numerics.md. */
    double (*rate)(const double *arguments, double base, uint64_t warmup,
                   const struct schedule_time *time, const struct schedule_memory *memory);
    /** Told the monitored number (lower is better) after each epoch; NULL: does not look at it. */
    void (*observe)(const double *arguments, double monitored, struct schedule_memory *memory);
};

/** All schedules by name. */
extern const struct registry schedules;

/** Whether the schedule looks at the monitored number. */
bool schedule_observes(const struct choice *choice);

/** The learning rate of one step. */
double schedule_rate(const struct choice *choice, double base, const struct schedule_time *time,
                     const struct schedule_memory *memory);

/** Tells the schedule the monitored number (lower is better) after an epoch. */
void schedule_observe(const struct choice *choice, double monitored,
                      struct schedule_memory *memory);

#endif
