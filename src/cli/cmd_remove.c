/* `remove`: takes results out of the database, once the user has agreed to how much it is. */
#include "cli/commands.h"
#include "report/words.h"
#include "store/remove.h"

#include <stdio.h>
#include <unistd.h>

static void put_removal(const struct removal *r, FILE *out) {
    if (r->experiments)
        fprintf(out, "%lld experiment%s with ", (long long)r->experiments,
                words_plural((size_t)r->experiments));
    fprintf(out, "%lld trial%s and %lld epoch%s", (long long)r->trials,
            words_plural((size_t)r->trials), (long long)r->epochs, words_plural((size_t)r->epochs));
    if (r->kept)
        fprintf(out, " (%lld more trial%s stay%s: other experiments have %s, too)",
                (long long)r->kept, words_plural((size_t)r->kept), r->kept == 1 ? "s" : "",
                r->kept == 1 ? "it" : "them");
}

/* Whether the user says yes. */
static bool confirm(const struct removal *removal, const char *path, struct error *err) {
    char answer[16] = "";
    if (!isatty(STDIN_FILENO))
        return error_set(err, ERROR_USAGE,
                         "not a terminal, so nobody can be asked: --yes removes without asking");
    fprintf(stderr, "remove ");
    put_removal(removal, stderr);
    fprintf(stderr, " from %s? [y/N] ", path);
    if (fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y'))
        return true;
    return error_set(err, ERROR_FAILED, "nothing was removed");
}

static bool run(const struct invocation *in, struct error *err) {
    const char *path = option_database(in);
    const char *const *names = (const char *const *)in->arguments;
    struct removal removal;
    if (!remove_count(path, names, in->count, &removal, err))
        return false;
    if (!option_value(in, "yes") && !confirm(&removal, path, err))
        return false;
    if (!remove_all(path, names, in->count, &removal, err))
        return false;
    fprintf(stderr, "removed ");
    put_removal(&removal, stderr);
    fputc('\n', stderr);
    return true;
}

const struct command command_remove = {
    .name = "remove",
    .arguments = "EXPERIMENT|TRIAL...",
    .help = "takes results out of the database, after asking",
    .details = "An experiment's trials go with it, but for those that other experiments have, too. "
               "TRIAL is an id, or the beginning of one. A trial that is being trained is refused.",
    .example = "mlpsweep remove e35e9c35 --yes",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB, {"yes", 'y', NULL, "removes without asking"}},
    .run = run,
};
