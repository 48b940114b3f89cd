#include "trial/contradiction.h"

#include "nn/class_weight.h"
#include "nn/initializer.h"
#include "nn/schedule.h"
#include "trial/monitor.h"

#include <string.h>

static bool validates(const struct trial *trial) {
    return trial->validation_split > 0 || (trial->dataset && trial->dataset->validation[0]);
}

static bool is_regression(const struct trial *trial) {
    return trial->dataset && trial->dataset->task == TASK_REGRESSION;
}

static bool stops_blindly(const struct trial *trial) {
    return strcmp(trial->early_stopping.entry->name, "none") != 0 && !validates(trial);
}

static bool schedules_blindly(const struct trial *trial) {
    return schedule_observes(&trial->schedule) && !validates(trial);
}

static bool monitors_no_classes(const struct trial *trial) {
    return is_regression(trial) && !monitor_of(&trial->monitor)->for_values;
}

static bool smooths_no_labels(const struct trial *trial) {
    return is_regression(trial) && trial->label_smoothing > 0;
}

static bool weighs_no_classes(const struct trial *trial) {
    return is_regression(trial) && class_weight_of(&trial->class_weight)->weight;
}

static bool biases_are_square(const struct trial *trial) {
    return initializer_of(&trial->bias_initializer)->square_only;
}

static const struct {
    const char *knob, *other; /* the latter, if any, is what it does not go with */
    bool (*is_broken)(const struct trial *trial);
    const char *what;
} rules[] = {
    {"early_stopping", "validation_split", stops_blindly,
     "early stopping needs validation rows: validation_split is 0"},
    {"schedule", "validation_split", schedules_blindly,
     "plateau needs validation rows: validation_split is 0"},
    {"monitor", NULL, monitors_no_classes, "a regression has no accuracy to monitor"},
    {"label_smoothing", NULL, smooths_no_labels, "a regression has no labels to smooth"},
    {"class_weight", NULL, weighs_no_classes, "a regression has no classes to weigh"},
    {"bias_initializer", NULL, biases_are_square, "biases are no square kernel"},
};

bool contradiction_at(size_t i, const struct trial *trial, struct contradiction *contradiction) {
    if (i >= sizeof rules / sizeof *rules)
        return false;
    *contradiction = (struct contradiction){0};
    if (rules[i].is_broken(trial))
        *contradiction = (struct contradiction){rules[i].knob, rules[i].other, rules[i].what};
    return true;
}
