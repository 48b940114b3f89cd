#include "store/epoch_rows.h"

#include <math.h>
#include <string.h>

const char *epoch_rows_insert(struct arena *arena) {
    const char *names = "trial_id, epoch, updates", *values = "?, ?, ?";
    for (size_t i = 0; i < metric_count; i++) {
        names = arena_printf(arena, "%s, %s", names, metrics[i].name);
        values = arena_printf(arena, "%s, ?", values);
    }
    return arena_printf(arena, "INSERT OR REPLACE INTO epoch_rows(%s) VALUES(%s)", names, values);
}

void epoch_rows_bind(sqlite3_stmt *insert, int64_t trial, const struct epoch_record *record) {
    sqlite3_bind_int64(insert, 1, trial);
    sqlite3_bind_int64(insert, 2, (int64_t)record->epoch);
    sqlite3_bind_int64(insert, 3, (int64_t)record->updates);
    for (size_t i = 0; i < metric_count; i++) /* SQLite has no NaN: stored as NULL */
        sqlite3_bind_double(insert, (int)i + 4, metric_value(&metrics[i], record));
}

static double real_column(sqlite3_stmt *row, int column) {
    return sqlite3_column_type(row, column) == SQLITE_NULL ? (double)NAN
                                                           : sqlite3_column_double(row, column);
}

static struct epoch_record read_record(sqlite3_stmt *row) {
    struct epoch_record record = {.epoch = (uint64_t)sqlite3_column_int64(row, 0),
                                  .updates = (uint64_t)sqlite3_column_int64(row, 1)};
    for (size_t i = 0; i < metric_count; i++) {
        double value = real_column(row, (int)i + 2);
        memcpy((char *)&record + metrics[i].offset, &value, sizeof value);
    }
    return record;
}

bool epoch_rows_load(const struct database *database, int64_t trial, int64_t last,
                     struct arena *arena, struct epoch_record **epochs, size_t *count,
                     struct error *err) {
    struct sql_value cells[] = {sql_integer(trial), sql_integer(last)};
    const char *sql = "SELECT epoch, updates";
    for (size_t i = 0; i < metric_count; i++)
        sql = arena_printf(arena, "%s, %s", sql, metrics[i].name);
    sql = arena_printf(arena, "%s FROM epoch_rows WHERE trial_id = ? AND epoch <= ? ORDER BY epoch",
                       sql);
    *epochs = NULL;
    *count = 0;
    sqlite3_stmt *row = database_prepare(database, sql, cells, 2, err);
    if (!row)
        return false;
    size_t room = 0;
    int status;
    while ((status = sqlite3_step(row)) == SQLITE_ROW) {
        *epochs = arena_grow(arena, *epochs, *count, &room, sizeof **epochs);
        (*epochs)[(*count)++] = read_record(row);
    }
    if (status != SQLITE_DONE)
        database_error(database, err);
    sqlite3_finalize(row);
    return status == SQLITE_DONE;
}
