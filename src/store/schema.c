#include "store/schema.h"

#include "trial/knob.h"
#include "trial/metric.h"
#include "trial/student.h"

#include <string.h>

/* A text that grows. */
struct ddl {
    struct arena arena;
    const char *text;
};

#define ADD(ddl, ...) ((ddl)->text = joined((ddl), arena_printf(&(ddl)->arena, __VA_ARGS__)))

static const char *joined(struct ddl *ddl, const char *more) {
    return ddl->text ? arena_printf(&ddl->arena, "%s%s", ddl->text, more) : more;
}

static const char *knob_sql_type(const struct knob *knob) {
    if (knob->type == KNOB_WHOLE)
        return "INTEGER";
    return knob->type == KNOB_NUMBER ? "REAL" : "TEXT";
}

static void add_knob_columns(struct ddl *ddl) {
    for (size_t i = 0; i < knob_count; i++) {
        ADD(ddl, ", %s %s", knobs[i].name, knob_sql_type(&knobs[i]));
        if (knob_has_arguments(&knobs[i]))
            ADD(ddl, ", %s_arguments TEXT", knobs[i].name);
    }
}

/* `, dataset, scale, ...`, of the variant alone or of the trial. */
static void add_knob_names(struct ddl *ddl, bool variant_only) {
    for (size_t i = 0; i < knob_count; i++) {
        if (variant_only && knobs[i].role != KNOB_OF_VARIANT)
            continue;
        ADD(ddl, ", %s", knobs[i].name);
        if (knob_has_arguments(&knobs[i]))
            ADD(ddl, ", %s_arguments", knobs[i].name);
    }
}

static void add_metric_names(struct ddl *ddl, const char *type) {
    for (size_t i = 0; i < metric_count; i++)
        ADD(ddl, ", %s%s", metrics[i].name, type);
}

static const char size_columns[] = "hidden_layers, widest, parameters, multiply_adds";
static const char result_columns[] =
    "epochs_done, updates, train_seconds, cohort_size, started_at, finished_at, final_test_loss, "
    "final_test_accuracy, best_epoch, test_loss_at_best, test_accuracy_at_best, final_test_mae, "
    "test_mae_at_best, weights_digest, session, error";

static void add_tables(struct ddl *ddl) {
    ADD(ddl, "CREATE TABLE session_rows(session INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT, "
             "command TEXT, git_commit TEXT, host TEXT, cpu TEXT, blas TEXT, blas_core TEXT, "
             "numerics INTEGER, threads INTEGER, compiler TEXT, experiment TEXT, "
             "experiment_text TEXT, experiment_sha256 TEXT, started_at TEXT, finished_at TEXT);");
    ADD(ddl, "CREATE TABLE trial_rows(id INTEGER PRIMARY KEY, trial TEXT NOT NULL UNIQUE, "
             "variant TEXT NOT NULL, state TEXT NOT NULL");
    add_knob_columns(ddl);
    ADD(ddl, ", hidden_layers INTEGER, widest INTEGER, parameters INTEGER, multiply_adds INTEGER"
             ", epochs_done INTEGER NOT NULL DEFAULT 0, updates INTEGER, train_seconds REAL"
             ", cohort_size INTEGER, started_at TEXT, finished_at TEXT"
             ", final_test_loss REAL, final_test_accuracy REAL, final_test_mae REAL"
             ", best_epoch INTEGER, test_loss_at_best REAL, test_accuracy_at_best REAL"
             ", test_mae_at_best REAL, weights_digest TEXT, session INTEGER, error TEXT"
             ", best_val_loss REAL, val_accuracy_at_best REAL, best_accuracy_epoch INTEGER"
             ", final_val_loss REAL, final_val_accuracy REAL, gap_at_best REAL, gap_at_end REAL"
             ", accuracy_gap_at_end REAL, wasted_epochs INTEGER, wasted_fraction REAL"
             ", wasted_seconds REAL, gl_at_end REAL, onset_epoch INTEGER);"
             "CREATE INDEX trial_by_variant ON trial_rows(variant);");
    ADD(ddl, "CREATE TABLE member_rows(experiment TEXT, trial_id INTEGER, label TEXT, "
             "position INTEGER, in_plan INTEGER, PRIMARY KEY(experiment, trial_id)) WITHOUT ROWID;"
             "CREATE INDEX member_by_trial ON member_rows(trial_id);");
    ADD(ddl, "CREATE TABLE epoch_rows(trial_id INTEGER, epoch INTEGER, updates INTEGER");
    add_metric_names(ddl, " REAL");
    ADD(ddl, ", PRIMARY KEY(trial_id, epoch)) WITHOUT ROWID;");
    ADD(ddl, "CREATE TABLE checkpoint_rows(trial_id INTEGER, part INTEGER, epochs INTEGER, "
             "bytes BLOB, PRIMARY KEY(trial_id, part));");
    ADD(ddl, "CREATE TABLE confusion_rows(trial_id INTEGER, actual INTEGER, predicted INTEGER, "
             "count INTEGER, PRIMARY KEY(trial_id, actual, predicted)) WITHOUT ROWID;");
    ADD(ddl, "CREATE TABLE student(degrees INTEGER PRIMARY KEY, t REAL);");
    for (size_t n = 1; n <= 200; n++)
        ADD(ddl, "INSERT INTO student VALUES(%zu, %.6f);", n, student_quantile(n));
}

static void add_plain_views(struct ddl *ddl) {
    ADD(ddl, "CREATE VIEW sessions AS SELECT session, version, command, git_commit, host, cpu, "
             "blas, blas_core, threads, compiler, experiment, experiment_text, experiment_sha256, "
             "started_at, finished_at FROM session_rows;");
    ADD(ddl, "CREATE VIEW trials AS SELECT trial, variant, state");
    add_knob_names(ddl, false);
    ADD(ddl, ", %s, %s FROM trial_rows;", size_columns, result_columns);
    ADD(ddl, "CREATE VIEW members AS SELECT experiment, trial, variant, label, position, in_plan "
             "FROM member_rows JOIN trial_rows ON id = trial_id;");
    ADD(ddl, "CREATE VIEW epochs AS SELECT trial, epoch, e.updates AS updates");
    add_metric_names(ddl, "");
    ADD(ddl, " FROM trial_rows JOIN epoch_rows e ON trial_id = id;");
    ADD(ddl, "CREATE VIEW overfitting AS SELECT trial, best_epoch, best_val_loss, "
             "best_accuracy_epoch, final_val_loss, gap_at_best, gap_at_end, accuracy_gap_at_end, "
             "wasted_epochs, wasted_fraction, wasted_seconds, gl_at_end, onset_epoch "
             "FROM trial_rows WHERE state IN ('done', 'diverged');");
    ADD(ddl, "CREATE VIEW confusion AS SELECT trial, actual, predicted, count FROM trial_rows "
             "JOIN confusion_rows ON trial_id = id;");
}

/* What `variants` summarizes: a name, and the column of trial_rows behind it. */
static const struct {
    const char *name, *column;
} summarized[] = {
    {"val_accuracy_at_best", "val_accuracy_at_best"},
    {"val_loss_at_best", "best_val_loss"},
    {"val_accuracy_at_end", "final_val_accuracy"},
    {"val_loss_at_end", "final_val_loss"},
    {"test_accuracy_at_best", "test_accuracy_at_best"},
    {"test_loss_at_best", "test_loss_at_best"},
    {"test_accuracy_at_end", "final_test_accuracy"},
    {"test_loss_at_end", "final_test_loss"},
    {"best_epoch", "best_epoch"},
    {"wasted_fraction", "wasted_fraction"},
    {"gap_at_end", "gap_at_end"},
};
enum { SUMMARIZED = sizeof summarized / sizeof *summarized };

/* Mean and sample standard deviation of an expression, the latter NULL for fewer than two values.
 */
static void add_moments(struct ddl *ddl, const char *name, const char *x) {
    ADD(ddl, ", avg(%s) AS %s_mean", x, name);
    ADD(ddl,
        ", CASE WHEN count(%s) > 1 THEN sqrt(max(0, (sum(%s * %s) - sum(%s) * sum(%s) / "
        "count(%s)) / (count(%s) - 1))) END AS %s_sd",
        x, x, x, x, x, x, x, name);
}

/* Three levels: sums over trials, the half width of each interval, and what is shown. */
static void add_variants(struct ddl *ddl) {
    ADD(ddl, "CREATE VIEW variants AS SELECT variant");
    add_knob_names(ddl, true);
    ADD(ddl, ", %s, n, n_diverged", size_columns);
    for (size_t i = 0; i < SUMMARIZED; i++) {
        const char *name = summarized[i].name;
        ADD(ddl, ", %s_mean, %s_sd, %s_mean - %s_half AS %s_low, %s_mean + %s_half AS %s_high",
            name, name, name, name, name, name, name, name);
    }
    ADD(ddl, ", rank() OVER (PARTITION BY dataset ORDER BY n_diverged > 0, "
             "val_accuracy_at_best_mean DESC, val_loss_at_best_mean) AS rank FROM (SELECT *");
    for (size_t i = 0; i < SUMMARIZED; i++) {
        const char *name = summarized[i].name;
        ADD(ddl,
            ", (SELECT t FROM student WHERE degrees = min(%s_count - 1, 200)) * %s_sd / "
            "sqrt(%s_count) AS %s_half",
            name, name, name, name);
    }
    ADD(ddl, " FROM (SELECT variant");
    add_knob_names(ddl, true);
    ADD(ddl, ", %s, count(*) AS n, sum(state = 'diverged') AS n_diverged", size_columns);
    for (size_t i = 0; i < SUMMARIZED; i++) {
        const char *x =
            arena_printf(&ddl->arena, "(CASE state WHEN 'done' THEN %s END)", summarized[i].column);
        add_moments(ddl, summarized[i].name, x);
        ADD(ddl, ", count(%s) AS %s_count", x, summarized[i].name);
    }
    ADD(ddl, " FROM trial_rows WHERE state IN ('done', 'diverged') GROUP BY variant));");
}

static void add_curves(struct ddl *ddl) {
    ADD(ddl, "CREATE VIEW curves AS SELECT variant, epoch, count(*) AS n");
    for (size_t i = 0; i < metric_count; i++) {
        const char *name = metrics[i].name;
        const char *x = arena_printf(&ddl->arena, "e.%s", name);
        add_moments(ddl, name, x);
        ADD(ddl, ", min(%s) AS %s_min, max(%s) AS %s_max", x, name, x, name);
    }
    ADD(ddl, " FROM trial_rows t JOIN epoch_rows e ON trial_id = id "
             "WHERE state IN ('done', 'diverged') GROUP BY variant, epoch;");
}

static bool create(const struct database *database, struct error *err) {
    struct ddl ddl = {0};
    add_tables(&ddl);
    add_plain_views(&ddl);
    add_variants(&ddl);
    add_curves(&ddl);
    ADD(&ddl, "PRAGMA application_id=%d; PRAGMA user_version=%d;", DATABASE_APPLICATION_ID,
        SCHEMA_VERSION);
    bool ok = database_exec(database, ddl.text, err);
    arena_close(&ddl.arena);
    return ok;
}

bool schema_upgrade(const struct database *database, struct error *err) {
    int64_t version;
    if (!database_begin(database, err))
        return false;
    bool ok = database_whole(database, "PRAGMA user_version", &version, err);
    if (ok && version == 0)
        ok = create(database, err);
    ok = ok && database_commit(database, err);
    if (!ok)
        database_rollback(database);
    return ok;
}
