#include "store/schema.h"

#include "base/digest.h"
#include "base/statistics.h"
#include "base/stream.h"
#include "store/axis_rows.h"
#include "store/derived_rows.h"
#include "store/views.h"
#include "trial/knob.h"
#include "trial/metric.h"
#include "trial/result.h"

#include <stdlib.h>
#include <string.h>

/* Rises when tables change in another way than by a column, or when numbers that are derived from
 * epochs get another definition. */
enum { LAYOUT = 4, COLUMNS_MAX = 1000 };

int schema_version(void) {
    size_t columns = knob_count + metric_count + trial_result_count;
    for (size_t i = 0; i < knob_count; i++)
        columns += knob_has_arguments(&knobs[i]);
    return LAYOUT * COLUMNS_MAX + (int)columns;
}

static const char *knob_sql_type(const struct knob *knob) {
    if (knob->type == KNOB_WHOLE)
        return "INTEGER";
    return knob->type == KNOB_NUMBER ? "REAL" : "TEXT";
}

/* Counters start at 0, everything else at NULL. */
static const char *result_sql_type(const struct trial_result *result) {
    switch (result->type) {
    case RESULT_WHOLE:
        return result->source == RESULT_OF_OUTCOME ? "INTEGER NOT NULL DEFAULT 0" : "INTEGER";
    case RESULT_WHOLE_OR_NONE:
    case RESULT_WHOLE_REAL:
        return "INTEGER";
    case RESULT_REAL:
        return "REAL";
    case RESULT_TEXT:
    case RESULT_DIGEST:
        return "TEXT";
    }
    return "";
}

static void put_trial_table(FILE *sql) {
    fputs("CREATE TABLE IF NOT EXISTS trial_rows(id INTEGER PRIMARY KEY, trial TEXT NOT NULL "
          "UNIQUE, variant TEXT NOT NULL, state TEXT NOT NULL, session INTEGER, started_at TEXT, "
          "finished_at TEXT",
          sql);
    for (size_t i = 0; i < knob_count; i++) {
        fprintf(sql, ", %s %s", knobs[i].name, knob_sql_type(&knobs[i]));
        if (knob_has_arguments(&knobs[i]))
            fprintf(sql, ", %s_arguments TEXT", knobs[i].name);
    }
    for (size_t i = 0; i < trial_result_count; i++)
        fprintf(sql, ", %s %s", trial_results[i].name, result_sql_type(&trial_results[i]));
    fputs(");"
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
    fputs("CREATE TABLE IF NOT EXISTS experiment_rows(experiment TEXT PRIMARY KEY, path TEXT);"
          "CREATE TABLE IF NOT EXISTS member_rows(experiment TEXT, trial_id INTEGER, label TEXT, "
          "position INTEGER, in_plan INTEGER, origin TEXT, PRIMARY KEY(experiment, trial_id)) "
          "WITHOUT ROWID;"
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
        "INTEGER, epochs_saved INTEGER, seconds_saved REAL, accuracy_change REAL, accuracy_metric "
        "TEXT, PRIMARY KEY(trial_id, criterion)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS axis_rows(variant TEXT, axis TEXT, value, rest INTEGER, "
        "PRIMARY KEY(variant, axis)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS axis_by_rest ON axis_rows(axis, rest);"
        "CREATE TABLE IF NOT EXISTS conflict_rows(trial TEXT, kept_digest TEXT, other_digest "
        "TEXT, kept_state TEXT, other_state TEXT, kept_finished_at TEXT, other_finished_at TEXT, "
        "source TEXT, noticed_at TEXT, PRIMARY KEY(trial, kept_digest, other_digest));"
        "CREATE TABLE IF NOT EXISTS schema_rows(fingerprint TEXT);"
        "CREATE TABLE IF NOT EXISTS student_rows(degrees INTEGER PRIMARY KEY, t REAL);",
        sql);
    for (size_t n = 1; n <= VIEWS_STUDENT_ROWS; n++)
        fprintf(sql, "INSERT OR IGNORE INTO student_rows VALUES(%zu, %.17g);", n,
                t_quantile((double)n));
}

/* Text that a function writes; free it. */
static char *text_of(void (*put)(FILE *sql)) {
    struct stream sql;
    put(stream_open(&sql));
    return stream_close(&sql);
}

static bool run_text(const struct database *database, void (*put)(FILE *sql), struct error *err) {
    char *text = text_of(put);
    bool ok = database_exec(database, text, err);
    free(text);
    return ok;
}

/* All that a file's rows depend on: tables, views, and what older rows get for newer knobs. */
static void put_all(FILE *sql) {
    struct arena arena = {0};
    struct trial standard = trial_default();
    put_tables(sql);
    views_create(sql);
    for (size_t i = 0; i < knob_count; i++) {
        const struct entry *row;
        fprintf(sql, "%s %s;", knobs[i].name, knobs[i].fallback ? knobs[i].fallback : "");
        for (size_t r = 0; knobs[i].rows && (row = registry_row(knobs[i].rows, r)); r++) {
            struct choice choice = choice_default(knobs[i].rows, row->name);
            if (knobs[i].type == KNOB_DATASET)
                standard.generator = choice;
            else
                memcpy((char *)&standard + knobs[i].offset, &choice, sizeof choice);
            fprintf(sql, "%s%s;", row->name, knob_arguments_json(&knobs[i], &standard, &arena));
        }
    }
    arena_close(&arena);
}

static void write_fingerprint(char out[DIGEST64_TEXT]) {
    char *text = text_of(put_all);
    digest64_text(text, strlen(text), out);
    free(text);
}

/* Needs: a file of this version, which has the table. */
bool schema_is_current(const struct database *database, bool *is_current, struct error *err) {
    char fingerprint[DIGEST64_TEXT];
    int64_t version, same = 0;
    write_fingerprint(fingerprint);
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM schema_rows WHERE fingerprint = '%s'",
             fingerprint);
    if (!database_whole(database, "PRAGMA user_version", &version, err))
        return false;
    bool ok = version != schema_version() || database_whole(database, sql, &same, err);
    *is_current = same != 0;
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
             (value.type == SQL_NULL ||
              database_run(database, arena_printf(&arena, "UPDATE %s SET %s = ?", table, column),
                           &value, 1, err));
    arena_close(&arena);
    return ok;
}

/* Arguments that are newer than the file were at their defaults: they join the JSON object of each
 * row that lacks one, in the order in which they are declared. */
static bool add_arguments(const struct database *database, const struct knob *knob,
                          const struct entry *row, struct error *err) {
    struct arena arena = {0};
    const char *object = "", *lacks = "";
    for (size_t i = 0; i < ARGUMENTS_MAX && row->arguments[i].name; i++) {
        const struct argument *argument = &row->arguments[i];
        const char *quote = argument->type == ARGUMENT_WORD ? "\"" : "";
        const char *found =
            arena_printf(&arena, "%s_arguments -> '$.%s'", knob->name, argument->name);
        object = arena_printf(&arena, "%s%s'%s', json(coalesce(%s, '%s%s%s'))", object,
                              i ? ", " : "", argument->name, found, quote,
                              argument_text(argument, argument->fallback, &arena), quote);
        lacks = arena_printf(&arena, "%s%s%s IS NULL", lacks, i ? " OR " : "", found);
    }
    bool ok = !*object ||
              database_exec(database,
                            arena_printf(&arena,
                                         "UPDATE trial_rows SET %s_arguments = json_object(%s) "
                                         "WHERE %s = '%s' AND (%s)",
                                         knob->name, object, knob->name, row->name, lacks),
                            err);
    arena_close(&arena);
    return ok;
}

/* A knob that is newer than the file was at its default in all trials of the file. */
static bool add_knob(const struct database *database, const struct knob *knob, struct error *err) {
    struct arena arena = {0};
    struct trial standard = trial_default();
    const struct entry *row;
    /* only a data set has no default; every file has its column */
    bool ok = knob->type == KNOB_DATASET ||
              add_column(database, "trial_rows", knob->name, knob_sql_type(knob),
                         knob_column(knob, &standard, &arena), err);
    if (ok && knob_has_arguments(knob)) {
        const char *name = arena_printf(&arena, "%s_arguments", knob->name);
        ok = add_column(database, "trial_rows", name, "TEXT", sql_text("{}"), err);
        for (size_t i = 0; ok && (row = registry_row(knob->rows, i)); i++)
            ok = add_arguments(database, knob, row, err);
    }
    arena_close(&arena);
    return ok;
}

static bool add_columns(const struct database *database, struct error *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < knob_count; i++)
        ok = add_knob(database, &knobs[i], err);
    for (size_t i = 0; ok && i < metric_count; i++)
        ok = add_column(database, "epoch_rows", metrics[i].name, "REAL", sql_null(), err);
    for (size_t i = 0; ok && i < trial_result_count; i++)
        ok = add_column(database, "trial_rows", trial_results[i].name,
                        result_sql_type(&trial_results[i]), sql_null(), err);
    return ok && add_column(database, "member_rows", "origin", "TEXT", sql_text("file"), err);
}

/* Version 1 had no names for sessions, no stopping, and a narrower index. */
static bool upgrade_from_1(const struct database *database, struct error *err) {
    return add_column(database, "session_rows", "uid", "TEXT", sql_null(), err) &&
           database_exec(database,
                         "UPDATE session_rows SET uid = session || ' ' || host || ' ' || "
                         "started_at; DROP INDEX IF EXISTS trial_by_variant;",
                         err);
}

/* Until version 2, stopping had a `cost`; it is made anew with the other derived numbers. */
static bool upgrade_from_2(const struct database *database, struct error *err) {
    return database_exec(database,
                         "DROP TABLE IF EXISTS stopping_rows; DROP TABLE IF EXISTS student;", err);
}

static bool upgrade(const struct database *database, int64_t version, struct error *err) {
    char fingerprint[DIGEST64_TEXT], end[200];
    write_fingerprint(fingerprint);
    snprintf(end, sizeof end,
             "DELETE FROM schema_rows; INSERT INTO schema_rows VALUES('%s'); PRAGMA "
             "application_id=%d; PRAGMA user_version=%d;",
             fingerprint, DATABASE_APPLICATION_ID, schema_version());
    bool is_older = version > 0 && version < LAYOUT * COLUMNS_MAX;
    return run_text(database, views_drop, err) && (version != 1 || upgrade_from_1(database, err)) &&
           (!is_older || upgrade_from_2(database, err)) && run_text(database, put_tables, err) &&
           add_columns(database, err) && axis_rows_rebuild(database, err) &&
           (!is_older || derived_rows_rebuild(database, err)) &&
           run_text(database, views_create, err) && database_exec(database, end, err);
}

bool schema_upgrade(const struct database *database, struct error *err) {
    int64_t version;
    bool is_current;
    if (!database_begin(database, err))
        return false;
    bool ok = database_whole(database, "PRAGMA user_version", &version, err) &&
              schema_is_current(database, &is_current, err) &&
              (is_current || upgrade(database, version, err)) && database_commit(database, err);
    if (!ok)
        database_rollback(database);
    return ok;
}
