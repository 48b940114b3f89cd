/* `check`: reads experiment files and their data as `run` would, and tells all that is wrong with
 * them. Opens no database and trains nothing. */
#include "cli/commands.h"
#include "cli/workload.h"
#include "report/table.h"
#include "report/words.h"

#include <stdio.h>
#include <string.h>

/* What is wrong as rows, for editors. */
static void print_json(const struct error *err, struct arena *arena) {
    static const char *const names[] = {"file", "line", "column", "severity", "message"};
    enum { COLUMNS = sizeof names / sizeof *names };
    struct table table = {.columns = COLUMNS};
    table.names = arena_alloc(arena, COLUMNS, sizeof *table.names);
    memcpy(table.names, names, sizeof names);
    table.cells = arena_alloc(arena, err->kept * COLUMNS, sizeof *table.cells);
    for (const struct error_message *m = err->first; m; m = m->next) {
        struct sql_value *row = &table.cells[table.rows++ * COLUMNS];
        row[0] = m->file ? sql_text(m->file) : sql_null();
        row[1] = m->line ? sql_integer((int64_t)m->line) : sql_null();
        row[2] = m->line ? sql_integer((int64_t)m->column) : sql_null();
        row[3] = sql_text("error");
        row[4] = sql_text(m->text);
    }
    table_write(&table, TABLE_JSON, stdout);
}

static void print_counts(const struct workload *workloads, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct plan *plan = &workloads[i].plan;
        printf("%s: ok: %s, %zu variant%s, %zu trial%s\n", plan->file, plan->name, plan->variants,
               words_plural(plan->variants), plan->count, words_plural(plan->count));
    }
}

static bool run(const struct invocation *in, struct error *err) {
    static const char *const formats[] = {"text", "json", NULL};
    struct workload *workloads;
    size_t count, format;
    if (!option_word(in, "format", formats, &format, err))
        return false;
    bool ok = workload_load(in, NULL, &workloads, &count, err);
    if (format == 1)
        print_json(err, in->arena);
    else if (ok)
        print_counts(workloads, count);
    return ok;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE...",
    .help = "validates experiment files and their data, trains nothing",
    .details = "All errors of a file come in one pass, each with its place.",
    .example = "mlpsweep check notebook.yaml",
    .least = 1,
    .most = SIZE_MAX,
    .options = {{"format", 0, "text|json", "json: what is wrong as an array, for editors"},
                OPTION_SET,
                OPTION_WHERE},
    .run = run,
};
