/* `compare`: two variants or trials, or an experiment's variants against its baseline. Reads the
 * command line; report/compare.h does the rest. */
#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/selection.h"
#include "cli/where.h"
#include "report/compare.h"

#include <unistd.h>

static bool compare_two(const struct invocation *in, enum table_format format, struct error *err) {
    struct query_database *database = NULL;
    struct compared sides[2];
    const char *const names[] = {in->arguments[0], in->arguments[1]};
    struct compare compare;
    bool ok = query_open(option_database(in), &database, err) && where_apply(in, database, err);
    for (size_t i = 0; ok && i < 2; i++)
        ok = compared_find(database, names[i], in->arena, &sides[i], err);
    ok = ok && compare_load(database, sides, names, in->arena, &compare, err);
    query_close(database);
    if (ok)
        compare_write(&compare, format, screen_columns(STDOUT_FILENO), in->arena, stdout);
    return ok;
}

static bool compare_experiment(const struct invocation *in, enum table_format format,
                               struct error *err) {
    struct query_database *database = NULL;
    struct selection *selections;
    struct results results;
    size_t count;
    bool ok = selection_open(in, &database, &selections, &count, err) &&
              results_load(database, selections[0].name, in->arena, &results, err) &&
              selection_declare(&selections[0], &results, in->arena, err);
    query_close(database);
    if (!ok)
        return false;
    compare_write_results(&results, format, screen_columns(STDOUT_FILENO), in->arena, stdout);
    if (format == TABLE_TEXT)
        selection_note(&selections[0], &results, stdout);
    return true;
}

static bool run(const struct invocation *in, struct error *err) {
    size_t format;
    if (!option_word(in, "format", table_formats, &format, err))
        return false;
    return in->count == 2 ? compare_two(in, (enum table_format)format, err)
                          : compare_experiment(in, (enum table_format)format, err);
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "A B | FILE|NAME",
    .help = "two variants or trials, or an experiment's variants against its baseline",
    .details = "A and B are labels as summary shows them, beginnings of ids, or values that one "
               "variant alone has (topology=20-15,optimizer=adam or '20-15, adam'). Pairs agree in "
               "all seeds. With "
               "an experiment: every variant against its `baseline:`, else against the leader.",
    .example = "mlpsweep compare e35e9c35 7d53514d",
    .least = 1,
    .most = 2,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json", "csv and json: all numbers (default: table)"},
                OPTION_WHERE},
    .run = run,
};
