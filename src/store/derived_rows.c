#include "store/derived_rows.h"

#include "store/epoch_rows.h"
#include "trial/result.h"

enum { CELLS_MAX = 64 };

static bool write_columns(const struct database *database, int64_t trial,
                          const struct overfitting *overfitting, struct error *err) {
    struct arena arena = {0};
    struct sql_value cells[CELLS_MAX] = {sql_integer(trial)};
    size_t n = 1;
    const char *sql = "UPDATE trial_rows SET ";
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_OVERFITTING) {
            sql = arena_printf(&arena, "%s%s%s = ?%zu", sql, n > 1 ? ", " : "",
                               trial_results[i].name, n + 1);
            cells[n++] = trial_result_value(&trial_results[i], overfitting);
        }
    bool ok = database_run(database, arena_printf(&arena, "%s WHERE id = ?1", sql), cells, n, err);
    arena_close(&arena);
    return ok;
}

static bool write_stopping(const struct database *database, int64_t trial,
                           const struct stopping *stopping, struct error *err) {
    for (size_t i = 0; i < STOPPING_CRITERIA; i++) {
        const struct stopping *s = &stopping[i];
        struct sql_value cells[] = {
            sql_integer(trial),
            sql_text(s->criterion),
            s->stop_epoch ? sql_integer((int64_t)s->stop_epoch) : sql_null(),
            sql_integer((int64_t)s->epochs_saved),
            sql_real(s->seconds_saved),
            sql_real(s->accuracy_change),
            sql_text(s->accuracy_metric),
        };
        if (!database_run(database,
                          "INSERT OR REPLACE INTO stopping_rows(trial_id, criterion, stop_epoch, "
                          "epochs_saved, seconds_saved, accuracy_change, accuracy_metric) "
                          "VALUES(?, ?, ?, ?, ?, ?, ?)",
                          cells, sizeof cells / sizeof *cells, err))
            return false;
    }
    return true;
}

bool derived_rows_write(const struct database *database, int64_t trial,
                        const struct overfitting *overfitting, struct error *err) {
    return write_columns(database, trial, overfitting, err) &&
           write_stopping(database, trial, overfitting->stopping, err);
}

/* monitor: its name; NULL or one that this program has not: validation loss. */
static bool rebuild_one(const struct database *database, int64_t trial, const char *monitor,
                        struct error *err) {
    bool is_known = monitor && registry_find(&monitors, monitor);
    struct choice choice = choice_default(&monitors, is_known ? monitor : "val_loss");
    struct arena arena = {0};
    struct epoch_record *epochs;
    size_t count;
    bool ok = epoch_rows_load(database, trial, INT64_MAX, &arena, &epochs, &count, err);
    if (ok) {
        struct overfitting overfitting = overfitting_measure(epochs, count, &choice);
        ok = derived_rows_write(database, trial, &overfitting, err);
    }
    arena_close(&arena);
    return ok;
}

bool derived_rows_rebuild(const struct database *database, struct error *err) {
    sqlite3_stmt *trials = database_prepare(
        database, "SELECT id, monitor FROM trial_rows WHERE state IN ('done', 'diverged')", NULL, 0,
        err);
    if (!trials)
        return false;
    int status = SQLITE_DONE;
    bool ok = true;
    while (ok && (status = sqlite3_step(trials)) == SQLITE_ROW)
        ok = rebuild_one(database, sqlite3_column_int64(trials, 0),
                         (const char *)sqlite3_column_text(trials, 1), err);
    if (ok && status != SQLITE_DONE)
        ok = database_error(database, err);
    sqlite3_finalize(trials);
    return ok;
}
