/* What only the data bring to light: told before training, with the place in the experiment file.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "temporary.h"
#include "test.h"

/* Six rows of two columns and two classes; all of class 2 at the end. */
static const char points[] = "1 1:1\n1 1:2\n1 2:1\n1 2:2\n2 1:3\n2 2:3\n";

static int set_up(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    temporary_write(*state, "points", points, sizeof points - 1);
    temporary_write(*state, "copy", points, sizeof points - 1);
    temporary_write(*state, "tests", "1 1:1\n2 1:2\n", 12);
    return 0;
}

static int tear_down(void **state) {
    process_kill_all();
    return temporary_close(state);
}

/* Standard error of `mlpsweep COMMAND e.yaml`, where the file is four lines that the text follows.
 * Owns: static, until the next call. */
static const char *complaints(const char *folder, const char *command, const char *parts,
                              const char *text, int status) {
    static char result[10000];
    char file[3000], err[200];
    int length =
        snprintf(file, sizeof file,
                 "datasets:\n  points:\n    {format: libsvm, features: 2, %s}\n%s", parts, text);
    temporary_write(folder, "e.yaml", file, (size_t)length);
    unlink(temporary_path(folder, "err"));
    snprintf(err, sizeof err, "%s/err", folder);
    const char *const words[] = {MLPSWEEP_BINARY, command, "e.yaml", NULL};
    const struct launch launch = {words, NULL, folder, NULL, err};
    int ended = process_run(&launch, 20);
    temporary_read(folder, "err", result, sizeof result);
    if (ended != status)
        fail_msg("ended with %d, not %d:\n%s", ended, status, result);
    return result;
}

static void assert_complains(const char *folder, const char *text, int status,
                             const char *expected) {
    assert_string_equal(complaints(folder, "check", "train: points", text, status), expected);
}

static void what_cannot_be_trained_is_told_at_its_place(void **state) {
    assert_complains(*state,
                     "base: {dataset: points, validation_split: 0, topology: []}\n"
                     "sweep: {train_rows: [6, 7, all, 90]}\n",
                     3,
                     "e.yaml:5:25: error: points: train_rows is 7, but only 6 can be had\n"
                     "  sweep: {train_rows: [6, 7, all, 90]}\n"
                     "                          ^\n"
                     "e.yaml:5:33: error: points: train_rows is 90, but only 6 can be had\n"
                     "  sweep: {train_rows: [6, 7, all, 90]}\n"
                     "                                  ^\n");
    assert_complains(*state, "base: {dataset: points, validation_split: 0.9}\n", 3,
                     "e.yaml:4:43: error: points: no row is left for training with "
                     "validation_split 0.9 (6 rows)\n"
                     "  base: {dataset: points, validation_split: 0.9}\n"
                     "                                            ^\n");
    assert_complains(
        *state, "base: {dataset: points, validation_split: 0, topology: [1000000, 1000000]}\n", 3,
        "e.yaml:4:56: error: a net of 1000006000002 parameters; at most 2^31 - 1 can "
        "be\n"
        "  base: {dataset: points, validation_split: 0, topology: [1000000, 1000000]}\n"
        "                                                         ^\n");
    assert_complains(*state,
                     "base: {dataset: points, validation_split: 0, topology: [3]}\n"
                     "sweep: {initializer: [normal, identity]}\n",
                     3,
                     "e.yaml:5:31: error: the initializer identity needs square kernels; layer 1 "
                     "of points has 2 x 3\n"
                     "  sweep: {initializer: [normal, identity]}\n"
                     "                                ^\n");
}

/* An error for each value that cannot be had, not for each of its trials. */
static void every_value_is_complained_of_once(void **state) {
    const char *text =
        complaints(*state, "check", "train: points",
                   "base: {dataset: points, validation_split: 0, epochs: 1}\n"
                   "sweep: {seed: [1, 2, 3], train_rows: [7], topology: [[1], [2]],\n"
                   "  initializer: [identity]}\n",
                   3);
    size_t errors = 0;
    for (const char *at = text; (at = strstr(at, "error: ")); at++)
        errors++;
    assert_int_equal(errors, 2);
}

static void missing_files_are_told_where_they_are_named(void **state) {
    assert_string_equal(
        complaints(*state, "check", "train: points, test: nowhere", "base: {dataset: points}\n", 3),
        "e.yaml:3:56: error: nowhere: No such file or directory\n"
        "      {format: libsvm, features: 2, train: points, test: nowhere}\n"
        "                                                         ^\n");
    setenv("MLPSWEEP_DATA", *state, 1);
    const char *text = complaints(*state, "check", "train: points", "base: {dataset: mnist}\n",
                                  access("/usr/share/datasets/mnist", F_OK) ? 3 : 0);
    unsetenv("MLPSWEEP_DATA");
    if (*text) {
        assert_non_null(strstr(text, "e.yaml:4:17: error: the data set mnist is not here"));
        assert_non_null(strstr(text, "make -f Makefile.experiments data/mnist"));
        assert_non_null(strstr(text, "MLPSWEEP_DATA"));
    }
}

static void files_of_another_hash_are_refused(void **state) {
    static const char base[] = "base: {dataset: points, validation_split: 0, batch_size: 2}\n";
    /* sha256sum points */
    static const char parts[] =
        "train: points, sha256: 249404249e3358ba414685b248ac46d555cf8b3cdd7b14a96abbdf81570e328b";
    assert_string_equal(complaints(*state, "check", parts, base, 0), "");
    temporary_write(*state, "points", "1 1:1\n2 1:2\n", 12);
    const char *text = complaints(*state, "check", parts, base, 3);
    if (!strstr(text, "e.yaml:3:58: error: points has the SHA-256 "))
        fail_msg("%s", text);
}

static void classes_that_one_side_lacks_are_one_warning(void **state) {
    assert_complains(*state, "base: {dataset: points, validation_split: 0.3}\n", 0,
                     "e.yaml: warning: points: no training row has the label 2\n"
                     "e.yaml: warning: points: no validation row has the label 1\n");
    char text[3000], *at = text;
    for (int i = 0; i < 300; i++)
        at += sprintf(at, "%d\n", i);
    temporary_write(*state, "many", text, (size_t)(at - text));
    assert_string_equal(complaints(*state, "check", "train: many",
                                   "base: {dataset: points, validation_split: 0.1}\n"
                                   "sweep: {topology: [[1], [2]], batch_size: [10, 20]}\n",
                                   0),
                        "e.yaml: warning: points: no training row has the labels 270, 271, 272, "
                        "273, 274 and 25 more\n"
                        "e.yaml: warning: points: no validation row has the labels 0, 1, 2, 3, 4 "
                        "and 265 more\n");
}

static void minibatches_larger_than_the_rows_are_warned_of(void **state) {
    assert_complains(*state,
                     "base: {dataset: points, validation_split: 0}\n"
                     "sweep: {seed: [1, 2], batch_size: [6, 7, 100]}\n",
                     0,
                     "e.yaml:5:39: warning: batch_size is 7, but 6 rows are trained on: an epoch "
                     "is one minibatch\n"
                     "e.yaml:5:42: warning: batch_size is 100, but 6 rows are trained on: an epoch "
                     "is one minibatch\n");
    assert_complains(*state,
                     "base: {dataset: points, validation_split: 0, train_rows: 5}\n"
                     "sweep: {batch_size: [5, 6]}\n",
                     0,
                     "e.yaml:5:25: warning: batch_size is 6, but 5 rows are trained on: an epoch "
                     "is one minibatch\n");
}

static void parts_of_the_same_bytes_are_warned_of(void **state) {
    static const char *const parts[] = {"train: points, test: points", "train: points, test: copy",
                                        "train: points, validation: copy",
                                        "train: tests, validation: copy, test: points"};
    static const char *const warnings[] = {
        "e.yaml:2:3: warning: points: the test file is the training file: it tests nothing new\n",
        "e.yaml:2:3: warning: points: the test file is the training file: it tests nothing new\n",
        ("e.yaml:2:3: warning: points: the validation file is the training file: it cannot show "
         "overfitting\n"),
        "e.yaml:2:3: warning: points: the test file is the validation file\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_string_equal(
            complaints(*state, "check", parts[i],
                       "base: {dataset: points, validation_split: 0, batch_size: 2}\n", 0),
            warnings[i]);
}

static void knobs_of_the_other_task_are_refused_at_their_place(void **state) {
    assert_complains(
        *state,
        "base: {dataset: points, validation_split: 0, batch_size: 2}\n"
        "sweep: {target_scale: [none, standard]}\n",
        3,
        "e.yaml:5:30: error: target_scale: standard is for regression, but the task of points "
        "is classification\n"
        "  sweep: {target_scale: [none, standard]}\n"
        "                               ^\n");
    assert_string_equal(
        complaints(*state, "check", "train: points, task: regression",
                   "base: {dataset: points, validation_split: 0.2, batch_size: 2}\n"
                   "sweep: {label_noise: [0, 0.1], validation_from: [random, stratified]}\n",
                   3),
        "e.yaml:5:58: error: validation_from: stratified is for classes, but the task of points is "
        "regression\n"
        "  sweep: {label_noise: [0, 0.1], validation_from: [random, stratified]}\n"
        "                                                           ^\n"
        "e.yaml:5:26: error: label_noise: 0.1 is for classes, but the task of points is "
        "regression\n"
        "  sweep: {label_noise: [0, 0.1], validation_from: [random, stratified]}\n"
        "                           ^\n");
}

static void large_targets_are_warned_of(void **state) {
    temporary_write(*state, "houses", "250000 1:1\n-310000 1:2\n", 22);
    static const char base[] = "base: {dataset: points, validation_split: 0, batch_size: 2}\n";
    assert_string_equal(
        complaints(*state, "check", "train: houses, task: regression", base, 0),
        "e.yaml:4:17: warning: points: targets reach 310000: target_scale: standard "
        "trains on (target - mean) / deviation\n");
    char scaled[200];
    snprintf(scaled, sizeof scaled, "%ssweep: {target_scale: [standard]}\n", base);
    assert_string_equal(complaints(*state, "check", "train: houses, task: regression", scaled, 0),
                        "");
}

/* Twelve million short lines take seconds to read. */
static void loading_answers_signals_within_a_second(void **state) {
    enum { LINES = 1 << 20, TIMES = 12 };
    const int signals[] = {SIGINT, SIGTERM};
    char *text = malloc(LINES * 6 + 1);
    assert_non_null(text);
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + 6 * i, i % 2 ? "1 1:1\n" : "2 1:1\n", 7);
    FILE *file = fopen(temporary_path(*state, "large"), "wb");
    assert_non_null(file);
    for (size_t i = 0; i < TIMES; i++)
        assert_int_equal(fwrite(text, 6, LINES, file), LINES);
    fclose(file);
    free(text);
    static const char experiment[] = "base: {dataset: d}\n"
                                     "datasets: {d: {format: libsvm, features: 2, train: large}}\n";
    temporary_write(*state, "large.yaml", experiment, sizeof experiment - 1);
    char err[200];
    snprintf(err, sizeof err, "%s/err", (char *)*state);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        const char *const words[] = {MLPSWEEP_BINARY, "run", "large.yaml", NULL};
        const char *const environment[] = {"MLPSWEEP_DB=large.db", NULL};
        const struct launch launch = {words, environment, *state, NULL, err};
        struct process process = process_start(&launch);
        process_sleep(0.3);
        double start = process_clock();
        assert_true(process_signal(&process, signals[i]));
        assert_true(process_wait(&process, 10));
        assert_true(process_clock() - start < 2); /* within one where the machine is not busy */
        assert_int_equal(process.status, 130);
        assert_int_not_equal(access(temporary_path(*state, "large.db"), F_OK), 0);
    }
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(what_cannot_be_trained_is_told_at_its_place),
        IN_A_FOLDER(every_value_is_complained_of_once),
        IN_A_FOLDER(missing_files_are_told_where_they_are_named),
        IN_A_FOLDER(files_of_another_hash_are_refused),
        IN_A_FOLDER(classes_that_one_side_lacks_are_one_warning),
        IN_A_FOLDER(minibatches_larger_than_the_rows_are_warned_of),
        IN_A_FOLDER(parts_of_the_same_bytes_are_warned_of),
        IN_A_FOLDER(knobs_of_the_other_task_are_refused_at_their_place),
        IN_A_FOLDER(large_targets_are_warned_of),
        IN_A_FOLDER(loading_answers_signals_within_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
