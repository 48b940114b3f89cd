/* `plot` as a user meets it: what stands in the figures' scripts, data and pictures. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "process.h"
#include "temporary.h"
#include "test.h"

enum { SECONDS = 60 };

static const char *const environment[] = {"MLPSWEEP_DB=small.db", "NO_COLOR=1", NULL};

/* Returns the exit status; what it said is in the files out and err. */
static int call(const char *folder, const char *command, const char *first, const char *second) {
    const char *words[] = {MLPSWEEP_BINARY, command, first, second, NULL};
    char out[300], err[300];
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(err, sizeof err, "%s/err", folder);
    unlink(out);
    unlink(err);
    const struct launch launch = {words, environment, folder, out, err};
    return process_run(&launch, SECONDS);
}

static void assert_call(const char *folder, const char *command, const char *first,
                        const char *second) {
    int status = call(folder, command, first, second);
    if (status != 0)
        fail_msg("mlpsweep %s: %d\n%s", command, status, fixture_content(folder, "err"));
}

/* Trains the experiment of this text, which follows the declared data sets, and draws it. */
static void draw(const char *folder, const char *name, const char *rest) {
    char text[2000], file[80];
    snprintf(text, sizeof text,
             "name: %s\n"
             "datasets:\n"
             "  points: {format: libsvm, train: points, test: points, features: 2}\n"
             "  values: {format: libsvm, train: values, test: values, features: 2, task: "
             "regression}\n"
             "%s",
             name, rest);
    snprintf(file, sizeof file, "%s.yaml", name);
    temporary_write_text(folder, file, text);
    assert_call(folder, "run", "--progress=none", file);
    assert_call(folder, "plot", "--format=svg", file);
}

static void assert_file_has(const char *folder, const char *file, const char *words) {
    const char *text = fixture_content(folder, file);
    if (!strstr(text, words))
        fail_msg("no \"%s\" in %s:\n%.3000s", words, file, text);
}

/* The texts of a script, one after another: lines under the title are wrapped. */
static void assert_texts_have(const char *folder, const char *file, const char *words) {
    static char texts[1 << 16];
    size_t length = 0;
    const char *at = fixture_content(folder, file);
    for (; (at = strstr(at, "set label '")); texts[length++] = ' ') {
        at += strlen("set label '");
        size_t size = (size_t)(strstr(at, "' at ") - at);
        assert_true(length + size + 2 < sizeof texts);
        memcpy(texts + length, at, size);
        length += size;
    }
    texts[length] = '\0';
    if (!strstr(texts, words))
        fail_msg("no \"%s\" in %s:\n%s", words, file, texts);
}

static void assert_file_lacks(const char *folder, const char *file, const char *words) {
    if (strstr(fixture_content(folder, file), words))
        fail_msg("\"%s\" in %s", words, file);
}

/* Changes the database as no command of the program would. */
static void change(const char *folder, const char *sql) {
    sqlite3 *database;
    assert_int_equal(sqlite3_open(temporary_path(folder, "small.db"), &database), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(database);
}

static void script_redraws_every_figure_without_the_database(void **state) {
    static const char *const names[] = {"curves",   "accuracy", "gap",       "waste", "axis",
                                        "capacity", "heatmap",  "confusion", "layers"};
    char command[600], picture[80];
    draw(*state, "small",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {optimizer: [adam, sgd], topology: [[3], [4, 2]]}\nrepeats: 2\n");
    unlink(temporary_path(*state, "small.db"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(picture, sizeof picture, "plots/small/%s.svg", names[i]);
        char *first = strdup(fixture_content(*state, picture));
        assert_int_equal(unlink(temporary_path(*state, picture)), 0);
        snprintf(command, sizeof command, "cd '%s/plots/small' && gnuplot %s.gp", (char *)*state,
                 names[i]);
        assert_int_equal(system(command), 0);
        assert_string_equal(fixture_content(*state, picture), first);
        free(first);
    }
}

static void loss_axis_names_the_loss_that_was_trained_with(void **state) {
    draw(*state, "classes", "base: {dataset: points, topology: [3], epochs: 3}\n");
    assert_file_has(*state, "plots/classes/curves.svg", "loss (cross entropy, nats)");
    assert_file_has(*state, "plots/classes/accuracy.svg", "accuracy (% of rows)");
    draw(*state, "numbers", "base: {dataset: values, topology: [3], epochs: 3}\n");
    assert_file_has(*state, "plots/numbers/curves.svg", "loss (mse, target units squared)");
    assert_file_lacks(*state, "plots/numbers/curves.svg", "entropy");
    draw(*state, "both",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {loss: [cross_entropy, mse]}\n");
    assert_file_has(*state, "plots/both/curves.svg", "own)");
}

static void epochs_are_whole_ticks(void **state) {
    draw(*state, "short", "base: {dataset: points, topology: [3], epochs: 2}\n");
    assert_file_has(*state, "plots/short/curves.gp", "set xtics norotate center ('1' 1, '2' 2)\n");
    assert_file_has(*state, "plots/short/gap.gp", "set xtics norotate center ('1' 1, '2' 2)\n");
}

static void caption_is_true_for_all_lines(void **state) {
    draw(*state, "uneven",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {optimizer: [adam, sgd]}\nrepeats: 6\n");
    assert_file_has(*state, "plots/uneven/gap.gp", "6 seeds; band: 95 % interval of the mean");
    change(*state, "UPDATE trial_rows SET state = 'failed' WHERE optimizer = 'sgd' AND seed > 3");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_texts_have(
        *state, "plots/uneven/gap.gp",
        "3 to 6 seeds; band: minimum to maximum below 6 seeds, else the 95 % interval of the "
        "mean; 9 of 12 trials done");
}

static void caption_says_why_a_variant_is_missing(void **state) {
    draw(*state, "partial",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {learning_rate: [0.1, 0.01, 0.001]}\n");
    change(*state, "UPDATE trial_rows SET state = 'planned' WHERE learning_rate = 0.01");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/partial/gap.gp", "1 variant has no finished trial yet");
    assert_file_has(*state, "plots/partial/curves.gp", "'not trained yet'");
}

static void label_is_what_varies_and_bare_where_that_is_clear(void **state) {
    draw(*state, "grid",
         "base: {dataset: points, epochs: 3}\n"
         "sweep: {topology: [[3, 2], [4, 3]], initializer: [he_normal, "
         "normal(stddev=0.2), normal(stddev=0.1)], learning_rate: [0.1, 0.01]}\n");
    assert_file_has(*state, "plots/grid/curves.tsv",
                    "# 3-2, normal(stddev=0.1), learning_rate=0.01\n");
    assert_file_has(*state, "plots/grid/curves.tsv", "# 4-3, he_normal, learning_rate=0.1\n");
}

static void grid_of_two_axes_stands_in_their_order(void **state) {
    draw(*state, "grid",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {batch_size: [32, 8], learning_rate: [0.1, 0.01, 0.001]}\n");
    const char *at = fixture_content(*state, "plots/grid/curves.tsv");
    static const char *const order[] = {
        "# batch_size=8, learning_rate=0.001\n", "# batch_size=8, learning_rate=0.01\n",
        "# batch_size=8, learning_rate=0.1\n",   "# batch_size=32, learning_rate=0.001\n",
        "# batch_size=32, learning_rate=0.01\n", "# batch_size=32, learning_rate=0.1\n",
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        if (!at)
            fail_msg("%s is not in its place", order[i]);
    }
}

static void learning_rate_that_follows_its_optimizer_is_no_axis(void **state) {
    draw(*state, "auto",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {optimizer: [adam, sgd]}\n");
    assert_file_has(*state, "plots/auto/curves.tsv", "# adam\n");
    assert_file_has(*state, "plots/auto/curves.tsv", "# sgd\n");
}

/* A regression has losses and no error. */
static void line_without_a_point_in_a_panel_has_no_name_there(void **state) {
    draw(*state, "both",
         "base: {topology: [3], epochs: 2}\n"
         "sweep: {dataset: [points, values], batch_size: [20, 30]}\n");
    size_t names[2] = {0, 0}; /* in the column of the batch sizes */
    for (const char *at = fixture_content(*state, "plots/both/axis.gp"); *at; at++) {
        names[0] += strncmp(at, "set label 'points' at", 21) == 0;
        names[1] += strncmp(at, "set label 'values' at", 21) == 0;
    }
    assert_int_equal(names[0], 2);
    assert_int_equal(names[1], 1);
}

static void curves_are_drawn_over_updates_and_seconds(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 3, batch_size: 24}\n");
    assert_call(*state, "plot", "--x=updates", "--format=svg");
    /* 72 training rows are 3 minibatches an epoch. */
    assert_file_has(*state, "plots/k/curves.tsv", "\n3\t1\t");
    assert_file_has(*state, "plots/k/curves.tsv", "\n9\t1\t");
    assert_file_has(*state, "plots/k/curves.svg", "updates (minibatches");
    assert_file_has(*state, "plots/k/gap.svg", "updates (minibatches");
    assert_file_has(*state, "plots/k/waste.svg", "updates (minibatches");
    assert_file_has(*state, "plots/k/waste.tsv", "\t9\t");
    assert_file_has(*state, "plots/k/layers.tsv", "# updates\tactivation_sd\tgradient_norm\n0\t");
    assert_file_has(*state, "plots/k/layers.tsv", "\n9\t");
    change(*state, "UPDATE epoch_rows SET epoch_seconds = 0.5 * epoch");
    assert_call(*state, "plot", "--x=seconds", "--format=svg");
    assert_file_has(*state, "plots/k/curves.tsv", "\n0.5\t1\t");
    assert_file_has(*state, "plots/k/curves.tsv", "\n3\t1\t");
    assert_file_has(*state, "plots/k/curves.svg", "training time (s");
}

static void x_of_a_figure_without_epochs_is_refused(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 2}\n");
    assert_int_equal(call(*state, "plot", "--x=updates", "--figure=curves,confusion"), 2);
    assert_file_has(*state, "err",
                    "--x updates: there are no epochs on an axis of confusion, only of curves, "
                    "accuracy, gap, waste, layers, stopping");
}

static void argument_that_varies_alone_is_an_axis_by_its_name(void **state) {
    draw(
        *state, "k",
        "base: {dataset: points, topology: [3], epochs: 2, optimizer: sgd}\n"
        "sweep: [{zip: {optimizer.momentum: [0, 0.5, 0.9], learning_rate: [0.1, 0.01, 0.001]}}]\n");
    assert_file_has(*state, "plots/k/curves.tsv", "# optimizer.momentum=0.5, learning_rate=0.01\n");
    assert_file_has(*state, "plots/k/axis.gp", "'optimizer.momentum'");
    assert_file_has(*state, "plots/k/axis.gp", "('0' 0, '0.5' 0.5, '0.9' 0.9)");
    assert_file_has(*state, "plots/k/axis.gp", "'learning_rate'");
}

static void each_data_set_has_its_best_variants_and_its_name(void **state) {
    static const char others[] = "1 1:1 2:1\n2 1:-1\n1 1:2 2:0.5\n2 1:-2 2:1\n1 1:3\n2 2:-1\n";
    char text[20 * sizeof others] = "";
    for (size_t i = 0; i < 20; i++)
        strcat(text, others);
    temporary_write_text(*state, "others", text);
    draw(*state, "k",
         "  more: {format: libsvm, train: others, test: others, features: 2}\n"
         "base: {topology: [3], epochs: 2}\n"
         "sweep: {dataset: [points, more], batch_size: [2, 3, 4, 5, 6, 7, 8, 9, 10, "
         "11, 12, 13, 14]}\n");
    size_t points = 0, more = 0;
    for (const char *at = fixture_content(*state, "plots/k/curves.tsv");
         (at = strstr(at, "\n# "));) {
        at += 3;
        points += strncmp(at, "points, batch_size=", 19) == 0;
        more += strncmp(at, "more, batch_size=", 17) == 0;
    }
    assert_true(points + more >= 11); /* the first label stands before any line's end */
    assert_true(points >= 5 && more >= 5);
}

static void test_curve_is_drawn_where_it_was_measured(void **state) {
    draw(*state, "tested", "base: {dataset: points, topology: [3], epochs: 6, test_every: 2}\n");
    assert_file_has(*state, "plots/tested/curves.svg", ">test<");
    assert_file_has(*state, "plots/tested/curves.tsv", ", epochs with a test\n");
    draw(*state, "untested", "base: {dataset: points, topology: [4], epochs: 6}\n");
    assert_file_lacks(*state, "plots/untested/curves.svg", ">test<");
}

static void without_validation_rows_no_figure_names_validation(void **state) {
    draw(*state, "alone",
         "base: {dataset: points, topology: [3], epochs: 3, validation_split: 0}\n"
         "sweep: {optimizer: [adam, sgd]}\n");
    assert_file_lacks(*state, "plots/alone/curves.svg", "validation");
    assert_file_lacks(*state, "plots/alone/accuracy.svg", "validation");
    assert_file_lacks(*state, "plots/alone/axis.svg", "validation");
    assert_file_has(*state, "plots/alone/axis.svg", "at the last epoch");
    assert_false(temporary_exists(*state, "plots/alone/gap.svg"));
    assert_false(temporary_exists(*state, "plots/alone/waste.svg"));
}

static void mean_is_dashed_where_seeds_have_ended(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 4}\nrepeats: 2\n");
    assert_file_lacks(*state, "plots/k/curves.gp", "dashtype 2");
    change(*state, "DELETE FROM epoch_rows WHERE epoch > 2 AND trial_id = (SELECT min(id) FROM "
                   "trial_rows); UPDATE trial_rows SET epochs_done = 2 WHERE id = (SELECT min(id) "
                   "FROM trial_rows)");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/curves.gp", "dashed where not all seeds are left");
    assert_file_has(*state, "plots/k/curves.gp", "using 1:3 with lines lw 1 dashtype 2");
    assert_file_has(*state, "plots/k/curves.gp", "($2 == 2 ? $3 : NaN)");
    assert_file_has(*state, "plots/k/gap.gp", "dashtype 2");
}

static void panel_of_a_variant_that_diverged_at_once_says_so(void **state) {
    draw(*state, "wild",
         "base: {dataset: values, topology: [3], epochs: 3, optimizer: sgd}\n"
         "sweep: {learning_rate: [0.01, 100000]}\n");
    assert_file_has(*state, "plots/wild/curves.svg", "1 of 1 seed diverged");
    assert_file_has(*state, "plots/wild/curves.gp", "'diverged'");
    assert_file_has(*state, "plots/wild/waste.gp", "'1 of 1 seed diverged'");
    assert_file_has(*state, "plots/wild/gap.gp", "; 1 variant diverged at once");
}

static void band_that_reaches_zero_is_cut_at_the_frame(void **state) {
    draw(*state, "wide", "base: {dataset: points, topology: [3], epochs: 3}\nrepeats: 6\n");
    change(*state, "UPDATE epoch_rows SET probe_loss = probe_loss / 1000 WHERE trial_id % 3");
    assert_call(*state, "plot", "--format=svg", NULL);
    /* The low end of the band is below 0 in the data, and above it where it is drawn. */
    char probe[30];
    const char *row = strstr(fixture_content(*state, "plots/wide/curves.tsv"), "\n1\t6\t");
    assert_non_null(row);
    assert_int_equal(sscanf(row, "\n1\t6\t%*s\t%*s\t%*s\t%*s\t%29s", probe), 1);
    assert_true(atof(probe) < 0);
    assert_file_has(*state, "plots/wide/curves.gp",
                    "using 1:(band($7)):(band($8)) with filledcurves");
}

static void axis_has_no_numbers_where_all_has_diverged(void **state) {
    draw(*state, "wild",
         "base: {dataset: noisy_sine, topology: [16, 16], epochs: 3, optimizer: sgd, "
         "learning_rate: 1000}\n");
    assert_file_has(*state, "plots/wild/curves.gp", "'diverged'");
    assert_file_has(*state, "plots/wild/curves.gp", "unset ytics");
}

static void bar_that_reaches_zero_is_cut_at_the_frame(void **state) {
    draw(*state, "wide",
         "base: {dataset: points, epochs: 2}\nsweep: {topology: [[3], [9]]}\nrepeats: 6\n");
    change(*state, "UPDATE trial_rows SET test_loss_at_best = iif(seed = 1, 1, 0.001)");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/wide/axis.gp",
                    "1:(cut($3)):(0):(cut($4) - cut($3)) with vectors");
    assert_file_has(*state, "plots/wide/capacity.gp",
                    "1:(cut($18)):(0):(cut($19) - cut($18)) with vectors");
}

static void first_epoch_outside_the_frame_is_told(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 8}\n");
    change(*state, "UPDATE epoch_rows SET val_loss = probe_loss + iif(epoch = 1, 9, 0.01 * epoch)");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/gap.gp", "; some epochs lie outside the frame");
}

static void bars_of_a_single_epoch_stand_side_by_side(void **state) {
    draw(*state, "k",
         "base: {dataset: points, epochs: 1}\nsweep: {topology: [[3], [9]]}\nrepeats: 2\n");
    assert_file_has(*state, "plots/k/curves.gp", "using ($1 + -0.06):(cut($4))");
    assert_file_has(*state, "plots/k/curves.gp", "using ($1 + 0.02):(cut($10))");
    assert_file_has(*state, "plots/k/gap.gp", "using ($1 + -0.015):(cut($4))");
    assert_file_has(*state, "plots/k/gap.gp", "using ($1 + 0.015):(cut($4))");
}

static void axis_figure_has_a_dot_a_seed_and_its_mean(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {batch_size: [8, 32]}\nrepeats: 3\n");
    change(*state, "UPDATE trial_rows SET test_accuracy_at_best = 0.9 + 0.02 * seed - 0.3 * "
                   "(batch_size = 8)");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/axis.tsv", "8\t36\t34\t38\t3\t0\n32\t6\t4\t8\t3\t0\n");
    assert_file_has(*state, "plots/k/axis.tsv", "\n8\t34\t3\t0\n");
    assert_file_has(*state, "plots/k/axis.svg", "test error (% of rows)");
    assert_file_has(*state, "plots/k/axis.svg", "batch_size (rows)");
}

static void axis_figure_of_many_lines_says_what_a_line_is(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 1}\n"
         "sweep: {batch_size: 'range(8, 40, 4)', learning_rate: 'linspace(0.01, 0.09, 9)'}\n");
    assert_texts_have(*state, "plots/k/axis.gp",
                      "line: the mean for one combination of the other knobs");
}

static size_t count_in(const char *folder, const char *file, const char *words) {
    size_t count = 0;
    for (const char *at = fixture_content(folder, file); (at = strstr(at, words)); at++)
        count++;
    return count;
}

static void heatmap_has_a_panel_for_each_value_of_further_axes(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 2}\n"
         "sweep: {batch_size: [8, 16, 32], learning_rate: [0.1, 0.01, 0.001], optimizer: [adam, "
         "sgd]}\n");
    change(*state, "UPDATE epoch_rows SET val_accuracy = (SELECT CASE optimizer WHEN 'sgd' THEN "
                   "0.25 ELSE 0.75 END FROM trial_rows WHERE id = trial_id)");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/heatmap.tsv", "# adam\n");
    assert_file_has(*state, "plots/k/heatmap.tsv", "# sgd\n");
    assert_int_equal(count_in(*state, "plots/k/heatmap.tsv", "\t75.0\t1\n"), 9);
    assert_int_equal(count_in(*state, "plots/k/heatmap.tsv", "\t25.0\t1\n"), 9);
}

static void heatmap_tells_near_cells_apart_and_colours_all(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 2}\n"
         "sweep: {batch_size: [8, 16], optimizer: [adam, sgd]}\n");
    change(*state, "UPDATE epoch_rows SET val_accuracy = (SELECT CASE WHEN optimizer = 'adam' THEN "
                   "0.9640 + 0.0001 * (batch_size = 8) WHEN batch_size = 8 THEN 0.96417 ELSE 0.96 "
                   "END FROM trial_rows WHERE id = trial_id)");
    assert_call(*state, "plot", "--format=svg", NULL);
    static const char *const cells[] = {"96.410", "96.400", "96.417", "96.000"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_file_has(*state, "plots/k/heatmap.tsv", cells[i]);
    const char *range = strstr(fixture_content(*state, "plots/k/heatmap.gp"), "cbrange [");
    double low, high;
    assert_non_null(range);
    assert_int_equal(sscanf(range, "cbrange [%lf:%lf]", &low, &high), 2);
    assert_true(low < 96 && high > 96.417);
}

static void one_axis_has_no_heatmap_and_one_size_no_capacity(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 2}\n"
         "sweep: {batch_size: [8, 32]}\n");
    assert_false(temporary_exists(*state, "plots/k/heatmap.svg"));
    assert_false(temporary_exists(*state, "plots/k/capacity.svg"));
}

static void capacity_names_the_smallest_net_that_fits_its_training_rows(void **state) {
    draw(*state, "k",
         "base: {dataset: points, epochs: 2}\n"
         "sweep: {topology: [[2], [4], [8]]}\n");
    change(*state, "UPDATE epoch_rows SET probe_accuracy = (SELECT CASE topology WHEN '2' THEN "
                   "0.98 ELSE 0.99 END FROM trial_rows WHERE id = trial_id)");
    assert_call(*state, "plot", "--format=svg", NULL);
    /* 2 inputs, 4 units, 2 classes: 2 * 4 + 4 + 4 * 2 + 2 */
    assert_file_has(*state, "plots/k/capacity.gp", "22 parameters (adam, 2 epochs)");
    change(*state, "UPDATE epoch_rows SET probe_accuracy = 0.98");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_lacks(*state, "plots/k/capacity.gp", "dotted");
}

static void confusion_is_that_of_the_leader_in_percent_of_each_class(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 2}\nrepeats: 2\n");
    change(*state,
           "DELETE FROM confusion_rows; INSERT INTO confusion_rows SELECT id, 0, 0, 30 FROM "
           "trial_rows; INSERT INTO confusion_rows SELECT id, 0, 1, 10 FROM trial_rows; "
           "INSERT INTO confusion_rows SELECT id, 1, 1, 40 FROM trial_rows");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/confusion.tsv", "1\t0\t25\t25\t20\n");
    assert_file_has(*state, "plots/k/confusion.tsv", "0\t0\t75\t75\t60\n");
    assert_file_has(*state, "plots/k/confusion.tsv", "1\t1\t100\t100\t80\n");
}

static void percent_signs_in_names_of_classes_are_no_formats(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 2}\n");
    change(*state, "DELETE FROM confusion_rows; INSERT INTO confusion_rows SELECT id, '%d 5 % s', "
                   "'100%', 1 FROM trial_rows");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/confusion.svg", "%d 5 % s");
    assert_file_has(*state, "plots/k/confusion.svg", "100%<");
}

static void classes_that_are_texts_are_named(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 2}\n");
    change(*state,
           "DELETE FROM confusion_rows; INSERT INTO confusion_rows SELECT id, 'it''s a cat', "
           "'dog', 1 FROM trial_rows; INSERT INTO confusion_rows SELECT id, 'dog', 'dog', 3 "
           "FROM trial_rows");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/confusion.svg", "it's a cat");
    assert_file_has(*state, "plots/k/confusion.tsv", "0\t1\t100\t100\t1\n");
    assert_file_has(*state, "plots/k/confusion.tsv", "0\t0\t100\t100\t3\n");
}

static void layers_are_drawn_from_before_training_on(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3, 4], epochs: 2}\n");
    assert_file_has(*state, "plots/k/layers.tsv", ", layer 3\n");
    assert_file_has(*state, "plots/k/layers.svg", "output, before the softmax");
    assert_file_has(*state, "plots/k/layers.gp", "set xtics norotate center ('0' 0, '1' 1, '2' 2)");
}

/* Of one panel's lines no two have the same colour and the same point. */
static void layers_beyond_the_colours_have_points_of_their_own(void **state) {
    struct {
        int point;
        char colour[8];
    } lines[12];
    size_t count = 0;
    draw(*state, "k", "base: {dataset: points, topology: 3x11, epochs: 2}\n");
    const char *at = strstr(fixture_content(*state, "plots/k/layers.gp"), "  plot 'layers.tsv'");
    assert_non_null(at);
    const char *end = strchr(at, '\n');
    for (; (at = strstr(at, " pt ")) && at < end; at++) {
        assert_true(count < 12);
        assert_int_equal(sscanf(at, " pt %d", &lines[count].point), 1);
        assert_int_equal(sscanf(strstr(at, "rgb '#"), "rgb '%7s", lines[count].colour), 1);
        for (size_t i = 0; i < count; i++)
            assert_true(lines[i].point != lines[count].point ||
                        strcmp(lines[i].colour, lines[count].colour) != 0);
        count++;
    }
    assert_int_equal(count, 12);
}

/* Pixels from the top to the middle of the highest text that begins with these words. */
static double height_of_text(const char *folder, const char *file, const char *words) {
    double x, y, highest = 1e9;
    char label[80];
    snprintf(label, sizeof label, "set label '%s", words);
    for (const char *at = fixture_content(folder, file); (at = strstr(at, label));) {
        at = strstr(at, "' at ");
        assert_int_equal(sscanf(at, "' at screen %lf/W, screen 1-%lf/H", &x, &y), 2);
        highest = y < highest ? y : highest;
    }
    assert_true(highest < 1e9);
    return highest;
}

static void heads_of_heatmaps_stand_below_the_caption(void **state) {
    draw(*state, "k",
         "base: {dataset: points, epochs: 2}\n"
         "sweep: {topology: [[3], [4]], batch_size: [8, 16], normalization: [none, batch], "
         "initializer: [he_normal, 'normal(stddev=0.25)'], l2: [0, 0.0005]}\n");
    double caption = height_of_text(*state, "plots/k/heatmap.gp", "points;");
    double first = height_of_text(*state, "plots/k/heatmap.gp", "normalization=none,");
    assert_true(first >= caption + 15);
}

static void best_epoch_is_called_a_median_where_seeds_differ(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 4}\nrepeats: 3\n");
    change(*state, "UPDATE trial_rows SET best_epoch = seed");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_texts_have(*state, "plots/k/curves.gp", "at epoch 2 (median; 1 to 3)");
    change(*state, "UPDATE trial_rows SET best_epoch = 2");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/curves.gp", "at epoch 2'");
}

static void many_tests_have_some_points(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 100, test_every: 1}\n");
    assert_file_has(*state, "plots/k/curves.gp", "with linespoints pt 8 ps 0.6 pi 3 ");
    draw(*state, "few", "base: {dataset: points, topology: [4], epochs: 100, test_every: 10}\n");
    assert_file_has(*state, "plots/few/curves.gp", "with linespoints pt 8 ps 0.6 pi 1 ");
}

static void stopping_weighs_epochs_saved_against_accuracy(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 2}\nrepeats: 2\n");
    change(
        *state,
        "UPDATE stopping_rows SET stop_epoch = NULL, epochs_saved = 0, accuracy_change = 0, "
        "accuracy_metric = 'test_accuracy'; UPDATE stopping_rows SET stop_epoch = 5, "
        "epochs_saved = 4, accuracy_change = -0.02 WHERE criterion = 'gl(alpha=2)' AND trial_id = "
        "(SELECT min(id) FROM trial_rows)");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/stopping.tsv", "\n0\t2\t");
    assert_file_has(*state, "plots/k/stopping.tsv", "\t-1\t");
    assert_file_has(*state, "plots/k/stopping.svg", "gl(alpha=2) (1 of 2)");
    assert_file_has(*state, "plots/k/stopping.svg", "percentage points");
    change(*state,
           "UPDATE stopping_rows SET seconds_saved = 6 WHERE stop_epoch; UPDATE epoch_rows SET "
           "updates = 10 * epoch; UPDATE stopping_rows SET stop_epoch = 1 WHERE stop_epoch; "
           "UPDATE trial_rows SET updates = 20");
    assert_call(*state, "plot", "--x=seconds", "--format=svg");
    assert_file_has(*state, "plots/k/stopping.tsv", "\n0\t3\t");
    assert_file_has(*state, "plots/k/stopping.svg", "training time saved (s)");
    assert_call(*state, "plot", "--x=updates", "--format=svg");
    assert_file_has(*state, "plots/k/stopping.tsv", "\n0\t5\t");
    assert_file_has(*state, "plots/k/stopping.svg", "updates saved (minibatches)");
}

static void stopping_has_a_panel_a_variant(void **state) {
    draw(*state, "k",
         "base: {dataset: points, epochs: 2}\nsweep: {topology: [[3], [9]]}\nrepeats: 2\n");
    change(*state,
           "UPDATE stopping_rows SET stop_epoch = NULL, epochs_saved = 0, accuracy_change = 0, "
           "accuracy_metric = 'test_accuracy'; UPDATE stopping_rows SET stop_epoch = 1, "
           "epochs_saved = 1, accuracy_change = -0.02 WHERE criterion = 'gl(alpha=2)' AND trial_id "
           "IN (SELECT id FROM trial_rows WHERE topology = '9')");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/stopping.gp", "'nothing stops'");
    assert_file_has(*state, "plots/k/stopping.gp", "'topology=9'");
    assert_file_has(*state, "plots/k/stopping.tsv",
                    "\n0\t1\t1\t1\t-2\t-2\t-2\t2\t2\tgl(alpha=2)\n");
    assert_texts_have(*state, "plots/k/stopping.gp",
                      "criteria that stop no seed: gl(alpha=1), gl(alpha=5),");
}

static void own_figures_draw_any_column_of_the_views(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 4}\n"
         "sweep: {optimizer: [adam, sgd]}\nrepeats: 2\n"
         "figures:\n"
         "  - {x: epoch, y: weight_norm, by: optimizer, where: epoch > 2}\n"
         "  - {name: layers-at-start, x: layer, y: activation_sd, where: epoch = 0}\n"
         "  - {name: by-variant, x: seed, y: test_loss_at_best, by: variant}\n"
         "  - {name: words, x: optimizer, y: test_loss_at_best, by: seed}\n");
    change(*state, "UPDATE epoch_rows SET weight_norm = epoch + trial_id % 2");
    assert_call(*state, "plot", "--format=svg", "k");
    assert_file_has(*state, "plots/k/own-1.tsv", "# adam\n");
    assert_file_has(*state, "plots/k/own-1.tsv", "NaN\tNaN\tNaN\tNaN\t0\n3\t3.5\t3\t4\t2\n");
    assert_file_has(*state, "plots/k/own-1.svg", "optimizer=sgd");
    assert_file_has(*state, "plots/k/own-1.svg", "k: weight_norm by epoch");
    assert_file_has(*state, "plots/k/own-1.svg", "where epoch > 2");
    assert_true(temporary_exists(*state, "plots/k/layers-at-start.svg"));
    assert_file_has(*state, "plots/k/by-variant.tsv", "# sgd\n");
    assert_file_has(*state, "plots/k/words.gp", "'words.tsv' index 1 using ($1 + -0.04):2");
    assert_file_has(*state, "plots/k/words.gp", "'words.tsv' index 3 using ($1 + 0.04):2");
}

static void own_figure_that_cannot_be_drawn_keeps_no_other_from_it(void **state) {
    static const char *const bad[] = {"{x: epochx, y: lr}", "{x: epoch, y: lr, where: 'epoch >>'}",
                                      "{name: gap, x: epoch, y: lr}",
                                      "{x: epoch, y: lr, where: '1) UNION SELECT 1, 2, (3'}"};
    static const char *const messages[] = {
        "figure own-1: no view has a column 'epochx' (see docs/database.md)",
        "figure own-1: SQL: ", "figure gap: there is one of this name already",
        "figure own-1: SQL: "};
    char text[300];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text,
                 "name: k\ndatasets:\n"
                 "  points: {format: libsvm, train: points, test: points, features: 2}\n"
                 "base: {dataset: points, topology: [3], epochs: 2}\nfigures: [%s]\n",
                 bad[i]);
        temporary_write_text(*state, "k.yaml", text);
        assert_call(*state, "run", "--progress=none", "k.yaml");
        assert_int_equal(call(*state, "plot", "--format=svg", "k.yaml"), 1);
        assert_file_has(*state, "err", messages[i]);
        assert_true(temporary_exists(*state, "plots/k/curves.svg"));
    }
}

static void figure_is_drawn_in_characters_where_it_is_asked_for(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {optimizer: [adam, sgd]}\n");
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s/plots'", (char *)*state);
    assert_int_equal(system(command), 0);
    assert_call(*state, "plot", "--term", "--figure=gap,waste");
    assert_file_has(*state, "out", "k: generalization gap by epoch");
    assert_file_has(*state, "out", "k: best epoch against epochs run");
    assert_file_lacks(*state, "out", "loss by epoch");
    assert_file_lacks(*state, "out", "\x1b");
    assert_false(temporary_exists(*state, "plots"));
    size_t column = 0;
    for (const char *at = fixture_content(*state, "out"); *at; at++) {
        column = *at == '\n' ? 0 : column + 1;
        assert_true(column <= 80);
    }
}

static void figure_of_no_such_name_is_refused(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 2}\n");
    assert_int_equal(call(*state, "plot", "--figure=gap,curve", NULL), 2);
    assert_file_has(*state, "err", "--figure: 'curve' is none of curves,accuracy,gap,");
}

static void experiment_whose_trials_are_not_done_is_told(void **state) {
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 3}\n");
    change(*state, "UPDATE trial_rows SET state = 'planned'");
    assert_int_equal(call(*state, "plot", "k.yaml", NULL), 1);
    assert_string_equal(fixture_content(*state, "err"),
                        "mlpsweep: error: k: no trial is done yet\n");
}

static void name_in_a_database_leads_out_of_no_folder(void **state) {
    static const char *const names[] = {"../../x", "/tmp/x", "a/b", "..", "", "a\x1b[31mb"};
    char sql[200];
    draw(*state, "k", "base: {dataset: points, topology: [3], epochs: 3}\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(sql, sizeof sql, "UPDATE member_rows SET experiment = '%s'", names[i]);
        change(*state, sql);
        assert_int_equal(call(*state, "plot", "--output=figures", NULL), 1);
        assert_file_has(*state, "err", "name");
        assert_file_lacks(*state, "err", "\x1b");
        assert_false(temporary_exists(*state, "x"));
        assert_false(temporary_exists(*state, "figures"));
    }
}

static void control_characters_reach_no_figure(void **state) {
    draw(*state, "k",
         "base: {dataset: points, topology: [3], epochs: 3}\n"
         "sweep: {optimizer: [adam, sgd]}\n");
    change(*state, "UPDATE trial_rows SET optimizer = 'a' || char(27) || char(10) || char(9) || "
                   "char(155) || '<b>' WHERE optimizer = 'sgd'");
    assert_call(*state, "plot", "--format=svg", NULL);
    assert_file_has(*state, "plots/k/curves.svg", "a?  ?&lt;b>");
    assert_file_has(*state, "plots/k/curves.tsv", "# a?  ?<b>\n");
    assert_file_lacks(*state, "plots/k/curves.svg", "\x1b");
    assert_file_lacks(*state, "plots/k/curves.svg", "\xc2\x9b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(script_redraws_every_figure_without_the_database),
        FIXTURE_TEST(loss_axis_names_the_loss_that_was_trained_with),
        FIXTURE_TEST(epochs_are_whole_ticks),
        FIXTURE_TEST(caption_is_true_for_all_lines),
        FIXTURE_TEST(caption_says_why_a_variant_is_missing),
        FIXTURE_TEST(label_is_what_varies_and_bare_where_that_is_clear),
        FIXTURE_TEST(grid_of_two_axes_stands_in_their_order),
        FIXTURE_TEST(learning_rate_that_follows_its_optimizer_is_no_axis),
        FIXTURE_TEST(line_without_a_point_in_a_panel_has_no_name_there),
        FIXTURE_TEST(curves_are_drawn_over_updates_and_seconds),
        FIXTURE_TEST(x_of_a_figure_without_epochs_is_refused),
        FIXTURE_TEST(argument_that_varies_alone_is_an_axis_by_its_name),
        FIXTURE_TEST(each_data_set_has_its_best_variants_and_its_name),
        FIXTURE_TEST(test_curve_is_drawn_where_it_was_measured),
        FIXTURE_TEST(without_validation_rows_no_figure_names_validation),
        FIXTURE_TEST(mean_is_dashed_where_seeds_have_ended),
        FIXTURE_TEST(panel_of_a_variant_that_diverged_at_once_says_so),
        FIXTURE_TEST(band_that_reaches_zero_is_cut_at_the_frame),
        FIXTURE_TEST(axis_has_no_numbers_where_all_has_diverged),
        FIXTURE_TEST(bar_that_reaches_zero_is_cut_at_the_frame),
        FIXTURE_TEST(first_epoch_outside_the_frame_is_told),
        FIXTURE_TEST(bars_of_a_single_epoch_stand_side_by_side),
        FIXTURE_TEST(axis_figure_has_a_dot_a_seed_and_its_mean),
        FIXTURE_TEST(axis_figure_of_many_lines_says_what_a_line_is),
        FIXTURE_TEST(heatmap_has_a_panel_for_each_value_of_further_axes),
        FIXTURE_TEST(heatmap_tells_near_cells_apart_and_colours_all),
        FIXTURE_TEST(one_axis_has_no_heatmap_and_one_size_no_capacity),
        FIXTURE_TEST(capacity_names_the_smallest_net_that_fits_its_training_rows),
        FIXTURE_TEST(confusion_is_that_of_the_leader_in_percent_of_each_class),
        FIXTURE_TEST(percent_signs_in_names_of_classes_are_no_formats),
        FIXTURE_TEST(classes_that_are_texts_are_named),
        FIXTURE_TEST(layers_are_drawn_from_before_training_on),
        FIXTURE_TEST(layers_beyond_the_colours_have_points_of_their_own),
        FIXTURE_TEST(heads_of_heatmaps_stand_below_the_caption),
        FIXTURE_TEST(best_epoch_is_called_a_median_where_seeds_differ),
        FIXTURE_TEST(many_tests_have_some_points),
        FIXTURE_TEST(stopping_weighs_epochs_saved_against_accuracy),
        FIXTURE_TEST(stopping_has_a_panel_a_variant),
        FIXTURE_TEST(own_figures_draw_any_column_of_the_views),
        FIXTURE_TEST(own_figure_that_cannot_be_drawn_keeps_no_other_from_it),
        FIXTURE_TEST(figure_is_drawn_in_characters_where_it_is_asked_for),
        FIXTURE_TEST(figure_of_no_such_name_is_refused),
        FIXTURE_TEST(experiment_whose_trials_are_not_done_is_told),
        FIXTURE_TEST(name_in_a_database_leads_out_of_no_folder),
        FIXTURE_TEST(control_characters_reach_no_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
