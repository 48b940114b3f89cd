/* `merge`: adds databases to one. Which of two trials is kept, store/merge.h decides. */
#include "cli/commands.h"
#include "store/merge.h"

#include <stdio.h>

static bool run(const struct invocation *in, struct error *err) {
    const char *out = in->arguments[0];
    if (!merge_prepare(out, err))
        return false;
    for (size_t i = 1; i < in->count; i++) {
        struct merge_report report;
        if (!merge_add(out, in->arguments[i], &report, err))
            return false;
        fprintf(stderr, "%s: %lld trials, %lld new, %lld further than before\n", in->arguments[i],
                (long long)report.trials, (long long)report.added, (long long)report.replaced);
        if (report.conflicts)
            fprintf(
                stderr,
                "warning: %lld trials of %s ended with other weights than in %s; one of each is "
                "kept (view conflicts)\n",
                (long long)report.conflicts, in->arguments[i], out);
    }
    return true;
}

const struct command command_merge = {
    .name = "merge",
    .arguments = "OUT.db IN.db...",
    .help = "joins databases; the same trial twice is kept once",
    .details = "Each input is added in one transaction, and only read. Doing it again changes "
               "nothing. Without inputs an older file is brought up to date.",
    .example = "mlpsweep merge all.db results/mlpsweep.db",
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
