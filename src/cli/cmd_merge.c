/* `merge`: adds databases to one. Which of two trials is kept, store/merge.h decides. */
#include "cli/commands.h"
#include "report/words.h"
#include "store/merge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Before OUT is made, so that a slip of the finger leaves no empty database. */
static bool check_files(const struct invocation *in, struct error *err) {
    const char *out = in->arguments[0];
    if (in->count == 1 && access(out, F_OK) != 0)
        return error_set(err, ERROR_USAGE, "merge: IN.db is missing, and there is no %s", out);
    for (size_t i = 1; i < in->count; i++)
        if (access(in->arguments[i], R_OK) != 0)
            return error_set(err, ERROR_FAILED, "%s: %s", in->arguments[i], strerror(errno));
    return true;
}

static bool run(const struct invocation *in, struct error *err) {
    const char *out = in->arguments[0];
    if (!check_files(in, err) || !merge_prepare(out, err))
        return false;
    if (in->count == 1)
        fprintf(stderr, "%s is up to date\n", out);
    for (size_t i = 1; i < in->count; i++) {
        struct merge_report report;
        if (!merge_add(out, in->arguments[i], &report, err))
            return false;
        fprintf(stderr, "%s: %lld trial%s, %lld new, %lld further than before\n", in->arguments[i],
                (long long)report.trials, words_plural((size_t)report.trials),
                (long long)report.added, (long long)report.replaced);
        if (report.conflicts)
            fprintf(stderr,
                    "warning: %lld trial%s of %s ended with other weights than in %s; one of each "
                    "is kept (view conflicts)\n",
                    (long long)report.conflicts, words_plural((size_t)report.conflicts),
                    in->arguments[i], out);
    }
    return true;
}

const struct command command_merge = {
    .name = "merge",
    .arguments = "OUT.db IN.db...",
    .help = "joins databases; the same trial twice is kept once",
    .details = "Each input is added in one transaction, and only read. Doing it again changes "
               "nothing. Without inputs an OUT.db of an older version is brought up to date.",
    .example = "mlpsweep merge all.db results/mlpsweep.db",
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
