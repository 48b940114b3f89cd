#include "store/merge.h"

#include "base/clock.h"
#include "store/axis_rows.h"
#include "store/open.h"
#include "store/schema.h"
#include "store/trial_rows.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How far a trial got, then which of equals is kept; the smaller one wins. */
#define PRECEDENCE(t, uid)                                                                         \
    "(CASE " t ".state WHEN 'done' THEN 0 WHEN 'diverged' THEN 0 WHEN 'running' THEN 1 WHEN "      \
    "'interrupted' THEN 1 WHEN 'failed' THEN 2 ELSE 3 END, CASE WHEN " t                           \
    ".state IN ('running', 'interrupted') THEN -" t ".epochs_done ELSE 0 END, coalesce(" t         \
    ".finished_at, '9'), coalesce(" uid ", ''))"

static const char sessions_sql[] =
    "INSERT INTO main.session_rows(version, command, git_commit, host, cpu, blas, blas_core, "
    "numerics, threads, compiler, experiment, experiment_text, experiment_sha256, started_at, "
    "finished_at, uid) SELECT version, command, git_commit, host, cpu, blas, blas_core, numerics, "
    "threads, compiler, experiment, experiment_text, experiment_sha256, started_at, finished_at, "
    "uid FROM input.session_rows i WHERE NOT EXISTS (SELECT 1 FROM main.session_rows m WHERE m.uid "
    "= i.uid) ORDER BY session;"
    "CREATE TEMP TABLE session_map(old INTEGER PRIMARY KEY, new INTEGER);"
    "INSERT INTO session_map SELECT i.session, m.session FROM input.session_rows i JOIN "
    "main.session_rows m ON m.uid = i.uid GROUP BY i.session;";

/* taken: the input's trials whose rows replace ours, or are new. */
static const char choose_sql[] =
    "CREATE TEMP TABLE taken(old INTEGER PRIMARY KEY, trial TEXT, is_new INTEGER);"
    "INSERT INTO taken SELECT i.id, i.trial, m.id IS NULL FROM input.trial_rows i LEFT JOIN "
    "main.trial_rows m ON m.trial = i.trial LEFT JOIN input.session_rows si ON si.session = "
    "i.session LEFT JOIN main.session_rows sm ON sm.session = m.session WHERE i.id > 0 AND (m.id "
    "IS NULL OR " PRECEDENCE("i", "si.uid") " < " PRECEDENCE("m", "sm.uid") ");";

static const char conflicts_sql[] =
    "INSERT OR IGNORE INTO main.conflict_rows SELECT i.trial, "
    "CASE WHEN t.old IS NULL THEN m.weights_digest ELSE i.weights_digest END, "
    "CASE WHEN t.old IS NULL THEN i.weights_digest ELSE m.weights_digest END, "
    "CASE WHEN t.old IS NULL THEN m.state ELSE i.state END, "
    "CASE WHEN t.old IS NULL THEN i.state ELSE m.state END, "
    "CASE WHEN t.old IS NULL THEN m.finished_at ELSE i.finished_at END, "
    "CASE WHEN t.old IS NULL THEN i.finished_at ELSE m.finished_at END, ?1, ?2 "
    "FROM input.trial_rows i JOIN main.trial_rows m ON m.trial = i.trial LEFT JOIN taken t ON "
    "t.old = i.id WHERE i.state IN ('done', 'diverged') AND m.state IN ('done', 'diverged') AND "
    "i.weights_digest IS NOT m.weights_digest";

static const char members_sql[] =
    "INSERT INTO main.member_rows(experiment, trial_id, label, position, in_plan, origin) SELECT "
    "i.experiment, m.id, i.label, i.position, i.in_plan, i.origin FROM input.member_rows i JOIN "
    "input.trial_rows t ON t.id = i.trial_id JOIN main.trial_rows m ON m.trial = t.trial WHERE "
    "true "
    "ON CONFLICT(experiment, trial_id) DO UPDATE SET in_plan = max(in_plan, excluded.in_plan), "
    "origin = min(origin, excluded.origin);"
    "INSERT OR IGNORE INTO main.experiment_rows SELECT * FROM input.experiment_rows;"
    "INSERT OR IGNORE INTO main.conflict_rows SELECT * FROM input.conflict_rows;";

bool merge_prepare(const char *out, struct error *err) {
    struct database database;
    bool ok = database_open(out, NULL, &database, err);
    database_close(&database);
    return ok;
}

/* The columns of a table but for its keys, each behind a prefix: `c.a, c.b`. */
static bool columns_of(const struct database *database, const char *table, const char *prefix,
                       struct arena *arena, const char **columns, struct error *err) {
    struct sql_value cells[] = {sql_text(table), sql_text(prefix)};
    sqlite3_stmt *row = database_prepare(
        database,
        "SELECT group_concat(?2 || name, ', ') FROM pragma_table_info(?1) WHERE name NOT IN "
        "('id', 'trial_id', 'session', 'state')",
        cells, 2, err);
    if (!row)
        return false;
    bool ok = sqlite3_step(row) == SQLITE_ROW;
    if (ok) {
        const char *text = (const char *)sqlite3_column_text(row, 0);
        *columns = arena_text(arena, text, strlen(text));
    } else
        database_error(database, err);
    sqlite3_finalize(row);
    return ok;
}

static const char replace_sql[] =
    "CREATE TEMP TABLE replaced AS SELECT m.id, m.trial FROM main.trial_rows m JOIN taken t ON "
    "t.trial = m.trial;"
    "DELETE FROM main.trial_rows WHERE id IN (SELECT id FROM replaced);"
    "INSERT INTO main.trial_rows(id, session, state, %s) SELECT r.id, s.new, CASE i.state WHEN "
    "'running' THEN 'interrupted' ELSE i.state END, %s FROM taken t JOIN input.trial_rows i ON "
    "i.id = t.old LEFT JOIN replaced r ON r.trial = t.trial LEFT JOIN session_map s ON s.old = "
    "i.session ORDER BY t.old;"
    "CREATE TEMP TABLE trial_map(old INTEGER PRIMARY KEY, new INTEGER);"
    "INSERT INTO trial_map SELECT t.old, m.id FROM taken t JOIN main.trial_rows m ON m.trial = "
    "t.trial;";

/* A trial that is replaced keeps its key, and loses all its rows first. */
static bool copy_trials(const struct database *database, struct arena *arena, struct error *err) {
    const char *columns, *values;
    for (size_t i = 0; trial_tables[i]; i++)
        if (!database_exec(database,
                           arena_printf(arena,
                                        "DELETE FROM main.%s WHERE trial_id IN (SELECT m.id FROM "
                                        "main.trial_rows m JOIN taken t ON t.trial = m.trial)",
                                        trial_tables[i]),
                           err))
            return false;
    return columns_of(database, "trial_rows", "", arena, &columns, err) &&
           columns_of(database, "trial_rows", "i.", arena, &values, err) &&
           database_exec(database, arena_printf(arena, replace_sql, columns, values), err);
}

static bool copy_children(const struct database *database, struct arena *arena, struct error *err) {
    for (size_t i = 0; trial_tables[i]; i++) {
        const char *table = trial_tables[i], *columns, *values;
        if (!columns_of(database, table, "", arena, &columns, err) ||
            !columns_of(database, table, "c.", arena, &values, err) ||
            !database_exec(database,
                           arena_printf(arena,
                                        "INSERT INTO main.%s(trial_id, %s) SELECT m.new, %s FROM "
                                        "trial_map m JOIN input.%s c ON c.trial_id = m.old",
                                        table, columns, values, table),
                           err))
            return false;
    }
    return true;
}

static bool count_all(const struct database *database, struct merge_report *report,
                      struct error *err) {
    return database_whole(database, "SELECT count(*) FROM input.trial_rows WHERE id > 0",
                          &report->trials, err) &&
           database_whole(database, "SELECT count(*) FROM taken WHERE is_new", &report->added,
                          err) &&
           database_whole(database, "SELECT count(*) FROM taken WHERE NOT is_new",
                          &report->replaced, err);
}

static bool copy_all(const struct database *database, const char *in, struct arena *arena,
                     struct merge_report *report, struct error *err) {
    char now[CLOCK_DATE_MAX];
    struct sql_value source[] = {sql_text(in), sql_text(clock_date(now))};
    int64_t newest;
    if (!database_exec(database, sessions_sql, err) || !database_exec(database, choose_sql, err) ||
        !count_all(database, report, err) || !database_run(database, conflicts_sql, source, 2, err))
        return false;
    report->conflicts = sqlite3_changes(database->handle);
    return database_whole(database, "SELECT max(id) FROM main.trial_rows", &newest, err) &&
           copy_trials(database, arena, err) && copy_children(database, arena, err) &&
           database_exec(database, members_sql, err) && axis_rows_add(database, newest, err);
}

static bool check_input(const struct database *database, const char *in, struct error *err) {
    int64_t id, version;
    if (!database_whole(database, "PRAGMA input.application_id", &id, err) ||
        !database_whole(database, "PRAGMA input.user_version", &version, err))
        return false;
    if (id != DATABASE_APPLICATION_ID)
        return error_set(err, ERROR_FAILED, "%s: not a database of mlpsweep", in);
    if (version > schema_version())
        return error_set(err, ERROR_FAILED,
                         "%s: written by a newer mlpsweep (schema %lld, this one knows %d)", in,
                         (long long)version, schema_version());
    return version == schema_version() ||
           error_set(
               err, ERROR_FAILED,
               "%s: written by an older mlpsweep (schema %lld); `mlpsweep merge %s` brings it "
               "up to date",
               in, (long long)version, in);
}

static bool is_same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* SQLite's URI of a file that is only read. */
static const char *uri_of(const char *path, struct arena *arena) {
    const char *uri = "file:";
    for (; *path; path++)
        uri = strchr("%?#", *path) ? arena_printf(arena, "%s%%%02X", uri, (unsigned char)*path)
                                   : arena_printf(arena, "%s%c", uri, *path);
    return arena_printf(arena, "%s?mode=ro", uri);
}

/* Attaches the input; a complaint names it and not the output. */
static bool attach(const struct database *database, const char *in, struct arena *arena,
                   struct error *err) {
    struct sql_value uri = sql_text(uri_of(in, arena));
    struct error own = {0};
    if (!database_check_path(in, err))
        return false;
    if (access(in, R_OK) != 0)
        return error_set(err, ERROR_FAILED, "%s: %s", in, strerror(errno));
    bool ok = database_run(database, "ATTACH ? AS input", &uri, 1, &own) &&
              check_input(database, in, &own);
    int code = sqlite3_errcode(database->handle) & 0xff;
    bool is_sql = code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW;
    if (!ok && is_sql)
        error_set(err, ERROR_FAILED, "%s: %s", in, sqlite3_errmsg(database->handle));
    else
        error_move(err, &own);
    error_clear(&own);
    return ok;
}

bool merge_add(const char *out, const char *in, struct merge_report *report, struct error *err) {
    struct database database;
    struct arena arena = {0};
    *report = (struct merge_report){0};
    if (is_same_file(out, in))
        return error_set(err, ERROR_USAGE, "%s and %s are the same file", out, in);
    bool had_log = database_has_log(in);
    bool ok = database_open(out, NULL, &database, err) && attach(&database, in, &arena, err) &&
              database_begin(&database, err);
    if (ok) {
        ok = copy_all(&database, in, &arena, report, err) && database_commit(&database, err);
        if (!ok)
            database_rollback(&database);
    }
    database_close(&database);
    if (!had_log)
        database_remove_log(in);
    arena_close(&arena);
    return ok;
}
