/* Claiming trials: which are free, and where an interrupted one goes on. */
#include "store/record.h"

#include "base/clock.h"
#include "store/epoch_rows.h"
#include "store/trial_rows.h"

#include <string.h>

/* On what terms a trial may be claimed. */
struct terms {
    bool exists, is_free, starts_over;
    bool is_replaced; /* it has ended, and keeps its results until new ones are there */
};

/* A checkpoint and the epochs beside it are worth something only where the same kernels give the
 * same bits. */
static const char terms_sql[] =
    "SELECT state, t.session, before.blas IS now.blas AND before.blas_core IS now.blas_core AND "
    "before.numerics IS now.numerics FROM trial_rows t JOIN session_rows now ON now.session = ?2 "
    "LEFT JOIN session_rows before ON before.session = t.session WHERE id = ?1";

static struct terms judge(const struct record *record, enum store_claims claims,
                          enum trial_state state, int64_t owner, bool same_bits) {
    bool theirs = owner != record->session, all = claims == CLAIM_ALL && theirs;
    switch (state) {
    case TRIAL_PLANNED:
    case TRIAL_INTERRUPTED:
        return (struct terms){true, true, all || !same_bits, false};
    case TRIAL_RUNNING:
        return (struct terms){true, theirs && !lock_is_held(record->lock, owner), !same_bits,
                              false};
    case TRIAL_FAILED:
        return (struct terms){true, all || claims == CLAIM_FAILED, true, false};
    case TRIAL_DONE:
    case TRIAL_DIVERGED:
        return (struct terms){true, all, false, all};
    }
    return (struct terms){0};
}

static bool read_terms(const struct record *record, enum store_claims claims, int64_t key,
                       struct terms *terms, struct error *err) {
    struct sql_value cells[] = {sql_integer(key), sql_integer(record->session)};
    *terms = (struct terms){0};
    sqlite3_stmt *row = database_prepare(record->database, terms_sql, cells, 2, err);
    if (!row)
        return false;
    int status = sqlite3_step(row);
    enum trial_state state;
    if (status == SQLITE_ROW && trial_state_find((const char *)sqlite3_column_text(row, 0), &state))
        *terms = judge(record, claims, state, sqlite3_column_int64(row, 1),
                       sqlite3_column_int(row, 2) == 1);
    else if (status != SQLITE_ROW && status != SQLITE_DONE)
        database_error(record->database, err);
    sqlite3_finalize(row);
    return status == SQLITE_ROW || status == SQLITE_DONE;
}

static bool take(const struct record *record, size_t trial, struct error *err) {
    char now[CLOCK_DATE_MAX];
    struct sql_value cells[] = {sql_integer(record->keys[trial]), sql_integer(record->session),
                                sql_text(clock_date(now))};
    return database_run(record->database,
                        "UPDATE trial_rows SET state = 'running', session = ?2, started_at = "
                        "coalesce(started_at, ?3), error = NULL, finished_at = NULL WHERE id = ?1",
                        cells, 3, err);
}

static bool load_bytes(const struct record *record, size_t trial, struct checkpoint *checkpoint,
                       struct arena *arena, struct error *err) {
    struct sql_value id = sql_integer(record->keys[trial]);
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
    if (!epoch_rows_load(record->database, record->keys[trial], (int64_t)checkpoint->epoch_count,
                         arena, &epochs, &count, err))
        return false;
    checkpoint->epochs = epochs;
    if (count < checkpoint->epoch_count)
        *checkpoint = (struct checkpoint){0};
    return true;
}

/* The second trial of one that is trained again. One that was interrupted goes on. */
static bool claim_replacement(const struct record *record, size_t trial, struct terms *terms,
                              struct error *err) {
    int64_t key = -record->work[trial].key;
    record->keys[trial] = key;
    if (!read_terms(record, CLAIM_OPEN, key, terms, err))
        return false;
    if (terms->exists)
        return true;
    *terms = (struct terms){.is_free = true};
    return trial_rows_copy(record->database, -key, key, record->work[trial].trial, err);
}

bool record_claim(const struct record *record, size_t trial, bool *granted,
                  struct checkpoint *checkpoint, struct arena *arena, struct error *err) {
    struct terms terms;
    *checkpoint = (struct checkpoint){0};
    record->keys[trial] = record->work[trial].key;
    if (!read_terms(record, record->claims, record->keys[trial], &terms, err) ||
        (terms.is_replaced && !claim_replacement(record, trial, &terms, err)))
        return false;
    *granted = terms.is_free;
    if (!terms.is_free)
        return true;
    if (terms.starts_over && !trial_rows_delete_results(record->database, record->keys[trial], err))
        return false;
    return take(record, trial, err) && load_bytes(record, trial, checkpoint, arena, err) &&
           (!checkpoint->bytes || load_epochs(record, trial, checkpoint, arena, err));
}
