#define _XOPEN_SOURCE 700 /* realpath */
#include "store/store.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/program.h"
#include "store/axis_rows.h"
#include "store/open.h"
#include "store/writer.h"
#include "trial/kept_weights.h"
#include "trial/knob.h"
#include "trial/result.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store {
    struct database database;
    struct session_lock lock;
    struct record record;
    struct writer *writer; /* NULL: not started */
    struct arena arena;
};

static bool insert_session(struct store *store, const struct session_info *info,
                           struct error *err) {
    char now[CLOCK_DATE_MAX], sha[SHA256_TEXT];
    digest_sha256(info->text, strlen(info->text), sha);
    struct sql_value cells[] = {
        sql_text(program_version),
        sql_text(info->command),
        sql_text(info->git_commit),
        sql_text(info->host),
        sql_text(info->cpu),
        sql_text(info->blas),
        sql_text(info->blas_core),
        sql_integer(NUMERICS_VERSION),
        sql_integer((int64_t)info->threads),
        sql_text(program_compiler),
        sql_text(info->experiment),
        sql_text(info->text),
        sql_text(sha),
        sql_text(clock_date(now)),
    };
    return database_run(&store->database,
                        "INSERT INTO session_rows(version, command, git_commit, host, cpu, blas, "
                        "blas_core, numerics, threads, compiler, experiment, experiment_text, "
                        "experiment_sha256, started_at, uid) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                        "?, ?, ?, ?, lower(hex(randomblob(16))))",
                        cells, sizeof cells / sizeof *cells, err);
}

/* Marks running trials of sessions whose process has ended as interrupted. */
static bool mark_interrupted(struct store *store, struct error *err) {
    sqlite3_stmt *owners = database_prepare(
        &store->database, "SELECT DISTINCT session FROM trial_rows WHERE state = 'running'", NULL,
        0, err);
    if (!owners)
        return false;
    int status;
    bool ok = true;
    while (ok && (status = sqlite3_step(owners)) == SQLITE_ROW) {
        struct sql_value owner = sql_integer(sqlite3_column_int64(owners, 0));
        if (!lock_is_held(&store->lock, owner.integer))
            ok = database_run(&store->database,
                              "UPDATE trial_rows SET state = 'interrupted' WHERE session = ? AND "
                              "state = 'running'",
                              &owner, 1, err);
    }
    if (ok && status != SQLITE_DONE)
        ok = database_error(&store->database, err);
    sqlite3_finalize(owners);
    return ok;
}

/* The session's byte is held before others can see its row. */
static bool begin_session(struct store *store, const struct session_info *info, struct error *err) {
    if (!database_begin(&store->database, err))
        return false;
    bool ok = insert_session(store, info, err);
    store->record.session = sqlite3_last_insert_rowid(store->database.handle);
    if (ok && !lock_hold(&store->lock, store->record.session))
        ok = error_set(err, ERROR_FAILED, "%s.lock: cannot be locked", store->database.path);
    ok = ok && mark_interrupted(store, err) && database_commit(&store->database, err);
    if (!ok)
        database_rollback(&store->database);
    return ok;
}

bool store_make_folder(const char *path, struct error *err) {
    return database_make_folder(path, err);
}

bool store_open(const char *path, const struct session_info *info, struct store **result,
                struct error *err) {
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        out_of_memory();
    *result = store;
    store->lock.fd = -1;
    store->record.database = &store->database;
    store->record.lock = &store->lock;
    struct database_wait wait = {.stop = info->stop, .tell = info->waiting};
    return (!info->makes_folder || database_make_folder(path, err)) &&
           database_open(path, &wait, &store->database, err) &&
           lock_open(path, &store->lock, err) && begin_session(store, info, err) &&
           record_open(&store->record, err);
}

static const char *insert_trial_sql(struct arena *arena) {
    const char *names = "trial, variant, state", *values = "?, ?, 'planned'";
    for (size_t i = 0; i < knob_count; i++) {
        names = arena_printf(arena, "%s, %s", names, knobs[i].name);
        values = arena_printf(arena, "%s, ?", values);
        if (!knob_has_arguments(&knobs[i]))
            continue;
        names = arena_printf(arena, "%s, %s_arguments", names, knobs[i].name);
        values = arena_printf(arena, "%s, ?", values);
    }
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_SIZE) {
            names = arena_printf(arena, "%s, %s", names, trial_results[i].name);
            values = arena_printf(arena, "%s, ?", values);
        }
    const char *sql = arena_printf(arena,
                                   "INSERT INTO trial_rows(%s) VALUES(%s) ON CONFLICT(trial) DO "
                                   "UPDATE SET ",
                                   names, values);
    const char *comma = "";
    for (size_t i = 0; i < knob_count; i++)
        if (knobs[i].role == KNOB_OF_MEASURE) {
            sql = arena_printf(arena, "%s%s%s = excluded.%s", sql, comma, knobs[i].name,
                               knobs[i].name);
            comma = ", ";
        }
    return arena_printf(arena, "%s WHERE state NOT IN ('done', 'diverged', 'running')", sql);
}

enum { TRIAL_CELLS = 128 };

/* The cells of insert_trial_sql, in its order. Returns their number. */
static size_t trial_cells(const struct work *work, struct sql_value cells[TRIAL_CELLS],
                          struct arena *arena) {
    const struct trial *t = work->trial;
    struct trial_size size =
        trial_size_of(t, work->dataset->inputs, dataset_outputs(work->dataset));
    size_t n = 0;
    cells[n++] = sql_text(work->id.trial);
    cells[n++] = sql_text(work->id.variant);
    for (size_t i = 0; i < knob_count; i++) {
        cells[n++] = knob_column(&knobs[i], t, arena);
        if (knob_has_arguments(&knobs[i]))
            cells[n++] = sql_text(knob_arguments_json(&knobs[i], t, arena));
    }
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_SIZE)
            cells[n++] = trial_result_value(&trial_results[i], &size);
    return n;
}

/* What the database has of one trial; its checkpoint where it can be gone on from here (claim.c).
 */
static const char known_sql[] =
    "SELECT t.id, t.state, t.test_every, t.keep_weights, CASE WHEN t.state = 'interrupted' AND "
    "before.blas IS now.blas AND before.blas_core IS now.blas_core AND before.numerics IS "
    "now.numerics THEN (SELECT max(epochs) FROM checkpoint_rows WHERE trial_id = t.id) END FROM "
    "trial_rows t JOIN session_rows now ON now.session = ?2 LEFT JOIN session_rows before ON "
    "before.session = t.session WHERE t.trial = ?1";

/* Whether a trial that was measured so lacks something that is asked for now. */
static bool lacks_measures(const struct trial *trial, uint64_t test_every, const char *keep) {
    const struct kept_weights *asked = kept_weights_of(&trial->keep_weights);
    const struct kept_weights *kept =
        keep ? (const struct kept_weights *)registry_find(&kept_weights_choices, keep) : NULL;
    bool is_tested = !trial->test_every || trial->test_every > trial->epochs ||
                     (test_every && trial->test_every % test_every == 0);
    return !is_tested || (asked->best && !(kept && kept->best)) ||
           (asked->last && !(kept && kept->last));
}

static bool read_trial(struct store *store, struct work *work, sqlite3_stmt *known,
                       struct error *err) {
    sqlite3_bind_text(known, 1, work->id.trial, -1, SQLITE_STATIC);
    sqlite3_bind_int64(known, 2, store->record.session);
    bool ok = sqlite3_step(known) == SQLITE_ROW || database_error(&store->database, err);
    const char *name = ok ? (const char *)sqlite3_column_text(known, 1) : NULL;
    if (ok && !trial_state_find(name, &work->state))
        ok = error_set(err, ERROR_FAILED,
                       "%s: the database is damaged (trial %s has the state '%s')",
                       store->database.path, work->id.trial, name ? name : "");
    if (ok) {
        work->key = sqlite3_column_int64(known, 0);
        work->lacks_measures = trial_state_is_final(work->state) &&
                               lacks_measures(work->trial, (uint64_t)sqlite3_column_int64(known, 2),
                                              (const char *)sqlite3_column_text(known, 3));
        work->goes_on_after = (uint64_t)sqlite3_column_int64(known, 4);
    }
    sqlite3_reset(known);
    return ok;
}

static bool add_trial(struct store *store, const struct work *work, sqlite3_stmt *insert,
                      struct error *err) {
    struct arena scratch = {0};
    struct sql_value cells[TRIAL_CELLS];
    size_t n = trial_cells(work, cells, &scratch);
    database_bind(insert, cells, n);
    bool ok = sqlite3_step(insert) == SQLITE_DONE || database_error(&store->database, err);
    sqlite3_reset(insert);
    arena_close(&scratch);
    return ok;
}

bool store_trials(struct store *store, struct work *work, size_t count, struct error *err) {
    struct arena scratch = {0};
    sqlite3_stmt *insert =
        database_prepare(&store->database, insert_trial_sql(&scratch), NULL, 0, err);
    sqlite3_stmt *known = database_prepare(&store->database, known_sql, NULL, 0, err);
    arena_close(&scratch);
    int64_t newest = 0;
    bool ok = insert && known && database_begin(&store->database, err) &&
              database_whole(&store->database, "SELECT max(id) FROM trial_rows", &newest, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = add_trial(store, &work[i], insert, err) && read_trial(store, &work[i], known, err);
    ok = ok && axis_rows_add(&store->database, newest, err);
    sqlite3_finalize(insert);
    sqlite3_finalize(known);
    ok = ok && database_commit(&store->database, err);
    if (!ok)
        database_rollback(&store->database);
    return ok;
}

bool store_refresh(struct store *store, struct work *work, size_t count, struct error *err) {
    sqlite3_stmt *known = database_prepare(&store->database, known_sql, NULL, 0, err);
    bool ok = known && database_begin(&store->database, err) && mark_interrupted(store, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = read_trial(store, &work[i], known, err);
    sqlite3_finalize(known);
    ok = ok && database_commit(&store->database, err);
    if (!ok)
        database_rollback(&store->database);
    return ok;
}

/* A trial of the file's plan is one even if --set brought it first, and stays one if --set brings
 * it again. Those of --set come behind what is there. */
static const char member_sql[] =
    "INSERT INTO member_rows(experiment, trial_id, label, position, in_plan, origin) SELECT ?1, "
    "id, ?3, CASE ?5 WHEN 'file' THEN ?4 ELSE 1 + coalesce((SELECT max(position) FROM member_rows "
    "WHERE experiment = ?1), 0) END, 1, ?5 FROM trial_rows WHERE trial = ?2 ON "
    "CONFLICT(experiment, "
    "trial_id) DO UPDATE SET label = CASE excluded.origin WHEN 'file' THEN excluded.label ELSE "
    "label END, position = CASE excluded.origin WHEN 'file' THEN excluded.position ELSE position "
    "END, in_plan = 1, origin = min(origin, excluded.origin)";

static bool put_members(struct store *store, const struct store_members *members,
                        struct error *err) {
    sqlite3_stmt *insert = database_prepare(&store->database, member_sql, NULL, 0, err);
    bool ok = insert != NULL;
    for (size_t i = 0; ok && i < members->count; i++) {
        struct sql_value cells[] = {sql_text(members->experiment),
                                    sql_text(members->work[i].id.trial),
                                    sql_text(members->work[i].label), sql_integer((int64_t)i + 1),
                                    sql_text(members->is_whole_file ? "file" : "set")};
        database_bind(insert, cells, sizeof cells / sizeof *cells);
        ok = sqlite3_step(insert) == SQLITE_DONE || database_error(&store->database, err);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return ok;
}

/* Makes the members the whole plan of the file. */
static bool replace_members(struct store *store, struct store_members *members, struct error *err) {
    struct sql_value name = sql_text(members->experiment);
    if (!database_run(&store->database,
                      "UPDATE member_rows SET in_plan = -in_plan WHERE experiment = ? AND origin = "
                      "'file'",
                      &name, 1, err) ||
        !put_members(store, members, err))
        return false;
    bool ok = database_run(&store->database,
                           "UPDATE member_rows SET in_plan = 0 WHERE experiment = ? AND in_plan = "
                           "-1",
                           &name, 1, err);
    members->left = (size_t)sqlite3_changes(store->database.handle);
    return ok;
}

/* The file that the experiment was last read from, if it is another one that is still there. */
static bool note_file(struct store *store, struct store_members *members, struct arena *arena,
                      struct error *err) {
    char *path = realpath(members->file, NULL);
    struct sql_value cells[] = {sql_text(members->experiment),
                                sql_text(path ? path : members->file)};
    sqlite3_stmt *row = database_prepare(
        &store->database, "SELECT path FROM experiment_rows WHERE experiment = ?1 AND path <> ?2",
        cells, 2, err);
    bool ok = row != NULL;
    if (ok && sqlite3_step(row) == SQLITE_ROW) {
        const char *other = (const char *)sqlite3_column_text(row, 0);
        if (other && access(other, F_OK) == 0)
            members->other_file = arena_text(arena, other, strlen(other));
    }
    sqlite3_finalize(row);
    ok = ok && database_run(&store->database, "REPLACE INTO experiment_rows VALUES(?1, ?2)", cells,
                            2, err);
    free(path);
    return ok;
}

bool store_add_members(struct store *store, struct store_members *members, struct arena *arena,
                       struct error *err) {
    members->left = 0;
    members->other_file = NULL;
    if (!database_begin(&store->database, err))
        return false;
    bool ok = note_file(store, members, arena, err) &&
              (members->is_whole_file ? replace_members(store, members, err)
                                      : put_members(store, members, err)) &&
              database_commit(&store->database, err);
    if (!ok)
        database_rollback(&store->database);
    return ok;
}

bool store_start(struct store *store, const struct work *work, size_t count,
                 enum store_claims claims, atomic_int *stop, struct error *err) {
    store->record.claims = claims;
    store->record.work = work;
    store->record.keys = arena_alloc(&store->arena, count, sizeof *store->record.keys);
    for (size_t i = 0; i < count; i++)
        store->record.keys[i] = work[i].key;
    store->database.wait.grace = 3; /* seconds, for what is queued when training is interrupted */
    return writer_start(&store->record, count, stop, &store->writer, err);
}

struct observer store_observer(struct store *store) {
    return writer_observer(store->writer);
}

bool store_stop(struct store *store, struct error *err) {
    struct writer *writer = store->writer;
    store->writer = NULL;
    return !writer || writer_stop(writer, err);
}

static bool end_session(struct store *store, struct error *err) {
    char now[CLOCK_DATE_MAX];
    struct sql_value cells[] = {sql_integer(store->record.session), sql_text(clock_date(now))};
    if (!database_begin(&store->database, err))
        return false;
    bool ok = database_run(&store->database,
                           "UPDATE session_rows SET finished_at = ?2 WHERE session = ?1", cells, 2,
                           err) &&
              database_commit(&store->database, err);
    if (!ok)
        database_rollback(&store->database);
    return ok;
}

bool store_close(struct store *store, struct error *err) {
    if (!store)
        return true;
    struct error own = {0};
    bool ok = store_stop(store, &own);
    if (ok && store->record.session)
        ok = end_session(store, &own);
    record_close(&store->record);
    if (ok &&
        store->record.session) /* a reader may keep the log from shrinking: that is no failure */
        database_truncate_log(&store->database);
    database_close(&store->database);
    lock_close(&store->lock);
    arena_close(&store->arena);
    free(store);
    error_move(err, &own);
    return ok;
}
