#include "store/schema.h"

#include "base/statistics.h"
#include "store/axes.h"
#include "store/hindsight.h"
#include "store/views.h"
#include "trial/knob.h"
#include "trial/metric.h"

#include <stdlib.h>
#include <string.h>

static const char *knob_sql_type(const struct knob *knob) {
    if (knob->type == KNOB_WHOLE)
        return "INTEGER";
    return knob->type == KNOB_NUMBER ? "REAL" : "TEXT";
}

static void put_trial_table(FILE *sql) {
    fputs("CREATE TABLE IF NOT EXISTS trial_rows(id INTEGER PRIMARY KEY, trial TEXT NOT NULL "
          "UNIQUE, variant TEXT NOT NULL, state TEXT NOT NULL",
          sql);
    for (size_t i = 0; i < knob_count; i++) {
        fprintf(sql, ", %s %s", knobs[i].name, knob_sql_type(&knobs[i]));
        if (knob_has_arguments(&knobs[i]))
            fprintf(sql, ", %s_arguments TEXT", knobs[i].name);
    }
    fputs(", hidden_layers INTEGER, widest INTEGER, parameters INTEGER, multiply_adds INTEGER"
          ", epochs_done INTEGER NOT NULL DEFAULT 0, updates INTEGER, train_seconds REAL"
          ", cohort_size INTEGER, started_at TEXT, finished_at TEXT"
          ", final_test_loss REAL, final_test_accuracy REAL, final_test_mae REAL"
          ", best_epoch INTEGER, test_loss_at_best REAL, test_accuracy_at_best REAL"
          ", test_mae_at_best REAL, weights_digest TEXT, session INTEGER, error TEXT"
          ", best_val_loss REAL, val_accuracy_at_best REAL, best_accuracy_epoch INTEGER"
          ", final_val_loss REAL, final_val_accuracy REAL, gap_at_best REAL, gap_at_end REAL"
          ", accuracy_gap_at_end REAL, wasted_epochs INTEGER, wasted_fraction REAL"
          ", wasted_seconds REAL, gl_at_end REAL, onset_epoch INTEGER);"
          "CREATE INDEX IF NOT EXISTS trial_by_seed ON trial_rows(variant, seed);"
          "CREATE INDEX IF NOT EXISTS trial_by_session ON trial_rows(session) WHERE state = "
          "'running';",
          sql);
}

static void put_tables(FILE *sql) {
    fputs("CREATE TABLE IF NOT EXISTS session_rows(session INTEGER PRIMARY KEY AUTOINCREMENT, "
          "version TEXT, command TEXT, git_commit TEXT, host TEXT, cpu TEXT, blas TEXT, blas_core "
          "TEXT, numerics INTEGER, threads INTEGER, compiler TEXT, experiment TEXT, "
          "experiment_text TEXT, experiment_sha256 TEXT, started_at TEXT, finished_at TEXT, "
          "uid TEXT);",
          sql);
    put_trial_table(sql);
    fputs("CREATE TABLE IF NOT EXISTS member_rows(experiment TEXT, trial_id INTEGER, label TEXT, "
          "position INTEGER, in_plan INTEGER, PRIMARY KEY(experiment, trial_id)) WITHOUT ROWID;"
          "CREATE INDEX IF NOT EXISTS member_by_trial ON member_rows(trial_id);"
          "CREATE TABLE IF NOT EXISTS epoch_rows(trial_id INTEGER, epoch INTEGER, updates INTEGER",
          sql);
    for (size_t i = 0; i < metric_count; i++)
        fprintf(sql, ", %s REAL", metrics[i].name);
    fputs(
        ", PRIMARY KEY(trial_id, epoch)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS checkpoint_rows(trial_id INTEGER, part INTEGER, epochs "
        "INTEGER, bytes BLOB, PRIMARY KEY(trial_id, part));"
        "CREATE TABLE IF NOT EXISTS weight_rows(trial_id INTEGER, which TEXT, part INTEGER, bytes "
        "BLOB, PRIMARY KEY(trial_id, which, part));"
        "CREATE TABLE IF NOT EXISTS confusion_rows(trial_id INTEGER, actual INTEGER, predicted "
        "INTEGER, count INTEGER, PRIMARY KEY(trial_id, actual, predicted)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS layer_rows(trial_id INTEGER, epoch INTEGER, layer INTEGER, "
        "activation_sd REAL, gradient_norm REAL, dead_units REAL, PRIMARY KEY(trial_id, epoch, "
        "layer)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS stopping_rows(trial_id INTEGER, criterion TEXT, stop_epoch "
        "INTEGER, epochs_saved INTEGER, seconds_saved REAL, cost REAL, cost_metric TEXT, PRIMARY "
        "KEY(trial_id, criterion)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS axis_rows(variant TEXT, axis TEXT, value, rest INTEGER, "
        "PRIMARY KEY(variant, axis)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS axis_by_rest ON axis_rows(axis, rest);"
        "CREATE TABLE IF NOT EXISTS conflict_rows(trial TEXT, kept_digest TEXT, other_digest "
        "TEXT, kept_state TEXT, other_state TEXT, kept_finished_at TEXT, other_finished_at TEXT, "
        "source TEXT, noticed_at TEXT, PRIMARY KEY(trial, kept_digest, other_digest));"
        "CREATE TABLE IF NOT EXISTS student(degrees INTEGER PRIMARY KEY, t REAL);",
        sql);
    for (size_t n = 1; n <= 200; n++)
        fprintf(sql, "INSERT OR IGNORE INTO student VALUES(%zu, %.17g);", n, t_quantile((double)n));
}

static bool run_text(const struct database *database, void (*put)(FILE *sql), struct error *err) {
    char *text = NULL;
    size_t size;
    FILE *sql = open_memstream(&text, &size);
    if (!sql)
        out_of_memory();
    put(sql);
    if (fclose(sql) != 0)
        out_of_memory();
    bool ok = database_exec(database, text, err);
    free(text);
    return ok;
}

static bool has_column(const struct database *database, const char *table, const char *column,
                       bool *has, struct error *err) {
    struct arena arena = {0};
    int64_t count;
    bool ok = database_whole(database,
                             arena_printf(&arena,
                                          "SELECT count(*) FROM pragma_table_info('%s') WHERE name "
                                          "= '%s'",
                                          table, column),
                             &count, err);
    *has = count != 0;
    arena_close(&arena);
    return ok;
}

/* Adds the column where it is missing and fills it with the value. */
static bool add_column(const struct database *database, const char *table, const char *column,
                       const char *type, struct sql_value value, struct error *err) {
    struct arena arena = {0};
    bool has;
    bool ok = has_column(database, table, column, &has, err);
    if (ok && !has)
        ok = database_exec(
                 database,
                 arena_printf(&arena, "ALTER TABLE %s ADD COLUMN %s %s", table, column, type),
                 err) &&
             database_run(database, arena_printf(&arena, "UPDATE %s SET %s = ?", table, column),
                          &value, 1, err);
    arena_close(&arena);
    return ok;
}

/* A knob that is newer than the file was at its default in all trials of the file. */
static bool add_knob_columns(const struct database *database, struct error *err) {
    struct arena arena = {0};
    struct trial standard = trial_default();
    bool ok = true;
    for (size_t i = 0; ok && i < knob_count; i++) {
        const struct knob *knob = &knobs[i];
        if (knob->type == KNOB_DATASET)
            continue;
        ok = add_column(database, "trial_rows", knob->name, knob_sql_type(knob),
                        knob_column(knob, &standard, &arena), err);
        if (ok && knob_has_arguments(knob))
            ok =
                add_column(database, "trial_rows", arena_printf(&arena, "%s_arguments", knob->name),
                           "TEXT", sql_text(knob_arguments_json(knob, &standard, &arena)), err);
    }
    arena_close(&arena);
    return ok;
}

static bool add_metric_columns(const struct database *database, struct error *err) {
    for (size_t i = 0; i < metric_count; i++)
        if (!add_column(database, "epoch_rows", metrics[i].name, "REAL", sql_null(), err))
            return false;
    return true;
}

/* Version 1 had no names for sessions, no stopping, and a narrower index. */
static bool upgrade_from_1(const struct database *database, struct error *err) {
    return add_column(database, "session_rows", "uid", "TEXT", sql_null(), err) &&
           database_exec(database,
                         "UPDATE session_rows SET uid = session || ' ' || host || ' ' || "
                         "started_at; DROP INDEX IF EXISTS trial_by_variant;",
                         err) &&
           hindsight_add_all(database, err);
}

static bool upgrade(const struct database *database, int64_t version, struct error *err) {
    char pragmas[120];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             DATABASE_APPLICATION_ID, SCHEMA_VERSION);
    if (version == SCHEMA_VERSION)
        return true;
    return (version == 0 ||
            (add_knob_columns(database, err) && add_metric_columns(database, err))) &&
           run_text(database, put_tables, err) && (version != 1 || upgrade_from_1(database, err)) &&
           axes_add(database, 0, err) && run_text(database, views_write, err) &&
           database_exec(database, pragmas, err);
}

bool schema_upgrade(const struct database *database, struct error *err) {
    int64_t version;
    if (!database_begin(database, err))
        return false;
    bool ok = database_whole(database, "PRAGMA user_version", &version, err) &&
              upgrade(database, version, err) && database_commit(database, err);
    if (!ok)
        database_rollback(database);
    return ok;
}
