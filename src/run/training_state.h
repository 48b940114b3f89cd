/* One net on its way through training: parameters, optimizer state, the epoch so far, its best
 * weights and its curve; and all of that as bytes, to go on from later. */
#ifndef MLPSWEEP_RUN_TRAINING_STATE_H
#define MLPSWEEP_RUN_TRAINING_STATE_H

#include "nn/net.h"
#include "nn/optimizer.h"
#include "trial/observer.h"

/** Where in its training a net stands: finished epochs, and minibatches of the next one. */
struct position {
    uint64_t epoch, batch;
};

struct training_state {
    size_t job;
    const struct trial *trial;
    const struct optimizer *optimizer;
    struct net_shape shape;
    size_t first_count, rest_count; /* parameters */
    float *optimizer_state;         /* [optimizer->states x (first_count + rest_count)] */
    float *best;                    /* weights of the best epoch */
    uint64_t best_epoch;            /* 0: none yet */
    double best_value;              /* of val_loss */
    uint64_t updates;
    struct loss_sums sums;        /* of the epoch so far, */
    uint64_t seen;                /* over so many samples */
    double seconds;               /* of the epoch so far: its share of the cohort's time */
    struct epoch_record *records; /* [epochs] */
    uint64_t epochs_done;
    bool *alive;               /* [sum of hidden widths] not 0 for some row of the probe */
    struct layer_sums *layers; /* [layers] on the probe */
    bool validates;            /* there are validation rows */
    bool diverged;
    size_t cohort_size;
};

/** What the net of this trial looks like. */
struct net_shape training_state_shape(const struct work *job);

/** Units of all hidden layers together. */
size_t training_state_hidden_units(const struct training_state *state);

/** Makes room for the training of one job; training_state_begin or training_state_load gives it a
 * state. */
void training_state_create(struct training_state *state, size_t index, const struct work *job,
                           size_t cohort_size, struct arena *arena);

/** Draws the initial weights into the net. */
void training_state_begin(struct training_state *state, struct net *net, struct arena *scratch);

/** One optimizer step along the net's gradients. */
void training_state_step(struct training_state *state, struct net *net);

/** Ends the epoch: files its record, and keeps the weights if none were better. */
void training_state_end_epoch(struct training_state *state, const struct net *net,
                              struct epoch_record record);

/** Whether nothing is left to train. */
bool training_state_is_finished(const struct training_state *state);

/** The weights in layer order. Shapes: out [first_count + rest_count]. */
void training_state_weights(const struct training_state *state, const struct net *net, float *out);

/** Euclidean norm of all kernels. */
double training_state_kernel_norm(const struct training_state *state, const struct net *net);

/** Fraction of the units that can die and are not alive; NaN where none can. */
double training_state_dead_units(const struct training_state *state, const struct net *net);

/** What the probe and the last gradient say of each layer.
 *
 * Shapes: records [layers]. */
void training_state_layers(const struct training_state *state, const struct net *net,
                           uint64_t epoch, size_t probe_rows, struct layer_record *records);

/** The state at a minibatch boundary as bytes, but for the records. Owns: bytes live in the arena.
 */
void training_state_save(const struct training_state *state, const struct net *net,
                         struct position position, struct arena *arena, const void **bytes,
                         size_t *size);

/** The position in a checkpoint; {0, 0} for an empty one or one that does not fit the job. */
struct position training_state_position(const struct work *job,
                                        const struct checkpoint *checkpoint);

/** Goes on from a checkpoint whose position was found not to be {0, 0}. */
void training_state_load(struct training_state *state, struct net *net,
                         const struct checkpoint *checkpoint);

#endif
