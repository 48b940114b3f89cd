#include "trial/metric.h"

#include <string.h>

#define AT(field) offsetof(struct epoch_record, field)

const struct metric metrics[] = {
    {"train_loss", "mean over the epoch's samples while the weights move (Keras's loss)", NULL,
     LOWER_IS_BETTER, AT(train_loss), "loss"},
    {"train_accuracy", "mean over the epoch's samples while the weights move (Keras's accuracy)",
     "fraction", HIGHER_IS_BETTER, AT(train_accuracy), "accuracy"},
    {"train_mae", "mean absolute error over the epoch's samples while the weights move", NULL,
     LOWER_IS_BETTER, AT(train_mae), "mae"},
    {"val_loss", "on the validation rows, at the end of the epoch", NULL, LOWER_IS_BETTER,
     AT(val_loss), "val_loss"},
    {"val_accuracy", "on the validation rows, at the end of the epoch", "fraction",
     HIGHER_IS_BETTER, AT(val_accuracy), "val_accuracy"},
    {"val_mae", "mean absolute error on the validation rows", NULL, LOWER_IS_BETTER, AT(val_mae),
     "val_mae"},
    {"probe_loss", "on fixed random training rows, at the end of the epoch", NULL, LOWER_IS_BETTER,
     AT(probe_loss), NULL},
    {"probe_accuracy", "on fixed random training rows, at the end of the epoch", "fraction",
     HIGHER_IS_BETTER, AT(probe_accuracy), NULL},
    {"probe_mae", "mean absolute error on fixed random training rows", NULL, LOWER_IS_BETTER,
     AT(probe_mae), NULL},
    {"test_loss", "on the test set, every test_every epochs", NULL, LOWER_IS_BETTER, AT(test_loss),
     "test_loss"},
    {"test_accuracy", "on the test set, every test_every epochs", "fraction", HIGHER_IS_BETTER,
     AT(test_accuracy), "test_accuracy"},
    {"test_mae", "mean absolute error on the test set", NULL, LOWER_IS_BETTER, AT(test_mae),
     "test_mae"},
    {"noisy_fit", "share of the probe's noisy labels that are predicted", "fraction",
     LOWER_IS_BETTER, AT(noisy_fit), NULL},
    {"penalty", "what l1 and l2 add to the loss", NULL, NEITHER_IS_BETTER, AT(penalty), NULL},
    {"lr", "learning rate at the end of the epoch", NULL, NEITHER_IS_BETTER, AT(lr), NULL},
    {"weight_norm", "Euclidean norm of all kernels", NULL, NEITHER_IS_BETTER, AT(weight_norm),
     NULL},
    {"dead_units", "relu units that are 0 on the whole probe", "fraction", LOWER_IS_BETTER,
     AT(dead_units), NULL},
    {"epoch_seconds", "the trial's share of its cohort's time", "s", LOWER_IS_BETTER,
     AT(epoch_seconds), NULL},
};

const size_t metric_count = sizeof metrics / sizeof *metrics;

const struct metric *metric_find(const char *name) {
    for (size_t i = 0; i < metric_count; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

double metric_value(const struct metric *metric, const struct epoch_record *record) {
    double value;
    memcpy(&value, (const char *)record + metric->offset, sizeof value);
    return value;
}
