/* What the activations of a net say about its layers, gathered over the minibatches of a probe. */
#ifndef MLPSWEEP_NN_PROBE_H
#define MLPSWEEP_NN_PROBE_H

#include "nn/net.h"

/** Moments of some values, updated batch by batch without cancellation.
 *
 * Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 *         variances", 1979. */
struct running_moments {
    double count, mean, squares; /* squares: sum of squared distances from the mean */
};

/** Adds x [n]. */
void running_moments_add(struct running_moments *moments, const float *x, size_t n);

/** Population standard deviation. NaN of nothing. */
double running_moments_sd(const struct running_moments *moments);

/** One net's layers over the batches since probe_clear. */
struct probe {
    struct running_moments *layer; /* [layers] of the activations */
    bool *alive;                   /* [sum of hidden widths] a unit was not 0 for some sample */
};

/** Owns: arrays live in the arena. */
void probe_create(struct probe *probe, const struct net_shape *shape, struct arena *arena);

/** Forgets all batches. */
void probe_clear(struct probe *probe, const struct net_shape *shape);

/** Adds the batch that net_forward saw last. */
void probe_add(struct probe *probe, const struct net *net, size_t batch);

/** Fraction of layer l's units that were 0 for every sample. NaN where units cannot die, and where
 * some activation was NaN. */
double probe_dead_units(const struct probe *probe, const struct net *net, size_t l);

/** The same over all hidden layers together. */
double probe_all_dead_units(const struct probe *probe, const struct net *net);

#endif
