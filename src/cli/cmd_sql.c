#include "cli/commands.h"
#include "report/table.h"
#include "store/query.h"

#include <stdio.h>

static bool run(const struct invocation *in, struct error *err) {
    size_t format;
    struct table table;
    struct query_database *database = NULL;
    if (!option_word(in, "format", table_formats, &format, err))
        return false;
    bool ok = query_open(option_database(in), &database, err) &&
              query_table(database, in->arguments[0], NULL, 0, in->arena, &table, err);
    query_close(database);
    if (ok)
        table_write(&table, (enum table_format)format, stdout);
    return ok;
}

const struct command command_sql = {
    .name = "sql",
    .arguments = "QUERY",
    .help = "a read-only query",
    .details = "Tables and columns are described in docs/database.md. Nothing can be written,\n"
               "attached or loaded.",
    .least = 1,
    .most = 1,
    .options = {OPTION_DB, {"format", 0, "table|csv|json", "how rows are written"}},
    .run = run,
};
