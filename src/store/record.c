#include "store/record.h"

#include "base/clock.h"
#include "store/derived_rows.h"
#include "store/epoch_rows.h"
#include "store/trial_rows.h"
#include "trial/result.h"

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

/* ?1 the trial, ?2 its state, ?3 when, then the numbers of the outcome; counters never fall. */
static const char *finish_sql(struct arena *arena) {
    const char *sql = "UPDATE trial_rows SET state = ?2, finished_at = ?3";
    size_t n = 4;
    for (size_t i = 0; i < trial_result_count; i++) {
        const struct trial_result *result = &trial_results[i];
        if (result->source != RESULT_OF_OUTCOME)
            continue;
        sql = result->type == RESULT_WHOLE
                  ? arena_printf(arena, "%s, %s = max(coalesce(%s, 0), ?%zu)", sql, result->name,
                                 result->name, n++)
                  : arena_printf(arena, "%s, %s = ?%zu", sql, result->name, n++);
    }
    return arena_printf(arena, "%s WHERE id = ?1", sql);
}

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
        {&record->finish, finish_sql(&arena)},
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
    sqlite3_bind_int64(record->owned, 1, record->keys[trial]);
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
    epoch_rows_bind(record->epoch, record->keys[trial], epoch);
    sqlite3_bind_int64(record->progress, 1, record->keys[trial]);
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
            sql_integer(record->keys[trial]),      sql_integer((int64_t)layers[i].epoch),
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
        sqlite3_bind_int64(insert, 1, record->keys[trial]);
        sqlite3_bind_int64(insert, 3, (int64_t)part);
        sqlite3_bind_blob(insert, 4, (const char *)bytes + at, (int)length, SQLITE_STATIC);
        ok = step(record, insert, err);
    }
    sqlite3_clear_bindings(insert);
    return ok;
}

static bool drop_checkpoint(const struct record *record, size_t trial, struct error *err) {
    sqlite3_bind_int64(record->drop_checkpoint, 1, record->keys[trial]);
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
        struct sql_value cells[] = {sql_integer(record->keys[trial]),
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

/* What a net needs beside its weights: how inputs and targets are scaled, and the classes' names,
 * each ended by a NUL. */
static bool put_surroundings(const struct record *record, size_t trial,
                             const struct outcome *outcome, struct error *err) {
    const struct dataset *dataset = record->work[trial].dataset;
    struct arena arena = {0};
    size_t columns = outcome->scale.shifts ? dataset->inputs : 0, length = 0;
    float *scale = arena_alloc(&arena, 1 + 2 * columns, sizeof *scale);
    scale[0] = outcome->scale.factor;
    for (size_t j = 0; j < columns; j++) {
        scale[1 + j] = outcome->scale.shifts[j];
        scale[1 + columns + j] = outcome->scale.factors[j];
    }
    for (size_t c = 0; c < dataset->classes; c++)
        length += strlen(dataset->class_names[c]) + 1;
    char *classes = arena_alloc(&arena, length, 1), *at = classes;
    for (size_t c = 0; c < dataset->classes; c++)
        at = stpcpy(at, dataset->class_names[c]) + 1;
    const struct {
        const char *which;
        const void *bytes;
        size_t size;
    } parts[] = {{"scale", scale, (1 + 2 * columns) * sizeof *scale},
                 {"target_scale", &outcome->target_scale, sizeof outcome->target_scale},
                 {"classes", classes, length}};
    bool ok = true, is_kept = outcome->best.values || outcome->last.values;
    for (size_t i = 0; i < 3 && ok && is_kept; i++) {
        sqlite3_bind_text(record->weights, 2, parts[i].which, -1, SQLITE_STATIC);
        ok = put_parts(record, record->weights, trial, parts[i].bytes, parts[i].size, err);
    }
    arena_close(&arena);
    return ok;
}

enum { CELLS_MAX = 64 };

static bool put_outcome(const struct record *record, size_t trial, const struct outcome *outcome,
                        bool ended, struct error *err) {
    char now[CLOCK_DATE_MAX];
    struct sql_value cells[CELLS_MAX] = {sql_integer(record->keys[trial]),
                                         sql_text(trial_state_name(outcome->state)),
                                         ended ? sql_text(clock_date(now)) : sql_null()};
    size_t n = 3;
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_OUTCOME)
            cells[n++] = trial_result_value(&trial_results[i], outcome);
    database_bind(record->finish, cells, n);
    return step(record, record->finish, err);
}

/* Whether a trial that was trained again has nothing to put into the place of its results. */
static bool keeps_old(const struct record *record, size_t trial, const struct outcome *outcome) {
    return record->keys[trial] < 0 && outcome->state == TRIAL_FAILED;
}

/* Puts a trial that was trained again into the place of the one that it replaces. */
static bool replace_old(const struct record *record, size_t trial, struct error *err) {
    int64_t key = record->keys[trial];
    return key > 0 || (trial_rows_delete(record->database, -key, err) &&
                       trial_rows_renumber(record->database, key, -key, err));
}

bool record_finish(const struct record *record, size_t trial, const struct outcome *outcome,
                   const struct overfitting *overfitting, struct error *err) {
    bool ours, ended = outcome->state != TRIAL_INTERRUPTED;
    if (!is_ours(record, trial, &ours, err) || !ours)
        return !err->first;
    if (keeps_old(record, trial, outcome))
        return trial_rows_delete(record->database, record->keys[trial], err);
    if (!put_outcome(record, trial, outcome, ended, err))
        return false;
    if (ended && (!drop_checkpoint(record, trial, err) ||
                  !derived_rows_write(record->database, record->keys[trial], overfitting, err)))
        return false;
    return put_weights(record, trial, "best", outcome->best, err) &&
           put_weights(record, trial, "last", outcome->last, err) &&
           put_surroundings(record, trial, outcome, err) &&
           put_confusion(record, trial, outcome, err) &&
           (!ended || replace_old(record, trial, err));
}
