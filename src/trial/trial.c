#include "trial/trial.h"

#include "nn/loss.h"
#include "nn/normalization.h"
#include "nn/optimizer.h"

#include <math.h>

static void resolve_seed(uint64_t *seed, uint64_t fallback) {
    if (*seed == SEED_AUTO)
        *seed = fallback;
}

void trial_resolve(struct trial *trial) {
    if (isnan(trial->learning_rate))
        trial->learning_rate = optimizer_of(&trial->optimizer)->learning_rate;
    if (!trial->loss.entry) {
        bool classes = trial->dataset->task == TASK_CLASSIFICATION;
        trial->loss = choice_default(&losses, classes ? "cross_entropy" : "mse");
    }
    resolve_seed(&trial->split_seed, trial->seed);
    resolve_seed(&trial->init_seed, trial->seed);
    resolve_seed(&trial->order_seed, trial->seed);
}

struct split_options trial_split_options(const struct trial *trial) {
    return (struct split_options){.validation_split = trial->validation_split,
                                  .validation_from = trial->validation_from.entry,
                                  .train_rows = (size_t)trial->train_rows,
                                  .label_noise = trial->label_noise,
                                  .seed = trial->split_seed};
}

uint64_t trial_multiply_adds(const struct trial *trial, size_t inputs, size_t outputs) {
    uint64_t sum = 0, fan_in = inputs;
    for (uint32_t l = 0; l < trial->topology.depth; l++) {
        sum += fan_in * trial->topology.width[l];
        fan_in = trial->topology.width[l];
    }
    return sum + fan_in * outputs;
}

uint64_t trial_parameters(const struct trial *trial, size_t inputs, size_t outputs) {
    const struct choice *normalization = &trial->normalization;
    bool is_normalized = normalization->entry && normalization_of(normalization)->forward;
    uint64_t biases = outputs; /* and scales */
    for (uint32_t l = 0; l < trial->topology.depth; l++)
        biases += (is_normalized ? 2 : 1) * (uint64_t)trial->topology.width[l];
    return trial_multiply_adds(trial, inputs, outputs) + biases;
}
