#include "store/views.h"

#include "trial/knob.h"
#include "trial/metric.h"

#include <stdbool.h>

static const char result_columns[] =
    "epochs_done, updates, train_seconds, cohort_size, started_at, finished_at, final_test_loss, "
    "final_test_accuracy, best_epoch, test_loss_at_best, test_accuracy_at_best, final_test_mae, "
    "test_mae_at_best, weights_digest, session, error";
static const char size_columns[] = "hidden_layers, widest, parameters, multiply_adds";
static const char overfitting_columns[] =
    "best_epoch, best_val_loss, best_accuracy_epoch, final_val_loss, gap_at_best, gap_at_end, "
    "accuracy_gap_at_end, wasted_epochs, wasted_fraction, wasted_seconds, gl_at_end, onset_epoch";

/* `, dataset, scale, ...`, of the variant alone or of the trial. */
static void put_knobs(FILE *sql, bool variant_only) {
    for (size_t i = 0; i < knob_count; i++) {
        if (variant_only && knobs[i].role != KNOB_OF_VARIANT)
            continue;
        fprintf(sql, ", %s", knobs[i].name);
        if (knob_has_arguments(&knobs[i]))
            fprintf(sql, ", %s_arguments", knobs[i].name);
    }
}

static void begin_view(FILE *sql, const char *name) {
    fprintf(sql, "DROP VIEW IF EXISTS %s; CREATE VIEW %s AS ", name, name);
}

static void put_plain_views(FILE *sql) {
    begin_view(sql, "sessions");
    fputs("SELECT session, version, command, git_commit, host, cpu, blas, blas_core, threads, "
          "compiler, experiment, experiment_text, experiment_sha256, started_at, finished_at FROM "
          "session_rows;",
          sql);
    begin_view(sql, "trials");
    fputs("SELECT trial, variant, state", sql);
    put_knobs(sql, false);
    fprintf(sql, ", %s, %s FROM trial_rows;", size_columns, result_columns);
    begin_view(sql, "members");
    fputs("SELECT experiment, trial, variant, label, position, in_plan FROM member_rows JOIN "
          "trial_rows ON id = trial_id;",
          sql);
    begin_view(sql, "epochs");
    fputs("SELECT trial, epoch, e.updates AS updates", sql);
    for (size_t i = 0; i < metric_count; i++)
        fprintf(sql, ", %s", metrics[i].name);
    fputs(" FROM trial_rows JOIN epoch_rows e ON trial_id = id;", sql);
    begin_view(sql, "layers");
    fputs("SELECT trial, epoch, layer, activation_sd, gradient_norm, dead_units FROM trial_rows "
          "JOIN layer_rows ON trial_id = id;",
          sql);
    begin_view(sql, "overfitting");
    fprintf(sql, "SELECT trial, %s FROM trial_rows WHERE state IN ('done', 'diverged');",
            overfitting_columns);
    begin_view(sql, "confusion");
    fputs("SELECT trial, actual, predicted, count FROM trial_rows JOIN confusion_rows ON trial_id "
          "= id;",
          sql);
    begin_view(sql, "stopping");
    fputs("SELECT trial, criterion, stop_epoch, epochs_saved, seconds_saved, cost, cost_metric "
          "FROM trial_rows JOIN stopping_rows ON trial_id = id;",
          sql);
    begin_view(sql, "conflicts");
    fputs("SELECT trial, kept_digest, other_digest, kept_state, other_state, kept_finished_at, "
          "other_finished_at, source, noticed_at FROM conflict_rows;",
          sql);
}

/* Mean and sample standard deviation of an expression, the latter NULL for fewer than two values.
 */
static void put_moments(FILE *sql, const char *name, const char *x) {
    fprintf(
        sql,
        ", avg(%s) AS %s_mean, CASE WHEN count(%s) > 1 THEN sqrt(max(0, (sum(%s * %s) - sum(%s) "
        "* sum(%s) / count(%s)) / (count(%s) - 1))) END AS %s_sd",
        x, name, x, x, x, x, x, x, x, name);
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

/* Three levels: sums over trials, the half width of each interval, and what is shown. */
static void put_variants(FILE *sql) {
    begin_view(sql, "variants");
    fputs("SELECT variant", sql);
    put_knobs(sql, true);
    fprintf(sql, ", %s, n, n_diverged", size_columns);
    for (size_t i = 0; i < SUMMARIZED; i++) {
        const char *name = summarized[i].name;
        fprintf(sql, ", %s_mean, %s_sd, %s_mean - %s_half AS %s_low, %s_mean + %s_half AS %s_high",
                name, name, name, name, name, name, name, name);
    }
    fputs(", rank() OVER (PARTITION BY dataset ORDER BY n_diverged > 0, val_accuracy_at_best_mean "
          "DESC, val_loss_at_best_mean) AS rank FROM (SELECT *",
          sql);
    for (size_t i = 0; i < SUMMARIZED; i++) {
        const char *name = summarized[i].name;
        fprintf(sql,
                ", (SELECT t FROM student WHERE degrees = min(%s_count - 1, 200)) * %s_sd / "
                "sqrt(%s_count) AS %s_half",
                name, name, name, name);
    }
    fputs(" FROM (SELECT variant", sql);
    put_knobs(sql, true);
    fprintf(sql, ", %s, count(*) AS n, sum(state = 'diverged') AS n_diverged", size_columns);
    for (size_t i = 0; i < SUMMARIZED; i++) {
        char x[80];
        snprintf(x, sizeof x, "(CASE state WHEN 'done' THEN %s END)", summarized[i].column);
        put_moments(sql, summarized[i].name, x);
        fprintf(sql, ", count(%s) AS %s_count", x, summarized[i].name);
    }
    fputs(" FROM trial_rows WHERE state IN ('done', 'diverged') GROUP BY variant));", sql);
}

static void put_curves(FILE *sql) {
    begin_view(sql, "curves");
    fputs("SELECT variant, epoch, count(*) AS n", sql);
    for (size_t i = 0; i < metric_count; i++) {
        const char *name = metrics[i].name;
        char x[80];
        snprintf(x, sizeof x, "e.%s", name);
        put_moments(sql, name, x);
        fprintf(sql, ", min(%s) AS %s_min, max(%s) AS %s_max", x, name, x, name);
    }
    fputs(" FROM trial_rows t JOIN epoch_rows e ON trial_id = id WHERE state IN ('done', "
          "'diverged') GROUP BY variant, epoch;",
          sql);
}

/* Trials of two variants that differ in one axis, with the same seed; a has the smaller value. */
static void put_pairs(FILE *sql) {
    static const struct {
        const char *name, *column;
    } compared[] = {
        {"val_accuracy", "val_accuracy_at_best"},
        {"val_loss", "best_val_loss"},
        {"test_accuracy", "test_accuracy_at_best"},
        {"test_loss", "test_loss_at_best"},
        {"best_epoch", "best_epoch"},
        {"wasted_fraction", "wasted_fraction"},
        {"gap_at_end", "gap_at_end"},
    };
    enum { COMPARED = sizeof compared / sizeof *compared };
    begin_view(sql, "pairs");
    fputs("SELECT x.axis AS axis, x.variant AS a, y.variant AS b, s.seed AS seed, m.column1 AS "
          "metric, CASE m.column1",
          sql);
    for (size_t i = 0; i < COMPARED; i++)
        fprintf(sql, " WHEN '%s' THEN t.%s - s.%s", compared[i].name, compared[i].column,
                compared[i].column);
    fputs(" END AS difference FROM axis_rows x JOIN axis_rows y ON y.axis = x.axis AND y.rest = "
          "x.rest AND x.value < y.value JOIN trial_rows s ON s.variant = x.variant AND s.state = "
          "'done' JOIN trial_rows t ON t.variant = y.variant AND t.state = 'done' AND t.seed = "
          "s.seed AND t.split_seed = s.split_seed AND t.init_seed = s.init_seed AND t.order_seed "
          "= s.order_seed CROSS JOIN (VALUES ",
          sql);
    for (size_t i = 0; i < COMPARED; i++)
        fprintf(sql, "%s('%s')", i ? ", " : "", compared[i].name);
    fputs(") m;", sql);
}

void views_write(FILE *sql) {
    put_plain_views(sql);
    put_variants(sql);
    put_curves(sql);
    put_pairs(sql);
}
