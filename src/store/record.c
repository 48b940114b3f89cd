#include "store/record.h"

#include "base/clock.h"
#include "store/epoch_rows.h"
#include "store/hindsight.h"

#include <string.h>

/* A blob beyond this goes in several rows. */
enum { PART_SIZE = 16 << 20 };

static bool step(const struct record *record, sqlite3_stmt *statement, struct error *err) {
    int status = sqlite3_step(statement);
    if (status != SQLITE_DONE && status != SQLITE_ROW)
        database_error(record->database, err);
    sqlite3_reset(statement);
    return status == SQLITE_DONE || status == SQLITE_ROW;
}

static const char finish_sql[] =
    "UPDATE trial_rows SET state = ?2, finished_at = ?3, epochs_done = max(epochs_done, ?4), "
    "updates = ?5, train_seconds = ?6, cohort_size = ?7, final_test_loss = ?8, "
    "final_test_accuracy = ?9, final_test_mae = ?10, test_loss_at_best = ?11, "
    "test_accuracy_at_best = ?12, test_mae_at_best = ?13, weights_digest = ?14, error = ?15, "
    "best_epoch = ?16, best_val_loss = ?17, best_accuracy_epoch = ?18, final_val_loss = ?19, "
    "gap_at_best = ?20, gap_at_end = ?21, accuracy_gap_at_end = ?22, wasted_epochs = ?23, "
    "wasted_fraction = ?24, wasted_seconds = ?25, gl_at_end = ?26, onset_epoch = ?27, "
    "val_accuracy_at_best = (SELECT val_accuracy FROM epoch_rows WHERE trial_id = ?1 AND "
    "epoch = ?16), final_val_accuracy = (SELECT val_accuracy FROM epoch_rows WHERE "
    "trial_id = ?1 AND epoch = ?4) WHERE id = ?1";

bool record_open(struct record *record, struct error *err) {
    struct arena arena = {0};
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } all[] = {
        {&record->owned, "SELECT 1 FROM trial_rows WHERE id = ? AND session = ? AND "
                         "state = 'running'"},
        {&record->epoch, epoch_rows_insert(&arena)},
        {&record->progress, "UPDATE trial_rows SET epochs_done = max(epochs_done, ?2), "
                            "updates = ?3 WHERE id = ?1"},
        {&record->drop_checkpoint, "DELETE FROM checkpoint_rows WHERE trial_id = ?"},
        {&record->checkpoint, "INSERT INTO checkpoint_rows(trial_id, epochs, part, bytes) "
                              "VALUES(?, ?, ?, ?)"},
        {&record->weights, "INSERT OR REPLACE INTO weight_rows(trial_id, which, part, bytes) "
                           "VALUES(?, ?, ?, ?)"},
        {&record->layer, "INSERT OR REPLACE INTO layer_rows VALUES(?, ?, ?, ?, ?, ?)"},
        {&record->finish, finish_sql},
        {&record->confusion, "INSERT OR REPLACE INTO confusion_rows VALUES(?, ?, ?, ?)"},
    };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof all / sizeof *all; i++) {
        *all[i].statement = database_prepare(record->database, all[i].sql, NULL, 0, err);
        ok = *all[i].statement != NULL;
    }
    arena_close(&arena);
    return ok;
}

void record_close(struct record *record) {
    sqlite3_finalize(record->owned);
    sqlite3_finalize(record->epoch);
    sqlite3_finalize(record->progress);
    sqlite3_finalize(record->drop_checkpoint);
    sqlite3_finalize(record->checkpoint);
    sqlite3_finalize(record->weights);
    sqlite3_finalize(record->layer);
    sqlite3_finalize(record->finish);
    sqlite3_finalize(record->confusion);
}

static bool is_ours(const struct record *record, size_t trial, bool *ours, struct error *err) {
    sqlite3_bind_int64(record->owned, 1, record->work[trial].key);
    sqlite3_bind_int64(record->owned, 2, record->session);
    int status = sqlite3_step(record->owned);
    *ours = status == SQLITE_ROW;
    if (status != SQLITE_DONE && status != SQLITE_ROW)
        database_error(record->database, err);
    sqlite3_reset(record->owned);
    return status == SQLITE_DONE || status == SQLITE_ROW;
}

bool record_epoch(const struct record *record, size_t trial, const struct epoch_record *epoch,
                  struct error *err) {
    bool ours;
    if (!is_ours(record, trial, &ours, err) || !ours)
        return !err->first;
    epoch_rows_bind(record->epoch, record->work[trial].key, epoch);
    sqlite3_bind_int64(record->progress, 1, record->work[trial].key);
    sqlite3_bind_int64(record->progress, 2, (int64_t)epoch->epoch);
    sqlite3_bind_int64(record->progress, 3, (int64_t)epoch->updates);
    return step(record, record->epoch, err) && step(record, record->progress, err);
}

bool record_layers(const struct record *record, size_t trial, const struct layer_record *layers,
                   size_t count, struct error *err) {
    bool ours;
    if (!is_ours(record, trial, &ours, err) || !ours)
        return !err->first;
    for (size_t i = 0; i < count; i++) {
        struct sql_value cells[] = {
            sql_integer(record->work[trial].key),  sql_integer((int64_t)layers[i].epoch),
            sql_integer((int64_t)layers[i].layer), sql_real(layers[i].activation_sd),
            sql_real(layers[i].gradient_norm),     sql_real(layers[i].dead_units)};
        database_bind(record->layer, cells, 6);
        if (!step(record, record->layer, err))
            return false;
    }
    return true;
}

/* Bytes in rows of at most PART_SIZE: ?1 the trial, ?2 what the caller bound, ?3 the part, ?4 the
 * bytes. */
static bool put_parts(const struct record *record, sqlite3_stmt *insert, size_t trial,
                      const void *bytes, size_t size, struct error *err) {
    bool ok = true;
    for (size_t at = 0, part = 0; ok && at < size; at += PART_SIZE, part++) {
        size_t length = size - at < PART_SIZE ? size - at : PART_SIZE;
        sqlite3_bind_int64(insert, 1, record->work[trial].key);
        sqlite3_bind_int64(insert, 3, (int64_t)part);
        sqlite3_bind_blob(insert, 4, (const char *)bytes + at, (int)length, SQLITE_STATIC);
        ok = step(record, insert, err);
    }
    sqlite3_clear_bindings(insert);
    return ok;
}

static bool drop_checkpoint(const struct record *record, size_t trial, struct error *err) {
    sqlite3_bind_int64(record->drop_checkpoint, 1, record->work[trial].key);
    return step(record, record->drop_checkpoint, err);
}

bool record_checkpoint(const struct record *record, size_t trial, uint64_t epochs,
                       const void *bytes, size_t size, struct error *err) {
    bool ours;
    if (!is_ours(record, trial, &ours, err) || !ours)
        return !err->first;
    if (!drop_checkpoint(record, trial, err))
        return false;
    sqlite3_bind_int64(record->checkpoint, 2, (int64_t)epochs);
    return put_parts(record, record->checkpoint, trial, bytes, size, err);
}

/* A class as the data have it: a whole number, or a text. */
static struct sql_value class_cell(const struct dataset *dataset, size_t class) {
    return dataset->class_values ? sql_integer((int64_t)dataset->class_values[class])
                                 : sql_text(dataset->class_names[class]);
}

static bool put_confusion(const struct record *record, size_t trial, const struct outcome *outcome,
                          struct error *err) {
    const struct dataset *dataset = record->work[trial].dataset;
    for (size_t i = 0; i < outcome->confusion_count; i++) {
        const struct confusion *it = &outcome->confusion[i];
        struct sql_value cells[] = {sql_integer(record->work[trial].key),
                                    class_cell(dataset, it->actual),
                                    class_cell(dataset, it->predicted), sql_integer(it->count)};
        database_bind(record->confusion, cells, 4);
        if (!step(record, record->confusion, err))
            return false;
    }
    return true;
}

static bool put_weights(const struct record *record, size_t trial, const char *which,
                        struct weights weights, struct error *err) {
    sqlite3_bind_text(record->weights, 2, which, -1, SQLITE_STATIC);
    return put_parts(record, record->weights, trial, weights.values,
                     weights.count * sizeof *weights.values, err);
}

/* 0 stands for none. */
static struct sql_value whole_or_null(uint64_t n) {
    return n ? sql_integer((int64_t)n) : sql_null();
}

bool record_finish(const struct record *record, size_t trial, const struct outcome *o,
                   const struct overfitting *f, struct error *err) {
    bool ours, ended = o->state != TRIAL_INTERRUPTED;
    if (!is_ours(record, trial, &ours, err) || !ours)
        return !err->first;
    char now[CLOCK_DATE_MAX];
    struct sql_value none = sql_null();
    struct sql_value cells[] = {
        sql_integer(record->work[trial].key),
        sql_text(trial_state_name(o->state)),
        ended ? sql_text(clock_date(now)) : none,
        sql_integer((int64_t)o->epochs_done),
        sql_integer((int64_t)o->updates),
        sql_real(o->train_seconds),
        whole_or_null(o->cohort_size),
        sql_real(o->final_test_loss),
        sql_real(o->final_test_accuracy),
        sql_real(o->final_test_mae),
        sql_real(o->test_loss_at_best),
        sql_real(o->test_accuracy_at_best),
        sql_real(o->test_mae_at_best),
        *o->weights_digest ? sql_text(o->weights_digest) : none,
        sql_text(o->error),
        ended ? whole_or_null(f->best_epoch) : none,
        ended ? sql_real(f->best_val_loss) : none,
        ended ? whole_or_null(f->best_accuracy_epoch) : none,
        ended ? sql_real(f->final_val_loss) : none,
        ended ? sql_real(f->gap_at_best) : none,
        ended ? sql_real(f->gap_at_end) : none,
        ended ? sql_real(f->accuracy_gap_at_end) : none,
        ended && f->best_epoch ? sql_integer((int64_t)f->wasted_epochs) : none,
        ended ? sql_real(f->wasted_fraction) : none,
        ended ? sql_real(f->wasted_seconds) : none,
        ended ? sql_real(f->gl_at_end) : none,
        ended ? whole_or_null(f->onset_epoch) : none,
    };
    database_bind(record->finish, cells, sizeof cells / sizeof *cells);
    if (!step(record, record->finish, err))
        return false;
    if (ended && (!drop_checkpoint(record, trial, err) ||
                  !hindsight_add(record->database, record->work[trial].key, f->stopping, err)))
        return false;
    return put_weights(record, trial, "best", o->best, err) &&
           put_weights(record, trial, "last", o->last, err) && put_confusion(record, trial, o, err);
}
