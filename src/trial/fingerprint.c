#include "trial/fingerprint.h"

#include "base/digest.h"
#include "nn/product.h"
#include "trial/knob.h"

#include <string.h>

static void write_id(const char *text, char id[ID_LENGTH + 1]) {
    digest64_text(text, strlen(text), id);
}

/* What a default that is resolved stands for depends on other knobs. */
static bool is_default(const struct knob *knob, const struct trial *trial,
                       const struct trial *defaults) {
    return knob->automatic ? knob_is_default(knob, trial) : knob_equal(knob, trial, defaults);
}

/* The last version that changed the numbers of this trial. */
static int numerics_of(const struct topology *topology, size_t outputs) {
    enum { BEFORE_LARGE = 3 };
    bool has_large = false;
    for (size_t l = 1; l <= topology->depth; l++) {
        size_t units = l < topology->depth ? topology->width[l] : outputs;
        has_large |= product_create(topology->width[l - 1], units).panels != NULL;
    }
    return has_large ? NUMERICS_VERSION : BEFORE_LARGE;
}

struct fingerprint trial_fingerprint(const struct trial *trial, const char *data_digest,
                                     size_t outputs) {
    struct arena arena = {0};
    struct fingerprint result = {.trial = ""};
    const char *variant = arena_printf(&arena, "numerics=%d\ndata=%s\n",
                                       numerics_of(&trial->topology, outputs), data_digest);
    const char *seeds = "";
    const struct trial defaults = trial_default();
    for (size_t i = 0; i < knob_count; i++) {
        const struct knob *knob = &knobs[i];
        if (knob->type == KNOB_DATASET || knob->role == KNOB_OF_MEASURE ||
            is_default(knob, trial, &defaults))
            continue;
        const char **text = knob->role == KNOB_OF_SEED ? &seeds : &variant;
        *text =
            arena_printf(&arena, "%s%s=%s\n", *text, knob->name, knob_text(knob, trial, &arena));
    }
    write_id(arena_printf(&arena, "variant\n%s", variant), result.variant);
    write_id(arena_printf(&arena, "%s%s", variant, seeds), result.trial);
    arena_close(&arena);
    return result;
}
