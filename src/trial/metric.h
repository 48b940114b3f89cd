/* metrics[]: one row per number that is measured once an epoch. SQL columns, curves, exports and
 * plot labels are read from it. */
#ifndef MLPSWEEP_TRIAL_METRIC_H
#define MLPSWEEP_TRIAL_METRIC_H

#include <stddef.h>
#include <stdint.h>

/** All numbers of one epoch; NaN where there is none (no validation, no test, another task). */
struct epoch_record {
    uint64_t epoch;   /* from 1 */
    uint64_t updates; /* optimizer steps since the start */
    double train_loss, train_accuracy, train_mae;
    double val_loss, val_accuracy, val_mae;
    double probe_loss, probe_accuracy, probe_mae;
    double test_loss, test_accuracy, test_mae;
    double noisy_fit, penalty, lr, weight_norm, dead_units, epoch_seconds;
};

/** One layer at the end of one epoch (0: before training); NaN where there is none. */
struct layer_record {
    uint64_t epoch, layer; /* layers from 1; the last one is the output, before the softmax */
    double activation_sd;  /* over the probe's rows and the layer's units */
    double gradient_norm;  /* of the kernel, in the epoch's last minibatch; epoch 0: in the first */
    double dead_units;     /* fraction of units that are 0 on the whole probe */
};

/** Which way is better. */
enum direction { LOWER_IS_BETTER, HIGHER_IS_BETTER, NEITHER_IS_BETTER };

/** A row of `metrics`. */
struct metric {
    const char *name;
    const char *help;
    const char *unit; /* NULL: none */
    enum direction direction;
    size_t offset;    /* of a double in struct epoch_record */
    const char *live; /* its name in a line of progress, as Keras has it; NULL: not shown there */
};

/** All numbers of an epoch, in the order in which columns have them. */
extern const struct metric metrics[];
extern const size_t metric_count;

/** The metric of this name, or NULL. */
const struct metric *metric_find(const char *name);

/** The number in a record; NaN: there is none. */
double metric_value(const struct metric *metric, const struct epoch_record *record);

#endif
