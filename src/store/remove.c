#include "store/remove.h"

#include "store/lock.h"
#include "store/open.h"
#include "store/trial_rows.h"

#include <string.h>

/* Opens a database that is there. */
static bool open_existing(const char *path, struct database *database, struct error *err) {
    *database = (struct database){.path = path};
    return database_check_existing(path, err) && database_open(path, NULL, database, err);
}

/* How many rows a query with one text counts. */
static bool count_with(const struct database *database, const char *sql, const char *text,
                       int64_t *count, struct error *err) {
    struct sql_value cell = sql_text(text);
    sqlite3_stmt *row = database_prepare(database, sql, &cell, 1, err);
    bool ok = row && sqlite3_step(row) == SQLITE_ROW;
    *count = ok ? sqlite3_column_int64(row, 0) : 0;
    if (row && !ok)
        database_error(database, err);
    sqlite3_finalize(row);
    return ok;
}

static bool is_experiment(const struct database *database, const char *name, bool *is,
                          struct error *err) {
    int64_t count;
    bool ok = count_with(database, "SELECT count(*) FROM member_rows WHERE experiment = ?", name,
                         &count, err);
    *is = count != 0;
    return ok;
}

#define BEGINS_SO "FROM trial_rows WHERE id > 0 AND trial >= ?1 AND trial < ?1 || 'g'"

static bool choose_trial(const struct database *database, const char *prefix, struct error *err) {
    struct sql_value cell = sql_text(prefix);
    int64_t count = 0;
    bool is_id = *prefix && strspn(prefix, "0123456789abcdef") == strlen(prefix);
    if (is_id && !count_with(database, "SELECT count(*) " BEGINS_SO, prefix, &count, err))
        return false;
    if (count > 1)
        return error_set(err, ERROR_USAGE, "several trials begin with '%s'", prefix);
    if (!count)
        return error_set(err, ERROR_USAGE, "'%s' is neither an experiment nor a trial of %s",
                         prefix, database->path);
    return database_run(database, "INSERT OR IGNORE INTO chosen SELECT id " BEGINS_SO, &cell, 1,
                        err);
}

static bool choose(const struct database *database, const char *name, struct error *err) {
    struct sql_value cell = sql_text(name);
    bool is;
    if (!is_experiment(database, name, &is, err))
        return false;
    return is ? database_run(database, "INSERT OR IGNORE INTO leaving VALUES(?)", &cell, 1, err)
              : choose_trial(database, name, err);
}

/* Trials of the experiments that leave and of no other. */
static const char choose_orphans_sql[] =
    "INSERT OR IGNORE INTO chosen SELECT trial_id FROM member_rows m WHERE experiment IN (SELECT "
    "name FROM leaving) AND NOT EXISTS (SELECT 1 FROM member_rows o WHERE o.trial_id = m.trial_id "
    "AND o.experiment NOT IN (SELECT name FROM leaving))";

/* A trial that some process trains now, or trains again. */
static bool refuse_running(const struct database *database, struct error *err) {
    struct session_lock lock;
    sqlite3_stmt *row = database_prepare(
        database,
        "SELECT session, ltrim(trial, '~') FROM trial_rows WHERE state = 'running' AND abs(id) IN "
        "(SELECT id FROM chosen)",
        NULL, 0, err);
    if (!row)
        return false;
    lock_open_read_only(database->path, &lock);
    int status;
    bool ok = true;
    while (ok && (status = sqlite3_step(row)) == SQLITE_ROW)
        if (lock_is_held(&lock, sqlite3_column_int64(row, 0)))
            ok = error_set(err, ERROR_FAILED, "trial %s is being trained; nothing was removed",
                           (const char *)sqlite3_column_text(row, 1));
    if (ok && status != SQLITE_DONE)
        ok = database_error(database, err);
    lock_close(&lock);
    sqlite3_finalize(row);
    return ok;
}

static bool count_removal(const struct database *database, struct removal *removal,
                          struct error *err) {
    return database_whole(database, "SELECT count(*) FROM leaving", &removal->experiments, err) &&
           database_whole(database, "SELECT count(*) FROM chosen", &removal->trials, err) &&
           database_whole(database,
                          "SELECT count(*) FROM epoch_rows WHERE trial_id IN (SELECT id FROM "
                          "chosen)",
                          &removal->epochs, err) &&
           database_whole(database,
                          "SELECT count(DISTINCT trial_id) FROM member_rows WHERE experiment IN "
                          "(SELECT name FROM leaving) AND trial_id NOT IN (SELECT id FROM chosen)",
                          &removal->kept, err);
}

/* Fills the tables of what is to go. */
static bool select_all(const struct database *database, const char *const *names, size_t count,
                       struct removal *removal, struct error *err) {
    *removal = (struct removal){0};
    bool ok = database_exec(database,
                            "CREATE TEMP TABLE chosen(id INTEGER PRIMARY KEY);"
                            "CREATE TEMP TABLE leaving(name TEXT PRIMARY KEY);",
                            err);
    for (size_t i = 0; ok && i < count; i++)
        ok = choose(database, names[i], err);
    return ok && database_exec(database, choose_orphans_sql, err) &&
           refuse_running(database, err) && count_removal(database, removal, err);
}

static bool delete_chosen(const struct database *database, struct error *err) {
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; ok && trial_tables[i]; i++)
        ok = database_exec(database,
                           arena_printf(&arena,
                                        "DELETE FROM %s WHERE trial_id IN (SELECT id FROM chosen "
                                        "UNION ALL SELECT -id FROM chosen)",
                                        trial_tables[i]),
                           err);
    arena_close(&arena);
    return ok &&
           database_exec(database,
                         "DELETE FROM conflict_rows WHERE trial IN (SELECT trial FROM trial_rows "
                         "WHERE id IN (SELECT id FROM chosen));"
                         "DELETE FROM member_rows WHERE trial_id IN (SELECT id FROM chosen) OR "
                         "experiment IN (SELECT name FROM leaving);"
                         "DELETE FROM trial_rows WHERE id IN (SELECT id FROM chosen UNION ALL "
                         "SELECT -id FROM chosen);"
                         "DELETE FROM axis_rows WHERE variant NOT IN (SELECT variant FROM "
                         "trial_rows);"
                         "DELETE FROM experiment_rows WHERE experiment NOT IN (SELECT experiment "
                         "FROM member_rows);",
                         err);
}

bool remove_count(const char *path, const char *const *names, size_t count, struct removal *removal,
                  struct error *err) {
    struct database database;
    bool ok = open_existing(path, &database, err) && database_begin(&database, err);
    if (ok) {
        ok = select_all(&database, names, count, removal, err);
        database_rollback(&database);
    }
    database_close(&database);
    return ok;
}

bool remove_all(const char *path, const char *const *names, size_t count, struct removal *removal,
                struct error *err) {
    struct database database;
    bool ok = open_existing(path, &database, err) && database_begin(&database, err);
    if (ok) {
        ok = select_all(&database, names, count, removal, err) && delete_chosen(&database, err) &&
             database_commit(&database, err);
        if (!ok)
            database_rollback(&database);
    }
    if (ok) { /* without room for the copy that this takes, new results will use the space */
        sqlite3_exec(database.handle, "VACUUM", NULL, NULL, NULL);
        database_truncate_log(&database);
    }
    database_close(&database);
    return ok;
}

static bool rename_in(const struct database *database, const char *experiment, const char *name,
                      struct error *err) {
    struct sql_value cells[] = {sql_text(experiment), sql_text(name)};
    bool is, is_taken;
    if (!is_experiment(database, experiment, &is, err) ||
        !is_experiment(database, name, &is_taken, err))
        return false;
    if (!is)
        return error_set(err, ERROR_USAGE, "%s has no experiment '%s'", database->path, experiment);
    if (is_taken)
        return error_set(err, ERROR_USAGE, "%s has an experiment '%s' already", database->path,
                         name);
    return database_run(database, "UPDATE member_rows SET experiment = ?2 WHERE experiment = ?1",
                        cells, 2, err) &&
           database_run(database, "DELETE FROM experiment_rows WHERE experiment IN (?1, ?2)", cells,
                        2, err);
}

bool rename_experiment(const char *path, const char *experiment, const char *name,
                       struct error *err) {
    struct database database;
    bool ok = open_existing(path, &database, err) && database_begin(&database, err);
    if (ok) {
        ok = rename_in(&database, experiment, name, err) && database_commit(&database, err);
        if (!ok)
            database_rollback(&database);
    }
    database_close(&database);
    return ok;
}
