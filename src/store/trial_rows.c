#include "store/trial_rows.h"

#include "trial/knob.h"
#include "trial/result.h"

const char *const trial_tables[] = {
    "epoch_rows", "checkpoint_rows", "weight_rows", "confusion_rows",
    "layer_rows", "stopping_rows",   NULL};

static bool delete_children(const struct database *database, int64_t trial, struct error *err) {
    struct arena arena = {0};
    struct sql_value id = sql_integer(trial);
    bool ok = true;
    for (size_t i = 0; ok && trial_tables[i]; i++)
        ok = database_run(
            database, arena_printf(&arena, "DELETE FROM %s WHERE trial_id = ?", trial_tables[i]),
            &id, 1, err);
    arena_close(&arena);
    return ok;
}

bool trial_rows_delete_results(const struct database *database, int64_t trial, struct error *err) {
    struct arena arena = {0};
    struct sql_value id = sql_integer(trial);
    const char *sql = "UPDATE trial_rows SET started_at = NULL, finished_at = NULL";
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source != RESULT_OF_SIZE)
            sql = arena_printf(&arena, "%s, %s = %s", sql, trial_results[i].name,
                               trial_results[i].type == RESULT_WHOLE ? "0" : "NULL");
    bool ok = delete_children(database, trial, err) &&
              database_run(database, arena_printf(&arena, "%s WHERE id = ?", sql), &id, 1, err);
    arena_close(&arena);
    return ok;
}

bool trial_rows_delete(const struct database *database, int64_t trial, struct error *err) {
    struct sql_value id = sql_integer(trial);
    return delete_children(database, trial, err) &&
           database_run(database, "DELETE FROM trial_rows WHERE id = ?", &id, 1, err);
}

bool trial_rows_copy(const struct database *database, int64_t from, int64_t to,
                     const struct trial *trial, struct error *err) {
    struct arena arena = {0};
    struct sql_value *cells = arena_alloc(&arena, 2 + 2 * knob_count, sizeof *cells);
    size_t count = 0;
    const char *names = "variant", *values = "variant";
    cells[count++] = sql_integer(from);
    cells[count++] = sql_integer(to);
    for (size_t i = 0; i < knob_count; i++) {
        names = arena_printf(&arena, "%s, %s", names, knobs[i].name);
        if (knobs[i].role == KNOB_OF_MEASURE) {
            cells[count++] = knob_column(&knobs[i], trial, &arena);
            values = arena_printf(&arena, "%s, ?%zu", values, count);
        } else
            values = arena_printf(&arena, "%s, %s", values, knobs[i].name);
        if (knob_has_arguments(&knobs[i])) {
            names = arena_printf(&arena, "%s, %s_arguments", names, knobs[i].name);
            values = arena_printf(&arena, "%s, %s_arguments", values, knobs[i].name);
        }
    }
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_SIZE) {
            names = arena_printf(&arena, "%s, %s", names, trial_results[i].name);
            values = arena_printf(&arena, "%s, %s", values, trial_results[i].name);
        }
    bool ok = database_run(database,
                           arena_printf(&arena,
                                        "INSERT INTO trial_rows(id, trial, state, %s) SELECT ?2, "
                                        "'~' || trial, 'planned', %s FROM trial_rows WHERE id = ?1",
                                        names, values),
                           cells, count, err);
    arena_close(&arena);
    return ok;
}

bool trial_rows_renumber(const struct database *database, int64_t from, int64_t to,
                         struct error *err) {
    struct arena arena = {0};
    struct sql_value keys[] = {sql_integer(from), sql_integer(to)};
    bool ok = database_run(database,
                           "UPDATE trial_rows SET id = ?2, trial = substr(trial, 2) WHERE id = ?1",
                           keys, 2, err);
    for (size_t i = 0; ok && trial_tables[i]; i++)
        ok = database_run(database,
                          arena_printf(&arena, "UPDATE %s SET trial_id = ?2 WHERE trial_id = ?1",
                                       trial_tables[i]),
                          keys, 2, err);
    arena_close(&arena);
    return ok;
}
