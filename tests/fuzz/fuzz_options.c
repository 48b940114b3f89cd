/* Any texts as `--set` and `--where`, the first line and the second: a plan or one message, never a
 * crash. */
#include "fuzz.h"

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

static const char text[] = "datasets: {points: {format: libsvm, train: p, features: 2}}\n"
                           "base: {dataset: mnist, optimizer: sgd, optimizer.momentum: 0.5}\n"
                           "sweep:\n"
                           "  - topology: {width: [8, 16], depth: [1, 2]}\n"
                           "  - zip: {epochs: [1, 2], learning_rate: [auto, 0.1]}\n"
                           "    optimizer: [sgd, adam(beta1=0.8)]\n"
                           "exclude: [{topology: [8, 8]}]\n"
                           "baseline: {topology: 16x2}\n"
                           "repeats: 2\n";

static void check(const struct plan_options *options) {
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    bool ok = plan_parse("fuzz.yaml", text, sizeof text - 1, options, &arena, &plan, &err);
    if (ok != (err.first == NULL) || (!ok && err.kind != ERROR_USAGE && err.kind != ERROR_INVALID))
        abort();
    for (size_t i = 0; ok && i < plan.count; i++)
        if (plan.trials[i].variant >= plan.variants)
            abort();
    error_clear(&err);
    arena_close(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *set = malloc(size + 1);
    if (size)
        memcpy(set, data, size);
    set[size] = '\0';
    if (strncmp(set, "repeats=", 8) == 0 && strlen(set) > 11)
        set[11] = '\0'; /* millions of trials take long, and tell nothing */
    char *where = strchr(set, '\n');
    if (where)
        *where++ = '\0';
    const char *const sets[] = {set}, *const wheres[] = {where};
    check(&(struct plan_options){.sets = sets, .set_count = 1});
    if (where)
        check(&(struct plan_options){.wheres = wheres, .where_count = 1});
    free(set);
    return 0;
}
