#include "run/observers.h"

#include <string.h>

#define TELL(observers, function, ...)                                                             \
    for (size_t o = 0; o < (observers)->count; o++)                                                \
        if ((observers)->observer[o].function)                                                     \
    (observers)->observer[o].function((observers)->observer[o].context, __VA_ARGS__)

void observers_claim(const struct observers *observers, const size_t *trials, size_t count,
                     bool *granted, struct checkpoint *checkpoints, struct arena *arena) {
    memset(granted, true, count * sizeof *granted);
    TELL(observers, claim, trials, count, granted, checkpoints, arena);
}

void observers_epoch(const struct observers *observers, size_t trial,
                     const struct epoch_record *record) {
    TELL(observers, epoch, trial, record);
}

void observers_layers(const struct observers *observers, size_t trial,
                      const struct layer_record *records, size_t count) {
    TELL(observers, layers, trial, records, count);
}

void observers_checkpoint(const struct observers *observers, size_t trial, const void *bytes,
                          size_t size) {
    TELL(observers, checkpoint, trial, bytes, size);
}

void observers_finish(const struct observers *observers, size_t trial,
                      const struct outcome *outcome, const struct overfitting *overfitting) {
    TELL(observers, finish, trial, outcome, overfitting);
}
