#include "cli/commands.h"
#include "cli/workload.h"

#include <stdio.h>

static bool run(const struct invocation *in, struct error *err) {
    struct workload *workloads;
    size_t count;
    if (!workload_load(in, NULL, &workloads, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct plan *plan = &workloads[i].plan;
        printf("%s: ok: %s, %zu variant%s, %zu trial%s\n", plan->file, plan->name, plan->variants,
               plan->variants == 1 ? "" : "s", plan->count, plan->count == 1 ? "" : "s");
    }
    return true;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE...",
    .help = "validates experiment files and their data, trains nothing",
    .details = "All errors of a file come in one pass, each with its place.",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_SET, OPTION_WHERE},
    .run = run,
};
