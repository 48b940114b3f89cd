/* Any text as an experiment file: a plan or errors with places, never a crash. */
#include "fuzz.h"

#include "plan/plan.h"

#include <stdlib.h>

static void print_nowhere(const struct error *err) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        abort();
    error_print(err, out);
    fclose(out);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    const char *text = arena_text(&arena, (const char *)data, size);
    bool ok = plan_parse("fuzz.yaml", text, size, NULL, &arena, &plan, &err);
    if (ok != (err.first == NULL) || (!ok && err.kind != ERROR_INVALID) || (ok && !plan.count))
        abort();
    print_nowhere(&err);
    error_clear(&err);
    arena_close(&arena);
    return 0;
}
