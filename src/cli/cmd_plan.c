/* `plan`: the trials of experiment files, with what is done already, and how long the others will
 * take. Reads the database, and trains nothing. */
#include "base/machine.h"
#include "cli/commands.h"
#include "cli/plan_totals.h"
#include "cli/screen.h"
#include "cli/timing.h"
#include "cli/worklist.h"
#include "cli/workload.h"
#include "report/table.h"
#include "report/words.h"
#include "run/cohort.h"
#include "store/query.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Columns of plan_totals. */
enum { TOTAL_TRIALS = 2, TOTAL_DONE, TOTAL_SECONDS };

/* An axis with more values is one line of the totals as text. */
enum { VALUES_SHOWN = 20 };

/* Trials that the database knows: `key` is the place in the list of ids. */
static const char known_sql[] =
    "SELECT key, CASE WHEN state = 'running' AND NOT is_alive(session) THEN 'interrupted' ELSE "
    "state END FROM json_each(?1) JOIN trial_rows ON trial = value";

static const char *ids_as_json(const struct work *work, size_t count, struct arena *arena) {
    enum { ID_ROOM = sizeof work->id.trial + 3 };
    char *text = arena_alloc(arena, count * ID_ROOM + 3, 1), *at = text;
    *at++ = '[';
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "%s\"%s\"", i ? "," : "", work[i].id.trial);
    *at = ']';
    return text;
}

/* The state of each trial in the database, and what was timed; all are planned where there is none
 * yet. */
static bool read_database(const struct invocation *in, struct work *work, size_t count,
                          struct timings *timings, struct error *err) {
    const char *path = option_database(in);
    if (access(path, F_OK) != 0)
        return true;
    struct query_database *database = NULL;
    struct table table = {0};
    struct sql_value ids = sql_text(ids_as_json(work, count, in->arena));
    bool ok = query_open(path, &database, err) &&
              query_table(database, known_sql, &ids, 1, in->arena, &table, err) &&
              timings_load(database, in->arena, timings, err);
    query_close(database);
    for (size_t i = 0; ok && i < table.rows; i++) {
        struct work *known = &work[table.cells[2 * i].integer];
        if (!trial_state_find(table.cells[2 * i + 1].text, &known->state))
            ok = error_set(err, ERROR_FAILED,
                           "%s: the database is damaged (trial %s has the state '%s')", path,
                           known->id.trial, table.cells[2 * i + 1].text);
    }
    return ok;
}

static struct table make_table(const struct work *work, const double *seconds, size_t count,
                               const size_t *cohorts, struct arena *arena) {
    static const char *const names[] = {"trial",  "label", "seed",   "parameters",
                                        "cohort", "state", "seconds"};
    enum { COLUMNS = sizeof names / sizeof *names };
    struct table table = {.rows = count, .columns = COLUMNS};
    table.names = arena_alloc(arena, COLUMNS, sizeof *table.names);
    memcpy(table.names, names, sizeof names);
    table.cells = arena_alloc(arena, count * COLUMNS, sizeof *table.cells);
    for (size_t i = 0; i < count; i++) {
        const struct work *t = &work[i];
        struct sql_value cells[COLUMNS] = {
            sql_text(t->id.trial),
            sql_text(t->label),
            sql_integer((int64_t)t->trial->seed),
            sql_integer((int64_t)trial_parameters(t->trial, t->dataset->inputs,
                                                  dataset_outputs(t->dataset))),
            sql_integer((int64_t)cohorts[i] + 1),
            sql_text(trial_state_name(t->state)),
            sql_real((double)(int64_t)(seconds[i] * 10 + 0.5) / 10),
        };
        memcpy(&table.cells[i * COLUMNS], cells, sizeof cells);
    }
    return table;
}

/* The rows of a value of an axis, under the trials: the first row is said in words. */
static void print_axes(struct table totals) {
    enum { AXIS_COLUMNS = 5 }; /* without memory */
    if (totals.rows < 2)
        return;
    size_t columns = totals.columns;
    for (size_t r = 1; r < totals.rows; r++)
        memmove(&totals.cells[(r - 1) * AXIS_COLUMNS], &totals.cells[r * columns],
                AXIS_COLUMNS * sizeof *totals.cells);
    totals.columns = AXIS_COLUMNS;
    totals.rows--;
    putchar('\n');
    table_write_text(&totals, screen_columns(STDOUT_FILENO), 2, stdout);
}

/* Rounded up: a tenth of a GB is less than the estimate may be off by. */
static const char *memory_words(double bytes, struct arena *arena) {
    size_t workers = machine_cores("");
    return isnan(bytes) ? ""
                        : arena_printf(arena, "; %.1f GB of memory with %zu worker%s",
                                       ceil(bytes / 1e8) / 10, workers, words_plural(workers));
}

static void print_sum(const struct table *totals, size_t cohorts, const char *source, double memory,
                      struct arena *arena) {
    int64_t count = totals->cells[TOTAL_TRIALS].integer;
    putchar('\n');
    table_write_wrapped(
        arena_printf(arena,
                     "%lld trial%s in %zu cohort%s, %lld done; about %.1f s of one core left%s%s",
                     (long long)count, words_plural((size_t)count), cohorts, words_plural(cohorts),
                     (long long)totals->cells[TOTAL_DONE].integer,
                     totals->cells[TOTAL_SECONDS].real, source, memory_words(memory, arena)),
        screen_columns(STDOUT_FILENO), 0, 0, stdout);
}

/* An object of trials, where they are wanted, and totals. */
static void write_json(const struct table *table, const struct table *totals) {
    fputs("{", stdout);
    if (table) {
        fputs("\"trials\": ", stdout);
        table_write(table, TABLE_JSON, stdout);
        fputs(",", stdout);
    }
    fputs("\"totals\": ", stdout);
    table_write(totals, TABLE_JSON, stdout);
    fputs("}\n", stdout);
}

static bool run(const struct invocation *in, struct error *err) {
    struct workload *workloads;
    size_t count, format;
    if (!option_word(in, "format", table_formats, &format, err) ||
        !workload_load(in, NULL, &workloads, &count, err))
        return false;
    struct work *work;
    size_t trials = worklist_join(workloads, count, in->arena, &work);
    size_t *cohorts = arena_alloc(in->arena, trials, sizeof *cohorts);
    size_t cohort_count = cohort_number(work, trials, cohorts);
    struct timings timings = {0};
    if (!read_database(in, work, trials, &timings, err))
        return false;
    timings_calibrate(&timings);
    double *seconds = arena_alloc(in->arena, trials, sizeof *seconds);
    timings_estimate(&timings, work, trials, cohorts, seconds);
    bool is_short = option_value(in, "totals") != NULL;
    if (format == TABLE_CSV && !is_short) {
        struct table table = make_table(work, seconds, trials, cohorts, in->arena);
        table_write(&table, TABLE_CSV, stdout);
        return true;
    }
    double memory = plan_memory(work, trials);
    struct table totals = plan_totals(workloads, count, work, seconds, trials, memory,
                                      format == TABLE_TEXT ? VALUES_SHOWN : SIZE_MAX, in->arena);
    struct table table = {0};
    if (!is_short)
        table = make_table(work, seconds, trials, cohorts, in->arena);
    if (format == TABLE_TEXT) {
        if (!is_short)
            table_write_styled(&table, screen_columns(STDOUT_FILENO), 2,
                               screen_has_colours(STDOUT_FILENO) ? table_style_states : NULL,
                               stdout);
        print_sum(&totals, cohort_count,
                  timings.count > 0 ? ", by what this machine has taken so far"
                                    : ", by the speed of this machine now",
                  memory, in->arena);
        print_axes(totals);
    } else if (format == TABLE_CSV)
        table_write(&totals, TABLE_CSV, stdout);
    else
        write_json(is_short ? NULL : &table, &totals);
    return true;
}

const struct command command_plan = {
    .name = "plan",
    .arguments = "FILE...",
    .help = "lists the trials: id, label, size, cohort, state, estimated seconds",
    .details = "Seconds are those of one core, by what trials of the same kind or of similar size "
               "have taken on this machine; before anything was trained here, by a measurement of "
               "its speed. Below the trials stands what the plan comes to, and each value of each "
               "axis.",
    .example = "mlpsweep plan notebook.yaml --set repeats=10",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "table|csv|json", "json: an object of trials and totals"},
                {"totals", 0, NULL, "what it comes to for each value of each axis, no trials"},
                OPTION_SET,
                OPTION_WHERE},
    .run = run,
};
