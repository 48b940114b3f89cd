#include "trial/monitor.h"

static double val_loss(const struct epoch_record *record) {
    return record->val_loss;
}

static double probe_loss(const struct epoch_record *record) {
    return record->probe_loss;
}

static double val_error(const struct epoch_record *record) {
    return 1 - record->val_accuracy;
}

static double probe_error(const struct epoch_record *record) {
    return 1 - record->probe_accuracy;
}

static const struct monitor rows[] = {
    {{"val_loss", "validation loss", {{0}}}, true, val_loss, probe_loss},
    {{"val_accuracy", "validation accuracy", {{0}}}, false, val_error, probe_error},
};

const struct registry monitors = REGISTRY("metric to monitor", rows);

const struct monitor *monitor_of(const struct choice *choice) {
    return (const struct monitor *)(const void *)choice->entry;
}
