/* Claiming trials: which are free, and where an interrupted one goes on. */
#include "store/record.h"

#include "base/clock.h"
#include "store/epoch_rows.h"

#include <string.h>

/* What a trial's row says before it is claimed. */
struct standing {
    bool free, starts_over;
};

/* A checkpoint and the epochs beside it are worth something only where the same kernels give the
 * same bits. */
static const char standing_sql[] =
    "SELECT state, t.session, before.blas IS now.blas AND before.blas_core IS now.blas_core AND "
    "before.numerics IS now.numerics FROM trial_rows t JOIN session_rows now ON now.session = ?2 "
    "LEFT JOIN session_rows before ON before.session = t.session WHERE id = ?1";

static bool read_standing(const struct record *record, size_t trial, struct standing *standing,
                          struct error *err) {
    struct sql_value cells[] = {sql_integer(record->work[trial].key), sql_integer(record->session)};
    sqlite3_stmt *row = database_prepare(record->database, standing_sql, cells, 2, err);
    if (!row)
        return false;
    int status = sqlite3_step(row);
    if (status == SQLITE_ROW) {
        const char *state = (const char *)sqlite3_column_text(row, 0);
        int64_t owner = sqlite3_column_int64(row, 1);
        bool same_bits = sqlite3_column_int(row, 2) == 1;
        bool planned = strcmp(state, "planned") == 0, running = strcmp(state, "running") == 0;
        bool open = planned || strcmp(state, "interrupted") == 0 ||
                    (running && owner != record->session && !lock_is_held(record->lock, owner));
        bool failed = strcmp(state, "failed") == 0;
        bool again = (failed && record->claims == CLAIM_FAILED) ||
                     (!running && record->claims == CLAIM_ALL && owner != record->session);
        *standing = (struct standing){open || again, again || !same_bits};
    } else if (status != SQLITE_DONE)
        database_error(record->database, err);
    sqlite3_finalize(row);
    return status == SQLITE_ROW || status == SQLITE_DONE;
}

static bool forget(const struct record *record, size_t trial, struct error *err) {
    static const char *const all[] = {
        "DELETE FROM epoch_rows WHERE trial_id = ?",
        "DELETE FROM checkpoint_rows WHERE trial_id = ?",
        "DELETE FROM confusion_rows WHERE trial_id = ?",
        "DELETE FROM stopping_rows WHERE trial_id = ?",
        "DELETE FROM layer_rows WHERE trial_id = ?",
        "DELETE FROM weight_rows WHERE trial_id = ?",
        "UPDATE trial_rows SET epochs_done = 0, updates = NULL, started_at = NULL WHERE id = ?",
    };
    struct sql_value id = sql_integer(record->work[trial].key);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!database_run(record->database, all[i], &id, 1, err))
            return false;
    return true;
}

static bool take(const struct record *record, size_t trial, struct error *err) {
    char now[CLOCK_DATE_MAX];
    struct sql_value cells[] = {sql_integer(record->work[trial].key), sql_integer(record->session),
                                sql_text(clock_date(now))};
    return database_run(record->database,
                        "UPDATE trial_rows SET state = 'running', session = ?2, started_at = "
                        "coalesce(started_at, ?3), error = NULL, finished_at = NULL WHERE id = ?1",
                        cells, 3, err);
}

static bool load_bytes(const struct record *record, size_t trial, struct checkpoint *checkpoint,
                       struct arena *arena, struct error *err) {
    struct sql_value id = sql_integer(record->work[trial].key);
    sqlite3_stmt *row = database_prepare(
        record->database,
        "SELECT epochs, bytes, (SELECT sum(length(bytes)) FROM checkpoint_rows WHERE "
        "trial_id = ?1) FROM checkpoint_rows WHERE trial_id = ?1 ORDER BY part",
        &id, 1, err);
    if (!row)
        return false;
    int status;
    char *bytes = NULL;
    while ((status = sqlite3_step(row)) == SQLITE_ROW) {
        if (!bytes)
            bytes = arena_alloc(arena, (size_t)sqlite3_column_int64(row, 2), 1);
        size_t length = (size_t)sqlite3_column_bytes(row, 1);
        checkpoint->epoch_count = (size_t)sqlite3_column_int64(row, 0);
        memcpy(bytes + checkpoint->size, sqlite3_column_blob(row, 1), length);
        checkpoint->size += length;
    }
    checkpoint->bytes = bytes;
    if (status != SQLITE_DONE)
        database_error(record->database, err);
    sqlite3_finalize(row);
    return status == SQLITE_DONE;
}

/* A checkpoint builds upon the epochs before it; without them it is worth nothing. */
static bool load_epochs(const struct record *record, size_t trial, struct checkpoint *checkpoint,
                        struct arena *arena, struct error *err) {
    struct epoch_record *epochs;
    size_t count;
    if (!epoch_rows_load(record->database, record->work[trial].key,
                         (int64_t)checkpoint->epoch_count, arena, &epochs, &count, err))
        return false;
    checkpoint->epochs = epochs;
    if (count < checkpoint->epoch_count)
        *checkpoint = (struct checkpoint){0};
    return true;
}

bool record_claim(const struct record *record, size_t trial, bool *granted,
                  struct checkpoint *checkpoint, struct arena *arena, struct error *err) {
    struct standing standing = {0};
    *checkpoint = (struct checkpoint){0};
    if (!read_standing(record, trial, &standing, err))
        return false;
    *granted = standing.free;
    if (!standing.free)
        return true;
    if (standing.starts_over && !forget(record, trial, err))
        return false;
    return take(record, trial, err) && load_bytes(record, trial, checkpoint, arena, err) &&
           (!checkpoint->bytes || load_epochs(record, trial, checkpoint, arena, err));
}
