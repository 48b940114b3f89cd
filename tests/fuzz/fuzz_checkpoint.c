/* Any bytes as a checkpoint of a small training: none that fits, or a state within its bounds. The
 * first byte chooses what the bytes are laid over: an empty checkpoint, or a real one after so many
 * epochs, so that mutations reach behind the header. */
#include "fuzz.h"

#include "data/dataset.h"
#include "run/training_state.h"
#include "trial/knob.h"

#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 4, INPUTS = 3, CLASSES = 2, BATCH = 4 };

static bool set_knob(const char *name, const char *value, struct trial *trial) {
    struct error err = {0};
    bool ok = knob_parse(knob_find(name), value, (struct place){0}, NULL, trial, &err);
    error_clear(&err);
    return ok;
}

static struct trial make_trial(const struct data_source *source) {
    struct trial trial = trial_default();
    trial.dataset = source;
    if (!set_knob("epochs", "4", &trial) || !set_knob("topology", "[2]", &trial) ||
        !set_knob("batch_size", "4", &trial))
        abort();
    trial_resolve(&trial);
    return trial;
}

/* What was laid over it: bytes [2 ...], from the offset that the second byte gives (times 8). */
static unsigned char *lay_over(const unsigned char *base, size_t base_size, const uint8_t *data,
                               size_t size, size_t *result_size) {
    size_t at = (size_t)data[1] * 8, end = at + size - 2;
    *result_size = data[0] & 8 ? end : base_size; /* another length, too */
    unsigned char *bytes = calloc(*result_size + 1, 1);
    if (!bytes)
        exit(1);
    memcpy(bytes, base, base_size < *result_size ? base_size : *result_size);
    for (size_t i = at; i < end && i < *result_size; i++)
        bytes[i] ^= data[2 + i - at];
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    struct arena arena = {0};
    struct data_source source = {.name = "fuzz"};
    struct dataset dataset = {.inputs = INPUTS, .classes = CLASSES};
    struct trial trial = make_trial(&source);
    struct work work = {.trial = &trial, .dataset = &dataset};
    struct training_state state;
    training_state_create(&state, 0, &work, BATCH, 1, &arena);
    training_state_begin(&state);
    struct epoch_record records[EPOCHS] = {{0}};
    state.epochs_done = data[0] & 3;
    state.best_epoch = data[0] & 4 ? state.epochs_done : 0;
    const void *base;
    size_t base_size;
    training_state_save(&state, (struct position){state.epochs_done, 1}, &arena, &base, &base_size);
    struct checkpoint checkpoint = {.epochs = records, .epoch_count = state.epochs_done};
    unsigned char *bytes = lay_over(base, base_size, data, size, &checkpoint.size);
    checkpoint.bytes = bytes;
    struct position position = training_state_position(&work, &checkpoint);
    if (position.epoch || position.batch) {
        struct training_state loaded;
        training_state_create(&loaded, 0, &work, BATCH, 1, &arena);
        training_state_load(&loaded, &checkpoint);
        if (loaded.epochs_done != position.epoch || loaded.epochs_done >= EPOCHS ||
            loaded.best_epoch > loaded.epochs_done)
            abort();
    }
    free(bytes);
    arena_close(&arena);
    return 0;
}
