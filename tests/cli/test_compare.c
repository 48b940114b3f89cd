/* `compare` as a user meets it: how variants, trials and baselines are named, and what is said of
 * them. The statistics: tests/base/test_statistics.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "process.h"
#include "temporary.h"
#include "test.h"

enum { SECONDS = 120 };

static int status_of(const char *folder, const char *first, const char *second) {
    const char *environment[] = {"MLPSWEEP_DB=it.db", "NO_COLOR=1", NULL};
    const char *arguments[] = {MLPSWEEP_BINARY, "compare", first, second, NULL};
    char err[300];
    snprintf(err, sizeof err, "%s/err", folder);
    unlink(err);
    const struct launch launch = {arguments, environment, folder, NULL, err};
    return process_run(&launch, SECONDS);
}

/* Two variants of six seeds. */
static void train_two(const char *folder) {
    fixture_summary(folder, "base: {dataset: points, epochs: 3}\n"
                            "sweep: {topology: [[3, 2], [30, 20]]}\nrepeats: 6\n");
}

static void two_variants_are_found_by_label_id_and_settings(void **state) {
    train_two(*state);
    static char by_label[1 << 16];
    snprintf(by_label, sizeof by_label, "%s", CALL(*state, "it.db", "compare", "3-2", "30-20"));
    assert_in(by_label, "topology  3-2  30-20");
    assert_in(by_label, "val_accuracy");
    assert_in(by_label, "B - A by seed");
    assert_in(by_label, "     6  ");
    assert_in(by_label, "30-20");
    const char *same =
        CALL(*state, "it.db", "compare", "topology=[3,2]", "topology=30-20,optimizer=adam");
    assert_string_equal(strstr(same, "\n\n"), strstr(by_label, "\n\n"));
    char a[17], b[17];
    snprintf(
        a, sizeof a, "%.16s",
        strchr(CALL(*state, "it.db", "sql", "SELECT variant FROM variants WHERE topology = '3-2'"),
               '\n') +
            1);
    snprintf(b, sizeof b, "%.8s",
             strchr(CALL(*state, "it.db", "sql",
                         "SELECT variant FROM variants WHERE topology = '30-20'"),
                    '\n') +
                 1);
    same = CALL(*state, "it.db", "compare", a, b);
    assert_string_equal(strstr(same, "\n\n"), strstr(by_label, "\n\n"));
}

static void two_trials_are_compared_by_their_test_rows(void **state) {
    train_two(*state);
    char ids[2][17];
    for (int i = 0; i < 2; i++)
        snprintf(ids[i], sizeof ids[i], "%.16s",
                 strchr(CALL(*state, "it.db", "sql",
                             i ? "SELECT trial FROM trials WHERE topology = '30-20' AND seed = 2"
                               : "SELECT trial FROM trials WHERE topology = '3-2' AND seed = 1"),
                        '\n') +
                     1);
    const char *text = CALL(*state, "it.db", "compare", ids[0], ids[1]);
    assert_in(text, "topology    3-2  30-20");
    assert_in(text, "seed");
    assert_in(text, "test_accuracy_at_best");
    assert_in(text, "by their 80 test rows");
}

/* Images of 2 x 2 pixels whose class is the brightest one's place. */
static void write_images(const char *folder, const char *part, unsigned char rows) {
    unsigned char images[16 + 4 * 255] = {0, 0, 8, 3, 0, 0, 0, rows, 0, 0, 0, 2, 0, 0, 0, 2};
    unsigned char labels[8 + 255] = {0, 0, 8, 1, 0, 0, 0, rows};
    char name[80];
    for (unsigned i = 0; i < rows; i++) {
        unsigned class = i * 7 % 4;
        for (unsigned k = 0; k < 4; k++)
            images[16 + 4 * i + k] =
                (unsigned char)((i * 53 + k * 97) % 150 + (k == class ? 90 : 0));
        labels[8 + i] = (unsigned char)class;
    }
    snprintf(name, sizeof name, "data/mnist/%s-images-idx3-ubyte", part);
    temporary_write(folder, name, images, 16 + 4 * (size_t)rows);
    snprintf(name, sizeof name, "data/mnist/%s-labels-idx1-ubyte", part);
    temporary_write(folder, name, labels, 8 + (size_t)rows);
}

/* Of a built-in data set the answers row by row are there. */
static void two_trials_on_built_in_data_are_compared_row_by_row(void **state) {
    mkdir(temporary_path(*state, "data"), 0777);
    mkdir(temporary_path(*state, "data/mnist"), 0777);
    write_images(*state, "train", 200);
    write_images(*state, "t10k", 100);
    static const char text[] = "base: {dataset: mnist, epochs: 20, topology: [3]}\nrepeats: 2\n";
    temporary_write_text(*state, "it.yaml", text);
    CALL(*state, "it.db", "run", "--progress=none", "it.yaml");
    char ids[2][17];
    double right[2];
    for (int i = 0; i < 2; i++) {
        const char *row = strchr(CALL(*state, "it.db", "sql", "--format=csv",
                                      i ? "SELECT trial, 100 * test_accuracy_at_best FROM trials "
                                          "WHERE seed = 2"
                                        : "SELECT trial, 100 * test_accuracy_at_best FROM trials "
                                          "WHERE seed = 1"),
                                 '\n') +
                          1;
        snprintf(ids[i], sizeof ids[i], "%.16s", row);
        right[i] = strtod(row + 17, NULL);
    }
    const char *said = strstr(CALL(*state, "it.db", "compare", ids[0], ids[1]), "A alone has");
    assert_non_null(said);
    char *rest;
    long only_a = strtol(said + strlen("A alone has"), &rest, 10);
    long only_b = strtol(rest + strcspn(rest, "0123456789"), NULL, 10);
    assert_int_equal(only_b - only_a, lround(right[1] - right[0]));
}

static void experiment_is_compared_with_its_leader(void **state) {
    train_two(*state);
    const char *text = CALL(*state, "it.db", "compare", "it.yaml");
    assert_in(text, "it (points), A: ");
    assert_in(text, "p (Holm)");
    text = CALL(*state, "it.db", "compare", "it.yaml", "--format=csv");
    assert_in(text, "number,a,b,pairs,a_mean,b_mean,difference,low,high,r,welch_low,welch_high,p,");
}

static void baseline_is_that_of_the_file_as_it_is_now(void **state) {
    train_two(*state);
    const char *text = fixture_content(*state, "it.yaml");
    char edited[2000];
    for (int i = 0; i < 2; i++) {
        int length = snprintf(edited, sizeof edited, "%sbaseline: {topology: %s}\n", text,
                              i ? "[30, 20]" : "[3, 2]");
        temporary_write(*state, i ? "wide.yaml" : "narrow.yaml", edited, (size_t)length);
    }
    assert_in(CALL(*state, "it.db", "compare", "narrow.yaml"), "A: 3-2,");
    assert_in(CALL(*state, "it.db", "compare", "wide.yaml"), "A: 30-20,");
    assert_in(CALL(*state, "it.db", "summary", "narrow.yaml"), "Against 3-2:");
    assert_in(CALL(*state, "it.db", "summary", "wide.yaml"), "Against 30-20:");
}

/* Whichever leads: a choice without parentheses is the one with its defaults, where there is one.
 */
static void baseline_without_arguments_is_the_one_with_the_defaults(void **state) {
    static const char text[] = "base: {dataset: points, epochs: 2}\n"
                               "sweep: {optimizer: [sgd, sgd(momentum=0.9)]}\nrepeats: 2\n";
    static const struct {
        const char *baseline, *expected;
    } cases[] = {{"sgd", "A: optimizer.momentum=0,"},
                 {"sgd()", "A: optimizer.momentum=0,"},
                 {"sgd(momentum=0.9)", "A: optimizer.momentum=0.9,"}};
    fixture_summary(*state, text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rest[300];
        snprintf(rest, sizeof rest, "%sbaseline: {optimizer: %s}\n", text, cases[i].baseline);
        fixture_experiment(*state, rest);
        assert_in(CALL(*state, "it.db", "compare", "it.yaml"), cases[i].expected);
    }
}

static void without_validation_rows_the_baseline_is_compared_with_nothing(void **state) {
    fixture_summary(*state, "base: {dataset: points, epochs: 2, validation_split: 0}\n"
                            "sweep: {topology: [[3], [9]]}\nrepeats: 2\n");
    assert_in(CALL(*state, "it.db", "compare", "it.yaml"),
              "No variant has numbers of validation rows");
    assert_in(CALL(*state, "it.db", "compare", "3", "9"), "final_test_accuracy");
}

static void before_the_first_trial_is_done_that_is_said(void **state) {
    fixture_summary(*state, "base: {dataset: points, epochs: 2}\n"
                            "sweep: {topology: [[3], [9]]}\n");
    const char *arguments[] = {"sqlite3", "it.db", "UPDATE trial_rows SET state = 'planned'", NULL};
    const struct launch launch = {arguments, NULL, *state, NULL, NULL};
    assert_int_equal(process_run(&launch, SECONDS), 0);
    assert_in(CALL(*state, "it.db", "compare", "it.yaml"), "No trial is done yet.");
}

static void variant_is_found_by_the_values_of_its_axes(void **state) {
    fixture_summary(*state, "base: {dataset: points, epochs: 2}\n"
                            "sweep: {topology: [[3, 2], [9]], learning_rate: [0.01, 0.002]}\n");
    static char whole[1 << 16];
    snprintf(whole, sizeof whole, "%s",
             CALL(*state, "it.db", "compare", "topology=3-2, learning_rate=0.002",
                  "topology=9, learning_rate=0.01"));
    const char *same = CALL(*state, "it.db", "compare", "3-2, 0.002", "9, 0.01");
    assert_string_equal(strstr(same, "\n\n"), strstr(whole, "\n\n"));
    same = CALL(*state, "it.db", "compare", "0.0020,3-2", "9, learning_rate=0.01");
    assert_string_equal(strstr(same, "\n\n"), strstr(whole, "\n\n"));
    assert_int_equal(status_of(*state, "3-2", "9, 0.01"), 2);
    assert_in(fixture_content(*state, "err"),
              "'3-2' means 2 variants: topology=3-2, learning_rate=0.01; topology=3-2, "
              "learning_rate=0.002");
    assert_int_equal(status_of(*state, "3-2, 3-2", "9, 0.01"), 2);
    assert_in(fixture_content(*state, "err"), "no variant or trial is '3-2, 3-2'");
}

static void what_cannot_be_compared_is_said(void **state) {
    fixture_summary(*state, "base: {epochs: 2, topology: [3]}\n"
                            "sweep: {dataset: [points, values], optimizer: [adam, sgd]}\n");
    assert_int_equal(status_of(*state, "nothing", "adam"), 2);
    assert_in(fixture_content(*state, "err"), "no variant or trial is 'nothing'");
    assert_int_equal(status_of(*state, "optimizer=adam", "optimizer=sgd"), 2);
    assert_in(fixture_content(*state, "err"), "'optimizer=adam' means 2 variants");
    const char *text = CALL(*state, "it.db", "compare", "dataset=points,optimizer=adam",
                            "dataset=values,optimizer=adam");
    assert_in(text, "different data sets");
    assert_int_equal(
        status_of(*state, "dataset=points,optimizer=adam", "dataset=points,optimizer=adam"), 2);
    assert_in(fixture_content(*state, "err"), "both are the same variant");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(two_variants_are_found_by_label_id_and_settings),
        FIXTURE_TEST(two_trials_are_compared_by_their_test_rows),
        FIXTURE_TEST(two_trials_on_built_in_data_are_compared_row_by_row),
        FIXTURE_TEST(experiment_is_compared_with_its_leader),
        FIXTURE_TEST(baseline_is_that_of_the_file_as_it_is_now),
        FIXTURE_TEST(baseline_without_arguments_is_the_one_with_the_defaults),
        cmocka_unit_test_setup_teardown(
            without_validation_rows_the_baseline_is_compared_with_nothing, fixture_open,
            fixture_close),
        FIXTURE_TEST(before_the_first_trial_is_done_that_is_said),
        FIXTURE_TEST(variant_is_found_by_the_values_of_its_axes),
        FIXTURE_TEST(what_cannot_be_compared_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
