#include "cli/where.h"

#include "plan/filter.h"

/* Trials are read back from their columns, so that a condition is tested by the same code as in a
 * plan. */
struct reading {
    struct filter filter;
    struct dataset_decls datasets; /* that are neither built in nor made by a generator */
    int64_t *ids;                  /* [count] that are left */
    size_t count, room;
    struct arena *arena;
};

static bool parse_conditions(const struct invocation *in, struct reading *reading,
                             struct error *err) {
    struct filter *filter = &reading->filter;
    const char *const *wheres = option_values(in, "where", &filter->count);
    filter->conditions = arena_alloc(in->arena, filter->count, sizeof *filter->conditions);
    for (size_t i = 0; i < filter->count; i++)
        if (!condition_parse(wheres[i], &reading->datasets, in->arena, &filter->conditions[i], err))
            return false;
    return true;
}

/* Which data sets are the users' own. Of these the database keeps the name alone; they are
 * regressions where no trial has anything of classes. */
static bool find_datasets(struct query_database *database, struct reading *reading,
                          struct error *err) {
    struct table table;
    if (!query_table(database,
                     "SELECT dataset, total(loss = 'cross_entropy') + count(final_test_accuracy) "
                     "FROM trial_rows WHERE typeof(dataset) = 'text' GROUP BY dataset",
                     NULL, 0, reading->arena, &table, err))
        return false;
    struct data_source *sources = arena_alloc(reading->arena, table.rows, sizeof *sources);
    for (size_t i = 0; i < table.rows; i++) {
        const struct sql_value *row = &table.cells[i * table.columns];
        struct trial trial = {0};
        struct error unknown = {0};
        if (!knob_parse(knob_find("dataset"), row[0].text, (struct place){0}, NULL, &trial,
                        &unknown)) {
            bool has_classes = sql_number(&row[1]) > 0;
            sources[reading->datasets.count++] = (struct data_source){
                .name = row[0].text, .task = has_classes ? TASK_CLASSIFICATION : TASK_REGRESSION};
        }
        error_clear(&unknown);
    }
    reading->datasets.sources = sources;
    return true;
}

/* False: no trial of this program has such values. Shapes: cells from the first knob's on. */
static bool read_trial(const struct sql_value *cells, const struct dataset_decls *datasets,
                       struct arena *arena, struct trial *trial) {
    struct error err = {0};
    bool ok = true;
    *trial = trial_default();
    for (size_t k = 0; ok && k < knob_count; k++) {
        bool called = knob_has_arguments(&knobs[k]);
        ok = knob_parse(&knobs[k],
                        knob_column_text(&knobs[k], cells, called ? &cells[1] : NULL, arena),
                        (struct place){0}, datasets, trial, &err);
        cells += 1 + called;
    }
    error_clear(&err);
    if (ok)
        trial_resolve(trial);
    return ok;
}

static bool visit(void *context, const struct table *row) {
    struct reading *reading = context;
    struct arena scratch = {0};
    struct trial trial;
    if (row->rows && read_trial(row->cells + 1, &reading->datasets, &scratch, &trial) &&
        filter_matches(&reading->filter, &trial)) {
        reading->ids = arena_grow(reading->arena, reading->ids, reading->count, &reading->room,
                                  sizeof *reading->ids);
        reading->ids[reading->count++] = row->cells[0].integer;
    }
    arena_close(&scratch);
    return true;
}

bool where_apply(const struct invocation *in, struct query_database *database, struct error *err) {
    struct reading reading = {.arena = in->arena};
    if (!option_value(in, "where"))
        return true;
    const char *sql = "SELECT id";
    for (size_t k = 0; k < knob_count; k++) {
        sql = arena_printf(in->arena, "%s, %s", sql, knobs[k].name);
        if (knob_has_arguments(&knobs[k]))
            sql = arena_printf(in->arena, "%s, %s_arguments", sql, knobs[k].name);
    }
    if (!find_datasets(database, &reading, err) || !parse_conditions(in, &reading, err) ||
        !query_rows(database, arena_printf(in->arena, "%s FROM trial_rows", sql), NULL, 0, visit,
                    &reading, err))
        return false;
    if (!reading.count)
        return error_set(err, ERROR_USAGE, "%s: no trial is as --where says", option_database(in));
    return query_keep_trials(database, reading.ids, reading.count, err);
}
