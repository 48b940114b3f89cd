#include "store/views.h"

#include "base/statistics.h"
#include "base/stream.h"
#include "trial/knob.h"
#include "trial/metric.h"
#include "trial/result.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

/* The SQL that creates the views, and beside it the rows of the view `columns`. */
struct view_writer {
    FILE *sql, *meanings;
    const char *view;
    size_t columns, meaning_count;
};

static const char *const view_names[] = {
    "trials", "members",  "epochs",   "layers",    "overfitting", "variants", "curves",
    "pairs",  "stopping", "sessions", "conflicts", "confusion",   "columns",
};

void views_drop(FILE *sql) {
    for (size_t i = 0; i < sizeof view_names / sizeof *view_names; i++)
        fprintf(sql, "DROP VIEW IF EXISTS %s;", view_names[i]);
}

static void begin_view(struct view_writer *w, const char *name) {
    w->view = name;
    w->columns = 0;
    fprintf(w->sql, "CREATE VIEW %s AS SELECT ", name);
}

/* A text as SQL writes it. */
static void put_quoted(FILE *sql, const char *text) {
    fputc('\'', sql);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', sql);
        fputc(*text, sql);
    }
    fputc('\'', sql);
}

static void put_meaning(struct view_writer *w, const char *name, const char *unit,
                        const char *meaning) {
    fputs(w->meaning_count++ ? ", (" : "(", w->meanings);
    put_quoted(w->meanings, w->view);
    fputs(", ", w->meanings);
    put_quoted(w->meanings, name);
    fputs(", ", w->meanings);
    if (unit)
        put_quoted(w->meanings, unit);
    else
        fputs("NULL", w->meanings);
    fputs(", ", w->meanings);
    put_quoted(w->meanings, meaning);
    fputc(')', w->meanings);
}

/* One column of the view: its name, what it means, and the SQL behind it (as for printf). */
__attribute__((format(printf, 5, 6))) static void put_column(struct view_writer *w,
                                                             const char *name, const char *unit,
                                                             const char *meaning,
                                                             const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs(w->columns++ ? ", " : "", w->sql);
    vfprintf(w->sql, format, arguments);
    fprintf(w->sql, " AS \"%s\"", name);
    va_end(arguments);
    put_meaning(w, name, unit, meaning);
}

/* Columns that are in the table under the same name. */
struct plain_column {
    const char *name, *unit, *meaning;
};

static void put_plain(struct view_writer *w, const struct plain_column *columns, size_t count) {
    for (size_t i = 0; i < count; i++)
        put_column(w, columns[i].name, columns[i].unit, columns[i].meaning, "%s", columns[i].name);
}

#define PUT_PLAIN(w, ...)                                                                          \
    do {                                                                                           \
        static const struct plain_column columns[] = {__VA_ARGS__};                                \
        put_plain(w, columns, sizeof columns / sizeof *columns);                                   \
    } while (0)

static const char trial_meaning[] = "the trial's id: 16 hex digits";
static const char variant_meaning[] = "a hash of the knobs without the seeds: 16 hex digits";

static void put_knobs(struct view_writer *w, bool variant_only) {
    for (size_t i = 0; i < knob_count; i++) {
        if (variant_only && knobs[i].role != KNOB_OF_VARIANT)
            continue;
        put_column(w, knobs[i].name, knobs[i].unit, knobs[i].help, "%s", knobs[i].name);
        if (!knob_has_arguments(&knobs[i]))
            continue;
        char name[64], meaning[96];
        snprintf(name, sizeof name, "%s_arguments", knobs[i].name);
        snprintf(meaning, sizeof meaning, "arguments of %s, as JSON", knobs[i].name);
        put_column(w, name, NULL, meaning, "%s", name);
    }
}

static void put_results(struct view_writer *w, enum result_views views) {
    for (size_t i = 0; i < trial_result_count; i++) {
        const struct trial_result *result = &trial_results[i];
        if (result->views & views)
            put_column(w, result->name, result->unit, result->help, "%s", result->name);
    }
}

static void put_trials(struct view_writer *w) {
    begin_view(w, "trials");
    PUT_PLAIN(w, {"trial", NULL, trial_meaning}, {"variant", NULL, variant_meaning},
              {"state", NULL,
               "planned, running, done, diverged (its loss became NaN or infinite), failed, "
               "interrupted"});
    put_knobs(w, false);
    put_results(w, RESULT_IN_TRIALS);
    PUT_PLAIN(w, {"started_at", NULL, "ISO 8601, UTC"}, {"finished_at", NULL, "ISO 8601, UTC"},
              {"session", NULL, "the run that trained it"});
    fputs(" FROM trial_rows WHERE +id > 0;", w->sql);
}

static void put_members(struct view_writer *w) {
    begin_view(w, "members");
    PUT_PLAIN(w, {"experiment", NULL, "its name"}, {"trial", NULL, trial_meaning},
              {"variant", NULL, variant_meaning}, {"label", NULL, "the values of the axes"},
              {"position", NULL, "place in the plan, from 1"},
              {"in_plan", NULL, "0 when the file was edited so that it no longer has the trial"},
              {"origin", NULL, "file: in the plan of the file; set: added by run --set"});
    fputs(" FROM member_rows JOIN trial_rows ON id = trial_id;", w->sql);
}

static void put_epochs(struct view_writer *w) {
    begin_view(w, "epochs");
    PUT_PLAIN(w, {"trial", NULL, trial_meaning}, {"epoch", NULL, "from 1"});
    put_column(w, "updates", "steps", "optimizer steps since the start", "e.updates");
    for (size_t i = 0; i < metric_count; i++)
        put_column(w, metrics[i].name, metrics[i].unit, metrics[i].help, "e.%s", metrics[i].name);
    fputs(" FROM trial_rows JOIN epoch_rows e ON trial_id = id WHERE +id > 0;", w->sql);
}

/* The views that are one table each, beside what stands in their trials. */
static void put_tables(struct view_writer *w) {
    begin_view(w, "sessions");
    PUT_PLAIN(w, {"session", NULL, "its number in this file"}, {"version", NULL, "of mlpsweep"},
              {"command", NULL, "the command line"},
              {"git_commit", NULL, "of the folder that it ran in"}, {"host", NULL, "the machine"},
              {"cpu", NULL, "the processor"}, {"blas", NULL, "library and version"},
              {"blas_core", NULL,
               "kernels of BLAS; ends in `unfused` on processors without fused multiply-add"},
              {"threads", NULL, "workers"}, {"compiler", NULL, "that built mlpsweep"},
              {"experiment", NULL, "what was run"}, {"experiment_text", NULL, "its file"},
              {"experiment_sha256", NULL, "of its file"}, {"started_at", NULL, "ISO 8601, UTC"},
              {"finished_at", NULL, "ISO 8601, UTC; NULL while it runs, and after a kill"});
    fputs(" FROM session_rows;", w->sql);
    begin_view(w, "layers");
    PUT_PLAIN(
        w, {"trial", NULL, trial_meaning}, {"epoch", NULL, "0 is before training"},
        {"layer", NULL, "from 1; the last one is the output"},
        {"activation_sd", NULL, "standard deviation of the activations over probe rows and units"},
        {"gradient_norm", NULL,
         "Euclidean norm of the kernel's gradient in the epoch's last minibatch (epoch 0: in "
         "the first)"},
        {"dead_units", "fraction", "units that are 0 on the whole probe; NULL where none can be"});
    fputs(" FROM trial_rows JOIN layer_rows ON trial_id = id WHERE +id > 0;", w->sql);
    begin_view(w, "overfitting");
    PUT_PLAIN(w, {"trial", NULL, trial_meaning});
    put_results(w, RESULT_IN_OVERFITTING);
    fputs(" FROM trial_rows WHERE +id > 0 AND state IN ('done', 'diverged');", w->sql);
    begin_view(w, "confusion");
    PUT_PLAIN(w, {"trial", NULL, trial_meaning}, {"actual", NULL, "the class of the row"},
              {"predicted", NULL, "the class that the net gives it"},
              {"count", "rows", "rows of the test set, at the best epoch"});
    fputs(" FROM trial_rows JOIN confusion_rows ON trial_id = id WHERE +id > 0;", w->sql);
    begin_view(w, "stopping");
    PUT_PLAIN(w, {"trial", NULL, trial_meaning},
              {"criterion", NULL, "as early_stopping would be written"},
              {"stop_epoch", "epochs", "NULL: it would not have stopped"},
              {"epochs_saved", "epochs", "after the stop"},
              {"seconds_saved", "s", "after the stop"},
              {"accuracy_change", "fraction",
               "accuracy at the best epoch up to the stop minus that at the overall best"},
              {"accuracy_metric", NULL, "test_accuracy, or val_accuracy without test_every"});
    fputs(" FROM trial_rows JOIN stopping_rows ON trial_id = id WHERE +id > 0;", w->sql);
    begin_view(w, "conflicts");
    PUT_PLAIN(w, {"trial", NULL, trial_meaning}, {"kept_digest", NULL, "of its weights"},
              {"other_digest", NULL, "of the weights that were not kept"},
              {"kept_state", NULL, "done or diverged"}, {"other_state", NULL, "done or diverged"},
              {"kept_finished_at", NULL, "ISO 8601, UTC"},
              {"other_finished_at", NULL, "ISO 8601, UTC"},
              {"source", NULL, "the file that was merged"}, {"noticed_at", NULL, "ISO 8601, UTC"});
    fputs(" FROM conflict_rows;", w->sql);
}

/* Statistics in the views go in three steps: each value beside the mean of its group, sums over
 * the groups, and what is shown. The mean comes first so that squares are of differences: the sum
 * of squares minus the square of the sum would cancel. */

/* `, X AS NAME_x, avg(X) OVER seeds AS NAME_average`. */
static void put_value(FILE *sql, const char *name, const char *x) {
    fprintf(sql, ", %s AS %s_x, avg(%s) OVER seeds AS %s_average", x, name, x, name);
}

/* Mean, and sample standard deviation: 0 for equal values, NULL for fewer than two. */
static void put_moments(FILE *sql, const char *name) {
    fprintf(sql,
            ", avg(%s_x) AS %s_mean, CASE WHEN count(%s_x) < 2 THEN NULL WHEN min(%s_x) = "
            "max(%s_x) THEN 0.0 ELSE sqrt(sum((%s_x - %s_average) * (%s_x - %s_average)) / "
            "(count(%s_x) - 1.0)) END AS %s_sd",
            name, name, name, name, name, name, name, name, name, name, name);
}

/* The 0.975 quantile of Student's t: by table, for many degrees of freedom n by its expansion in
 * 1/n. Source: Abramowitz and Stegun, 26.7.5. */
static void put_quantile(FILE *sql, const char *n) {
    double z = NORMAL_QUANTILE, z2 = z * z;
    fprintf(sql,
            "CASE WHEN %s <= %d THEN (SELECT t FROM student_rows WHERE degrees = %s) ELSE %.17g + "
            "(%.17g + (%.17g + (%.17g + %.17g / %s) / %s) / %s) / %s END",
            n, VIEWS_STUDENT_ROWS, n, z, z * (z2 + 1) / 4, z * ((5 * z2 + 16) * z2 + 3) / 96,
            z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
            z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160, n, n, n, n);
}

/* Statistics of one number over the seeds, as columns. */
static void put_summary(struct view_writer *w, const struct trial_result *result) {
    static const struct {
        const char *suffix, *meaning;
    } all[] = {
        {"mean", "mean over the seeds that are done"},
        {"sd", "sample standard deviation over the seeds"},
        {"low", "lower end of the 95 % interval of the mean (Student)"},
        {"high", "upper end of the 95 % interval of the mean (Student)"},
        {"median", "median over the seeds that are done"},
    };
    const char *summary = result->summary;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char name[80], meaning[400];
        snprintf(name, sizeof name, "%s_%s", summary, all[i].suffix);
        snprintf(meaning, sizeof meaning, "%s: %s", result->help, all[i].meaning);
        if (i < 2)
            put_column(w, name, result->unit, meaning, "%s", name);
        else if (i < 4)
            put_column(w, name, result->unit, meaning, "%s_mean %c %s_half", summary,
                       i == 2 ? '-' : '+', summary);
        else
            put_column(w, name, result->unit, meaning,
                       "(SELECT avg(x) FROM (SELECT %s AS x, row_number() OVER (ORDER BY %s) AS "
                       "place FROM trial_rows t WHERE t.variant = v.variant AND t.state = 'done' "
                       "AND t.id > 0 AND %s IS NOT NULL) WHERE place IN ((v.%s_count + 1) / 2, "
                       "(v.%s_count + 2) / 2))",
                       result->name, result->name, result->name, summary, summary);
    }
}

/* Of regressions, whose losses have units of their own, the loss; NULL of classifiers, which have
 * accuracies. */
#define LOSS_OF_REGRESSION                                                                         \
    "CASE WHEN max(coalesce(val_accuracy_at_best_mean, test_accuracy_at_end_mean)) OVER "          \
    "(PARTITION BY dataset, dataset_arguments) IS NULL THEN loss || loss_arguments END AS "        \
    "loss_of_regression"

/* The knobs that say which rows validate: only variants with the same ones are ranked together. */
static void put_rank(FILE *sql) {
    static const char *const split[] = {"validation_split", "validation_from"};
    fputs("rank() OVER (PARTITION BY dataset, dataset_arguments, loss_of_regression", sql);
    for (size_t i = 0; i < sizeof split / sizeof *split; i++)
        if (knob_find(split[i]))
            fprintf(sql, ", %s", split[i]);
    fputs(" ORDER BY " VARIANT_RANKING ") AS rank", sql);
}

/* Half the width of the 95 % interval of each mean. */
static void put_half_widths(FILE *sql) {
    fputs(" FROM (SELECT *, " LOSS_OF_REGRESSION, sql);
    for (size_t i = 0; i < trial_result_count; i++) {
        const char *name = trial_results[i].summary;
        char degrees[80];
        if (!name)
            continue;
        snprintf(degrees, sizeof degrees, "(%s_count - 1)", name);
        fputs(", ", sql);
        put_quantile(sql, degrees);
        fprintf(sql, " * %s_sd / sqrt(%s_count) AS %s_half", name, name, name);
    }
}

/* Columns of trial_rows that are equal in all trials of a variant. */
static void put_shared(FILE *sql) {
    for (size_t i = 0; i < knob_count; i++)
        if (knobs[i].role == KNOB_OF_VARIANT) {
            fprintf(sql, ", %s", knobs[i].name);
            if (knob_has_arguments(&knobs[i]))
                fprintf(sql, ", %s_arguments", knobs[i].name);
        }
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_SIZE)
            fprintf(sql, ", %s", trial_results[i].name);
}

static void put_variants(struct view_writer *w) {
    begin_view(w, "variants");
    PUT_PLAIN(w, {"variant", NULL, variant_meaning});
    put_knobs(w, true);
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].source == RESULT_OF_SIZE)
            put_column(w, trial_results[i].name, trial_results[i].unit, trial_results[i].help, "%s",
                       trial_results[i].name);
    PUT_PLAIN(w, {"n", "trials", "that are done or diverged"},
              {"n_diverged", "trials", "that diverged; they are in no mean"});
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].summary)
            put_summary(w, &trial_results[i]);
    PUT_PLAIN(w, {"rank", NULL,
                  "among variants with the same data set and validation rows (of regressions the "
                  "same loss too): by mean validation accuracy at the best epoch, then validation "
                  "loss; without either after those, variants with divergence last; never by "
                  "test"});
    /* Behind the window function, so that only the medians that a query asks for are sought. */
    fputs(" FROM (SELECT *, ", w->sql);
    put_rank(w->sql);
    put_half_widths(w->sql);
    /* Of the first trial alone what all share: windows would copy it for each of them. */
    fputs(" FROM (SELECT s.*", w->sql);
    put_shared(w->sql);
    fputs(" FROM (SELECT variant, min(id) AS first, count(*) AS n, sum(state = 'diverged') AS "
          "n_diverged",
          w->sql);
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].summary)
            fprintf(w->sql, ", count(%s_x) AS %s_count", trial_results[i].summary,
                    trial_results[i].summary);
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].summary)
            put_moments(w->sql, trial_results[i].summary);
    fputs(" FROM (SELECT id, variant, state", w->sql);
    for (size_t i = 0; i < trial_result_count; i++) {
        char x[120];
        if (!trial_results[i].summary)
            continue;
        snprintf(x, sizeof x, "(CASE state WHEN 'done' THEN %s END)", trial_results[i].name);
        put_value(w->sql, trial_results[i].summary, x);
    }
    fputs(" FROM trial_rows WHERE +id > 0 AND state IN ('done', 'diverged') WINDOW seeds AS "
          "(PARTITION BY variant)) GROUP BY variant) s CROSS JOIN trial_rows ON id = first))) v;",
          w->sql);
}

/* The spread of one metric in one epoch: a look at its trials for each variant and epoch, so that a
 * query pays for the variants that it names alone. */
static void put_curve_sd(struct view_writer *w, const struct metric *metric, const char *meaning) {
    char name[80];
    snprintf(name, sizeof name, "%s_sd", metric->name);
    put_column(w, name, metric->unit, meaning,
               "CASE WHEN g.%s_count < 2 THEN NULL WHEN g.%s_min = g.%s_max THEN 0.0 ELSE (SELECT "
               "sqrt(sum((e.%s - g.%s_mean) * (e.%s - g.%s_mean)) / (g.%s_count - 1.0)) FROM "
               "trial_rows t JOIN epoch_rows e ON e.trial_id = t.id AND e.epoch = g.epoch WHERE "
               "t.variant = g.variant AND t.state IN ('done', 'diverged')) END",
               metric->name, metric->name, metric->name, metric->name, metric->name, metric->name,
               metric->name, metric->name);
}

/* Statistics of each metric over the seeds, epoch by epoch. */
static void put_curves(struct view_writer *w) {
    static const struct {
        const char *suffix, *meaning;
    } all[] = {{"mean", "mean over the seeds"},
               {"sd", "sample standard deviation over the seeds"},
               {"min", "least of the seeds"},
               {"max", "greatest of the seeds"}};
    begin_view(w, "curves");
    PUT_PLAIN(w, {"variant", NULL, variant_meaning}, {"epoch", NULL, "from 1"});
    put_column(w, "n", "trials", "that are done or diverged and got that far", "trials");
    for (size_t i = 0; i < metric_count; i++)
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
            char name[80], meaning[200];
            snprintf(name, sizeof name, "%s_%s", metrics[i].name, all[k].suffix);
            snprintf(meaning, sizeof meaning, "%s: %s", metrics[i].help, all[k].meaning);
            if (k == 1)
                put_curve_sd(w, &metrics[i], meaning);
            else
                put_column(w, name, metrics[i].unit, meaning, "%s", name);
        }
    fputs(" FROM (SELECT variant, epoch, count(*) AS trials", w->sql);
    for (size_t i = 0; i < metric_count; i++) {
        const char *name = metrics[i].name;
        fprintf(w->sql,
                ", count(e.%s) AS %s_count, avg(e.%s) AS %s_mean, min(e.%s) AS %s_min, max(e.%s) "
                "AS %s_max",
                name, name, name, name, name, name, name, name);
    }
    fputs(" FROM trial_rows t JOIN epoch_rows e ON e.trial_id = t.id WHERE t.state IN ('done', "
          "'diverged') GROUP BY variant, epoch) g;",
          w->sql);
}

/* Trials of two variants that differ in one axis, with the same seeds; a has the smaller value. */
static void put_pairs(struct view_writer *w) {
    begin_view(w, "pairs");
    put_column(w, "axis", NULL, "the one knob in which two variants differ", "x.axis");
    put_column(w, "a", NULL, "the variant with the smaller value", "x.variant");
    put_column(w, "b", NULL, "the other variant", "y.variant");
    put_column(w, "seed", NULL, "of both trials; their other seeds are equal, too", "s.seed");
    put_column(w, "metric", NULL, "what is compared; losses and accuracies at the best epoch",
               "m.column1");
    fputs(", CASE m.column1", w->sql);
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].paired)
            fprintf(w->sql, " WHEN '%s' THEN t.%s - s.%s", trial_results[i].paired,
                    trial_results[i].name, trial_results[i].name);
    /* Crossed, so that trials are looked up only once both variants are known. */
    fputs(" END AS difference FROM axis_rows x JOIN axis_rows y ON y.axis = x.axis AND y.rest = "
          "x.rest AND x.value < y.value CROSS JOIN trial_rows s ON s.variant = x.variant AND "
          "s.state = 'done' CROSS JOIN trial_rows t ON t.variant = y.variant AND t.state = 'done' "
          "AND t.seed = s.seed AND t.split_seed = s.split_seed AND t.init_seed = s.init_seed AND "
          "t.order_seed = s.order_seed CROSS JOIN (VALUES ",
          w->sql);
    const char *comma = "";
    for (size_t i = 0; i < trial_result_count; i++)
        if (trial_results[i].paired) {
            fprintf(w->sql, "%s('%s')", comma, trial_results[i].paired);
            comma = ", ";
        }
    fputs(") m;", w->sql);
    put_meaning(w, "difference", NULL, "b minus a, in the unit of the metric");
}

void views_create(FILE *sql) {
    struct stream meanings;
    struct view_writer w = {.sql = sql, .meanings = stream_open(&meanings)};
    put_trials(&w);
    put_members(&w);
    put_epochs(&w);
    put_tables(&w);
    put_variants(&w);
    put_curves(&w);
    put_pairs(&w);
    w.view = "columns";
    put_meaning(&w, "view", NULL, "a public view");
    put_meaning(&w, "column", NULL, "one of its columns");
    put_meaning(&w, "unit", NULL, "NULL: none");
    put_meaning(&w, "meaning", NULL, "what it says");
    stream_close(&meanings);
    fprintf(sql,
            "CREATE VIEW columns AS SELECT column1 AS \"view\", column2 AS \"column\", column3 AS "
            "unit, column4 AS meaning FROM (VALUES %s);",
            meanings.text);
    free(meanings.text);
}
