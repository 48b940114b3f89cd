#include "store/hindsight.h"

#include "store/epoch_rows.h"

bool hindsight_add(const struct database *database, int64_t trial, const struct stopping *stopping,
                   struct error *err) {
    for (size_t i = 0; i < STOPPING_CRITERIA; i++) {
        const struct stopping *s = &stopping[i];
        bool stops = s->stop_epoch != 0;
        struct sql_value cells[] = {
            sql_integer(trial),
            sql_text(s->criterion),
            stops ? sql_integer((int64_t)s->stop_epoch) : sql_null(),
            sql_integer((int64_t)s->epochs_saved),
            sql_real(s->seconds_saved),
            sql_real(s->accuracy_change),
            sql_text(s->accuracy_metric),
        };
        if (!database_run(database,
                          "INSERT OR REPLACE INTO stopping_rows VALUES(?, ?, ?, ?, ?, ?, ?)", cells,
                          sizeof cells / sizeof *cells, err))
            return false;
    }
    return true;
}

static bool add_one(const struct database *database, int64_t trial, struct error *err) {
    struct arena arena = {0};
    struct epoch_record *epochs;
    size_t count;
    struct stopping stopping[STOPPING_CRITERIA];
    bool ok = epoch_rows_load(database, trial, INT64_MAX, &arena, &epochs, &count, err);
    if (ok) {
        stopping_measure(epochs, count, stopping);
        ok = hindsight_add(database, trial, stopping, err);
    }
    arena_close(&arena);
    return ok;
}

bool hindsight_add_all(const struct database *database, struct error *err) {
    sqlite3_stmt *trials = database_prepare(
        database, "SELECT id FROM trial_rows WHERE state IN ('done', 'diverged')", NULL, 0, err);
    if (!trials)
        return false;
    int status = SQLITE_DONE;
    bool ok = true;
    while (ok && (status = sqlite3_step(trials)) == SQLITE_ROW)
        ok = add_one(database, sqlite3_column_int64(trials, 0), err);
    if (ok && status != SQLITE_DONE)
        ok = database_error(database, err);
    sqlite3_finalize(trials);
    return ok;
}
