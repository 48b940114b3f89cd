#include "cli/recorder.h"

static void on_claim(void *context, const size_t *jobs, size_t count, bool *granted,
                     struct checkpoint *checkpoints, struct arena *arena) {
    struct recorder *recorder = context;
    size_t *trials = arena_alloc(arena, count, sizeof *trials);
    struct stored_checkpoint *stored = arena_alloc(arena, count, sizeof *stored);
    for (size_t i = 0; i < count; i++)
        trials[i] = recorder->trials[jobs[i]];
    store_claim(recorder->store, trials, count, granted, stored, arena);
    for (size_t i = 0; i < count; i++)
        checkpoints[i] = (struct checkpoint){stored[i].bytes, stored[i].size, stored[i].epochs,
                                             stored[i].epoch_count};
}

static void on_epoch(void *context, size_t job, const struct epoch_record *record) {
    struct recorder *recorder = context;
    store_epoch(recorder->store, recorder->trials[job], record);
}

static void on_layers(void *context, size_t job, const struct layer_record *records, size_t count) {
    struct recorder *recorder = context;
    store_layers(recorder->store, recorder->trials[job], records, count);
}

static void on_checkpoint(void *context, size_t job, const void *bytes, size_t size) {
    struct recorder *recorder = context;
    store_checkpoint(recorder->store, recorder->trials[job], bytes, size);
}

static void on_finish(void *context, size_t job, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    struct recorder *recorder = context;
    recorder->failed += outcome->state == TRIAL_FAILED;
    recorder->diverged += outcome->state == TRIAL_DIVERGED;
    store_finish(recorder->store, recorder->trials[job], outcome, overfitting);
}

struct observer recorder_observer(struct recorder *recorder) {
    return (struct observer){.context = recorder,
                             .claim = on_claim,
                             .epoch = on_epoch,
                             .layers = on_layers,
                             .checkpoint = on_checkpoint,
                             .finish = on_finish};
}
