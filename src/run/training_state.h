/* The state of one training: the net, its optimizer's state, the epoch so far, the best weights and
 * the curve; and all of that as bytes, to go on from later. */
#ifndef MLPSWEEP_RUN_TRAINING_STATE_H
#define MLPSWEEP_RUN_TRAINING_STATE_H

#include "nn/net.h"
#include "nn/optimizer.h"
#include "nn/probe.h"
#include "nn/schedule.h"
#include "trial/observer.h"

/** Where a training stands: finished epochs, and minibatches of the next one. */
struct position {
    uint64_t epoch, batch;
};

/** One training between two minibatches. */
struct training_state {
    size_t index;
    const struct trial *trial;
    const struct optimizer *optimizer;
    struct net net;
    float *optimizer_state;                     /* [optimizer->states x parameters] */
    double optimizer_carried;                   /* see struct optimizer_step */
    float coefficients[OPTIMIZER_COEFFICIENTS]; /* of the step that has begun */
    float *best;                                /* [weights] of the best epoch */
    uint64_t best_epoch;                        /* 0: none yet */
    double best_value;                          /* of the monitored number, lower is better */
    uint64_t updates;                           /* steps so far */
    uint64_t steps;       /* of the whole training, if nothing ends it early */
    double learning_rate; /* of the last step */
    struct schedule_memory schedule;
    float *class_weights;         /* [classes], or NULL: all samples count alike */
    struct loss_sums sums;        /* of the epoch so far, */
    uint64_t seen;                /* over so many samples */
    double seconds;               /* of the epoch so far: its share of the cohort's time */
    struct epoch_record *records; /* [epochs] */
    uint64_t epochs_done;
    struct probe probe; /* of the last pass over the probe's rows */
    bool validates;     /* there are validation rows */
    bool diverged;
    bool stopped_early; /* by early_stopping */
    size_t cohort_size; /* nets trained in lock-step with it when it began */
};

/** What the net of this trial looks like. */
struct net_shape training_state_shape(const struct work *work);

/** Makes room for the training of one trial with minibatches of up to batch_max rows;
 * training_state_begin or training_state_load gives it values.
 *
 * Owns: everything lives in the arena. */
void training_state_create(struct training_state *state, size_t index, const struct work *work,
                           size_t batch_max, size_t cohort_size, struct arena *arena);

/** Draws the initial weights. */
void training_state_begin(struct training_state *state);

/** Begins an optimizer step: its learning rate, and what all parameters have in common. */
void training_state_begin_step(struct training_state *state);

/** Whether penalties or a limit on its norm change the gradient before the optimizer sees it, */
bool training_state_finishes_gradient(const struct training_state *state);

/** as they do here. The team shares the work, if it is not NULL. */
void training_state_finish_gradient(struct training_state *state, struct team *team);

/** The step for parameters number `from` to `to`: for each of them once, in any order and by any
 * thread. */
void training_state_step(struct training_state *state, size_t from, size_t to);

/** Ends the epoch: adds its record to the curve, and keeps the weights if none were better. */
void training_state_end_epoch(struct training_state *state, struct epoch_record record);

/** Whether nothing is left to train. */
bool training_state_is_finished(const struct training_state *state);

/** What the probe and the last gradient say of each layer.
 *
 * Shapes: records [layers]. */
void training_state_layers(const struct training_state *state, uint64_t epoch,
                           struct layer_record *records);

/** The state at a minibatch boundary as bytes, but for the records. Owns: bytes live in the arena.
 */
void training_state_save(const struct training_state *state, struct position position,
                         struct arena *arena, const void **bytes, size_t *size);

/** The position in a checkpoint; {0, 0} for an empty one or one that does not fit the trial. */
struct position training_state_position(const struct work *work,
                                        const struct checkpoint *checkpoint);

/** Goes on from a checkpoint whose position was found not to be {0, 0}. */
void training_state_load(struct training_state *state, const struct checkpoint *checkpoint);

#endif
