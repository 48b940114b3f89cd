#include "trial/knob.h"

#include "data/scale.h"
#include "nn/activation.h"
#include "nn/initializer.h"
#include "nn/loss.h"
#include "nn/optimizer.h"
#include "trial/kept_weights.h"

#include <string.h>

#define AT(field) offsetof(struct trial, field)

/* The largest whole number that a double, JSON and SQLite all hold exactly. */
static const double whole_maximum = 9007199254740992.0;

const struct knob knobs[] = {
    {.name = "dataset",
     .help = "data set: mnist, fashion-mnist, or a name from datasets:",
     .type = KNOB_DATASET,
     .offset = AT(dataset)},
    {.name = "scale",
     .help = "how raw columns become inputs, by statistics of the rows trained on",
     .type = KNOB_CHOICE,
     .shapes_minibatches = true,
     .offset = AT(scale),
     .fallback = "unit",
     .rows = &scales},
    {.name = "train_rows",
     .help = "how many rows are trained on",
     .unit = "rows",
     .type = KNOB_WHOLE,
     .shapes_minibatches = true,
     .offset = AT(train_rows),
     .minimum = 1,
     .maximum = 4294967295.0,
     .fallback = "all",
     .automatic = "all"},
    {.name = "validation_split",
     .help = "fraction of the training file kept for validation, its last rows; 0: none",
     .unit = "fraction",
     .type = KNOB_NUMBER,
     .shapes_minibatches = true,
     .offset = AT(validation_split),
     .minimum = 0,
     .maximum = 1,
     .below_maximum = true,
     .fallback = "0.1"},
    {.name = "topology",
     .help = "widths of the hidden layers; [] is a linear model",
     .unit = "units",
     .type = KNOB_TOPOLOGY,
     .offset = AT(topology),
     .minimum = 1,
     .maximum = WIDTH_MAX,
     .fallback = "[20, 15]"},
    {.name = "activation",
     .help = "function of the hidden units",
     .type = KNOB_CHOICE,
     .offset = AT(activation),
     .fallback = "relu",
     .rows = &activations},
    {.name = "initializer",
     .help = "first weights of the kernels; biases start at 0",
     .type = KNOB_CHOICE,
     .offset = AT(initializer),
     .fallback = "glorot_uniform",
     .rows = &initializers},
    {.name = "loss",
     .help = "what training lowers; auto: cross_entropy for classes, mse for values",
     .type = KNOB_CHOICE,
     .offset = AT(loss),
     .fallback = "auto",
     .automatic = "auto",
     .rows = &losses},
    {.name = "optimizer",
     .help = "how the gradient moves the weights",
     .type = KNOB_CHOICE,
     .offset = AT(optimizer),
     .fallback = "adam",
     .rows = &optimizers},
    {.name = "learning_rate",
     .help = "size of a step; auto: the optimizer's own (list optimizers)",
     .type = KNOB_NUMBER,
     .offset = AT(learning_rate),
     .minimum = 0,
     .above_minimum = true,
     .maximum = 1e6,
     .fallback = "auto",
     .automatic = "auto"},
    {.name = "batch_size",
     .help = "rows of a minibatch",
     .unit = "rows",
     .type = KNOB_WHOLE,
     .shapes_minibatches = true,
     .offset = AT(batch_size),
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "32"},
    {.name = "epochs",
     .help = "passes over the training rows",
     .unit = "epochs",
     .type = KNOB_WHOLE,
     .offset = AT(epochs),
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "10"},
    {.name = "test_every",
     .help = "also measures the test set after every n-th epoch; 0: only at the end",
     .unit = "epochs",
     .type = KNOB_WHOLE,
     .role = KNOB_OF_MEASURE,
     .offset = AT(test_every),
     .maximum = 1e6,
     .fallback = "0"},
    {.name = "keep_weights",
     .help = "which weights stay in the database",
     .type = KNOB_CHOICE,
     .role = KNOB_OF_MEASURE,
     .offset = AT(keep_weights),
     .fallback = "best",
     .rows = &kept_weights_choices},
    {.name = "seed",
     .help = "of all random draws",
     .type = KNOB_WHOLE,
     .role = KNOB_OF_SEED,
     .offset = AT(seed),
     .maximum = whole_maximum,
     .fallback = "1"},
    {.name = "split_seed",
     .help = "of the probe and of train_rows",
     .type = KNOB_WHOLE,
     .role = KNOB_OF_SEED,
     .shapes_minibatches = true,
     .offset = AT(split_seed),
     .maximum = whole_maximum,
     .fallback = "seed",
     .automatic = "seed"},
    {.name = "init_seed",
     .help = "of the first weights",
     .type = KNOB_WHOLE,
     .role = KNOB_OF_SEED,
     .offset = AT(init_seed),
     .maximum = whole_maximum,
     .fallback = "seed",
     .automatic = "seed"},
    {.name = "order_seed",
     .help = "of the order of rows in each epoch",
     .type = KNOB_WHOLE,
     .role = KNOB_OF_SEED,
     .shapes_minibatches = true,
     .offset = AT(order_seed),
     .maximum = whole_maximum,
     .fallback = "seed",
     .automatic = "seed"},
};

const size_t knob_count = sizeof knobs / sizeof *knobs;

const struct knob *knob_find(const char *name) {
    for (size_t i = 0; i < knob_count; i++)
        if (strcmp(knobs[i].name, name) == 0)
            return &knobs[i];
    return NULL;
}

static const char *knob_name(const void *unused, size_t i) {
    (void)unused;
    return i < knob_count ? knobs[i].name : NULL;
}

static const struct synonym synonyms[] = {
    {"data", "dataset"},
    {"scaling", "scale"},
    {"scaler", "scale"},
    {"preprocessing", "scale"},
    {"train_size", "train_rows"},
    {"n_train", "train_rows"},
    {"val_split", "validation_split"},
    {"validation_fraction", "validation_split"},
    {"hidden", "topology"},
    {"layers", "topology"},
    {"hidden_layers", "topology"},
    {"hidden_sizes", "topology"},
    {"hidden_units", "topology"},
    {"hidden_layer_sizes", "topology"},
    {"widths", "topology"},
    {"units", "topology"},
    {"architecture", "topology"},
    {"act", "activation"},
    {"nonlinearity", "activation"},
    {"init", "initializer"},
    {"weight_init", "initializer"},
    {"kernel_initializer", "initializer"},
    {"initialization", "initializer"},
    {"criterion", "loss"},
    {"objective", "loss"},
    {"solver", "optimizer"},
    {"opt", "optimizer"},
    {"algorithm", "optimizer"},
    {"lr", "learning_rate"},
    {"lrate", "learning_rate"},
    {"eta", "learning_rate"},
    {"step_size", "learning_rate"},
    {"learning_rate_init", "learning_rate"},
    {"bs", "batch_size"},
    {"batch", "batch_size"},
    {"minibatch", "batch_size"},
    {"minibatch_size", "batch_size"},
    {"n_epochs", "epochs"},
    {"num_epochs", "epochs"},
    {"max_epochs", "epochs"},
    {"nb_epoch", "epochs"},
    {"save_weights", "keep_weights"},
    {"random_state", "seed"},
    {"random_seed", "seed"},
    {"shuffle_seed", "order_seed"},
};

const struct names knob_names = {knob_name, NULL, synonyms, sizeof synonyms / sizeof *synonyms};

struct trial trial_default(void) {
    struct trial trial = {0};
    struct error none = {0};
    for (size_t i = 0; i < knob_count; i++)
        if (knobs[i].fallback &&
            !knob_parse(&knobs[i], knobs[i].fallback, (struct place){0}, NULL, &trial, &none))
            error_clear(&none);
    return trial;
}
