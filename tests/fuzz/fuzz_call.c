/* Any text as a value: what is taken is written back as a text that is taken as the same. */
#include "fuzz.h"

#include "base/text.h"
#include "trial/knob.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct place here = {"fuzz", NULL, 1, 1};

static void check_knob(const struct knob *knob, const char *text, struct arena *arena) {
    struct trial trial = trial_default(), again = trial_default();
    struct error err = {0};
    bool ok = knob_parse(knob, text, here, NULL, &trial, &err);
    if (ok != (err.first == NULL))
        abort();
    if (ok && (!knob_parse(knob, knob_text(knob, &trial, arena), here, NULL, &again, &err) ||
               !knob_equal(knob, &trial, &again)))
        abort();
    error_clear(&err);
}

static void check_number(const char *text, size_t length) {
    double number, again;
    uint64_t whole;
    char out[TEXT_NUMBER_MAX];
    if (text_to_number(text, length, &number)) {
        text_from_number(number, out);
        if (!isfinite(number) || !text_to_number(out, strlen(out), &again) || again != number)
            abort();
    }
    if (text_to_whole(text, length, &whole) && !text_to_number(text, length, &number) &&
        length < 100)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    char *text = malloc(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_number(text, size);
    for (size_t i = 0; i < knob_count; i++)
        check_knob(&knobs[i], text, &arena);
    free(text);
    arena_close(&arena);
    return 0;
}
