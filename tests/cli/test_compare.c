/* `compare` as a user meets it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"
#include "temporary.h"
#include "test.h"

enum { SECONDS = 120 };

/* Two classes that a line parts, and values that a small net learns. */
static void write_data(const char *folder) {
    char text[8000], *at = text;
    for (int i = 0; i < 80; i++) {
        double x = (i * 37 % 80) / 40.0 - 1, y = (i * 53 % 80) / 40.0 - 1;
        at += sprintf(at, "%d 1:%g 2:%g\n", x + y > 0 ? 1 : 2, x, y);
    }
    temporary_write(folder, "points", text, strlen(text));
    at = text;
    for (int i = 0; i < 80; i++) {
        double x = (i * 37 % 80) / 40.0 - 1, y = (i * 53 % 80) / 40.0 - 1;
        at += sprintf(at, "%g 1:%g 2:%g\n", 3 * x - y, x, y);
    }
    temporary_write(folder, "values", text, strlen(text));
}

static int set_up(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    write_data(*state);
    return 0;
}

static int tear_down(void **state) {
    process_kill_all();
    return temporary_close(state);
}

static const char *content_of(const char *folder, const char *name) {
    static char text[1 << 18];
    FILE *file = fopen(temporary_path(folder, name), "rb");
    if (!file)
        fail_msg("%s is not there", name);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Calls the program with words up to NULL; returns what it printed. */
static const char *call(const char *folder, const char *database, const char *const *words) {
    char variable[300], out[300], err[300];
    const char *environment[] = {variable, "NO_COLOR=1", NULL}, *arguments[12] = {MLPSWEEP_BINARY};
    snprintf(variable, sizeof variable, "MLPSWEEP_DB=%s", database);
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(err, sizeof err, "%s/err", folder);
    unlink(out);
    unlink(err);
    for (size_t i = 0; words[i]; i++)
        arguments[i + 1] = words[i];
    const struct launch launch = {arguments, environment, folder, out, err};
    int status = process_run(&launch, SECONDS);
    if (status != 0)
        fail_msg("mlpsweep %s: %d\n%s", words[0], status, content_of(folder, "err"));
    return content_of(folder, "out");
}
#define CALL(folder, database, ...) call(folder, database, (const char *const[]){__VA_ARGS__, NULL})

static void write_experiment(const char *folder, const char *rest) {
    char text[4000];
    snprintf(text, sizeof text,
             "datasets:\n"
             "  points: {format: libsvm, train: points, test: points, features: 2}\n"
             "  values: {format: libsvm, train: values, test: values, features: 2, task: "
             "regression}\n"
             "%s",
             rest);
    temporary_write(folder, "it.yaml", text, strlen(text));
}

static const char *summary_of(const char *folder, const char *rest) {
    write_experiment(folder, rest);
    CALL(folder, "it.db", "run", "--progress=none", "it.yaml");
    return CALL(folder, "it.db", "summary", "it.yaml");
}

static void assert_in(const char *text, const char *words) {
    if (!strstr(text, words))
        fail_msg("no \"%s\" in:\n%.4000s", words, text);
}
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
    summary_of(folder, "base: {dataset: points, epochs: 3}\n"
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
    temporary_write(*state, "it.yaml", text, strlen(text));
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

static void what_cannot_be_compared_is_said(void **state) {
    summary_of(*state, "base: {epochs: 2, topology: [3]}\n"
                       "sweep: {dataset: [points, values], optimizer: [adam, sgd]}\n");
    assert_int_equal(status_of(*state, "nothing", "adam"), 2);
    assert_in(content_of(*state, "err"), "no variant or trial is 'nothing'");
    assert_int_equal(status_of(*state, "optimizer=adam", "optimizer=sgd"), 2);
    assert_in(content_of(*state, "err"), "'optimizer=adam' means 2 variants");
    const char *text = CALL(*state, "it.db", "compare", "dataset=points,optimizer=adam",
                            "dataset=values,optimizer=adam");
    assert_in(text, "different data sets");
    assert_int_equal(
        status_of(*state, "dataset=points,optimizer=adam", "dataset=points,optimizer=adam"), 2);
    assert_in(content_of(*state, "err"), "both are the same variant");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_variants_are_found_by_label_id_and_settings, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_trials_are_compared_by_their_test_rows, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_trials_on_built_in_data_are_compared_row_by_row, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(experiment_is_compared_with_its_leader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_compared_is_said, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
