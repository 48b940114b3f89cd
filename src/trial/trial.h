/* A trial: a variant with one seed, plain, copyable and fully resolved. The vocabulary that plan/
 * produces, run/ trains and store/ keeps. */
#ifndef MLPSWEEP_TRIAL_TRIAL_H
#define MLPSWEEP_TRIAL_TRIAL_H

#include "base/registry.h"
#include "data/split.h"

#include <stdint.h>

/** Limits of a topology. */
enum { HIDDEN_LAYERS_MAX = 32, WIDTH_MAX = 1000000 };

/** Widths of the hidden layers from input to output; no layer at all is a linear model. */
struct topology {
    uint32_t depth;
    uint32_t width[HIDDEN_LAYERS_MAX];
};

/** One field for each row of knobs[]. Registry rows by pointer, so that == compares choices' names.
 */
struct trial {
    const struct data_source *dataset;
    struct choice
        generator; /* of the data set, entry NULL: files; the knob is both, side by side */
    struct choice scale, target_scale;
    uint64_t train_rows; /* 0: all */
    double label_noise, validation_split;
    struct choice validation_from;
    struct topology topology;
    struct choice activation, initializer, bias_initializer, normalization, loss, optimizer;
    struct choice class_weight;
    double label_smoothing, l1, l2, dropout, input_dropout, input_noise;
    double learning_rate; /* NaN until resolved */
    struct choice schedule;
    double clip_norm;     /* 0: none */
    uint64_t max_updates; /* 0: none */
    struct choice monitor, early_stopping;
    uint64_t batch_size, epochs, test_every;
    struct choice keep_weights;
    uint64_t seed, split_seed, init_seed, order_seed; /* SEED_AUTO until resolved, but for seed */
};

#define SEED_AUTO UINT64_MAX

/** Replaces what is automatic (learning rate, loss, seeds) by what it stands for. */
void trial_resolve(struct trial *trial);

/** Which rows it trains and validates on. */
struct split_options trial_split_options(const struct trial *trial);

/** Weights, biases and scales of the net. Needs: inputs and outputs of its data set. */
uint64_t trial_parameters(const struct trial *trial, size_t inputs, size_t outputs);

/** Multiply-adds of one sample's forward pass. */
uint64_t trial_multiply_adds(const struct trial *trial, size_t inputs, size_t outputs);

#endif
