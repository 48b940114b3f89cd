/* Some trainings in lock-step on one stream of minibatches: each minibatch is gathered once, one
 * product serves all first layers, everything after that is net by net.
 *
 * A net's numbers do not depend on the others: nets that are finished leave, the others go on. */
#ifndef MLPSWEEP_RUN_LOCKSTEP_H
#define MLPSWEEP_RUN_LOCKSTEP_H

#include "run/gather.h"
#include "run/training_state.h"

/** Samples a pass in inference mode takes at a time. Part of the numbers: sums run batch by batch.
 */
enum { INFERENCE_BATCH = 256 };

/** What one thread needs to measure losses. */
struct loss_buffers {
    float *scratch;     /* [(LOSS_SCRATCH + outputs) x batch_max] */
    int32_t *predicted; /* [batch_max] */
};

/** Trainings that stand at the same minibatch, and what they share. */
struct lockstep {
    size_t count;
    struct training_state **states; /* [count] */
    const struct dataset *dataset;
    size_t batch_size;
    struct split split;
    struct gather *gather;   /* of the minibatch at hand, */
    struct gather *spare;    /* and of the next one, which a team gathers while it trains */
    struct gather_job ahead; /* that of the next one, done; or {0} */
    struct stack stack;
    struct team *team;            /* shares the work on each minibatch; NULL: one thread does it */
    struct loss_buffers *buffers; /* [members of the team] */
};

/** Trainings of work[indices[i]] from where checkpoints[i] stands, else from the start. This thread
 * leads the team.
 *
 * Needs: trials of one cohort (cohort_same) at one position.
 * Owns:  everything lives in the arena.
 * Fails: ERROR_INVALID when the data cannot be split. */
MUST_CHECK bool lockstep_create(struct lockstep *lockstep, const struct work *work,
                                const size_t *indices, const struct checkpoint *checkpoints,
                                size_t count, struct team *team, struct arena *arena,
                                struct error *err);

/** Nets are computed side by side where there is one for each member of the team, else one after
 * another, the whole team on each. */
struct lockstep_teams {
    struct team *over_nets, *of_a_net; /* NULL: one thread */
};

struct lockstep_teams lockstep_teams(const struct lockstep *lockstep);

/** One step of every net on a minibatch of training rows; those of the next one follow. epoch
 * counts from 1. Shapes: rows [count + next].
 */
void lockstep_train(struct lockstep *lockstep, uint64_t epoch, const uint32_t *rows, size_t count,
                    size_t next);

/** Makes the nets and the optimizer's states those after the last step: until then, what is
 * trained of them may stand in the stack's panels. */
void lockstep_write_back(struct lockstep *lockstep);

/** The same, and from now on the nets' own weights count: they may be changed. */
void lockstep_leave_panels(struct lockstep *lockstep);

/** What a pass in inference mode over some rows is for, beside the losses. */
struct measurement {
    const bool *wanted;    /* [lockstep->count] which nets; NULL: all */
    bool probes;           /* fills the states' probes */
    uint32_t **prediction; /* [lockstep->count][rows] the class of each row, or NULL */
};

/** Shapes: sums [lockstep->count], overwritten; of nets that are not wanted they are 0. */
void lockstep_measure(struct lockstep *lockstep, const struct row_set *set,
                      struct measurement measurement, struct loss_sums *sums);

/** Means over some rows, in the units of the data file. */
struct means {
    double loss, accuracy, mae; /* NaN: not of this task, or no rows */
};

/** The means of training s over n rows from its sums. */
struct means lockstep_means(const struct lockstep *lockstep, size_t s, const struct loss_sums *sums,
                            size_t n);

/** Of the probe's rows with a noisy label, the share for which that label is predicted: what of the
 * noise a net has learned by heart. NaN: there are none.
 *
 * Shapes: prediction [probe rows], of one net. */
double lockstep_noisy_fit(const struct lockstep *lockstep, const uint32_t *prediction);

/** Adds to each training its share of some seconds, in proportion to multiply-adds. */
void lockstep_share_time(struct lockstep *lockstep, double seconds);

/** Goes on without the trainings whose leaves[s] is true. */
void lockstep_leave(struct lockstep *lockstep, const bool *leaves);

#endif
