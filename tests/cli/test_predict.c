/* What `weights` and `predict` refuse, and the forms in which rows may come. That their numbers are
 * right is the business of tests/reference/check_weights.py. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"
#include "temporary.h"
#include "test.h"

enum { WORDS_MAX = 12 };

static const char experiment[] =
    "name: p\n"
    "datasets: {d: {format: csv, train: d.csv, test: d.csv}}\n"
    "base: {dataset: d, epochs: 2, topology: [3], validation_split: 0.25, batch_size: 2}\n"
    "sweep: {keep_weights: [best], seed: [1]}\n";

static const char rows[] = "a,b,kind\n1,0.5,red\n2,0,blue\n0,1,red\n-1,2,blue\n";

static char standard_output[1 << 14], standard_error[1 << 14];

/* Words are separated by blanks. */
static int run(const char *folder, const char *line) {
    static const char *const environment[] = {"MLPSWEEP_DB=p.db", NULL};
    const char *words[WORDS_MAX + 2] = {MLPSWEEP_BINARY};
    char copy[500], *rest = copy, out[200], err[200];
    size_t count = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word; (word = strtok_r(rest, " ", &rest)) && count <= WORDS_MAX;)
        words[count++] = word;
    unlink(temporary_path(folder, "out"));
    unlink(temporary_path(folder, "err"));
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(err, sizeof err, "%s/err", folder);
    const struct launch launch = {words, environment, folder, out, err};
    int status = process_run(&launch, 60);
    temporary_read(folder, "out", standard_output, sizeof standard_output);
    temporary_read(folder, "err", standard_error, sizeof standard_error);
    return status;
}

static char trial[17];

static int set_up(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    temporary_write(*state, "d.csv", rows, sizeof rows - 1);
    temporary_write(*state, "p.yaml", experiment, sizeof experiment - 1);
    assert_int_equal(run(*state, "run p.yaml --progress none"), 0);
    assert_int_equal(run(*state, "export trials --format csv"), 0);
    const char *line = strchr(standard_output, '\n');
    assert_non_null(line);
    snprintf(trial, sizeof trial, "%.16s", line + 1);
    return 0;
}

static int tear_down(void **state) {
    process_kill_all();
    return temporary_close(state);
}

static void assert_says(const char *folder, const char *command, const char *rest, int status,
                        const char *expected) {
    char line[500];
    snprintf(line, sizeof line, "%s %s %s", command, trial, rest);
    int ended = run(folder, line);
    if (ended != status || !strstr(standard_error, expected))
        fail_msg("%s: %d\n%s", line, ended, standard_error);
}

static void what_cannot_be_written_is_refused(void **state) {
    assert_says(*state, "weights", "", 2, "weights: -o FILE is missing");
    assert_says(*state, "weights", "-o w --best --last", 2, "--best or --last, not both");
    assert_says(*state, "weights", "-o nowhere/w", 1, "nowhere/w: No such file or directory");
    assert_says(*state, "weights", "-o w --last", 1, "weights of ");
    assert_non_null(strstr(standard_error, "were not kept (keep_weights: best)"));
    assert_int_equal(run(*state, "weights 0000 -o w"), 2);
    assert_non_null(strstr(standard_error, "no trial begins with '0000'"));
    assert_int_not_equal(access(temporary_path(*state, "w"), F_OK), 0);
}

/* A full disk leaves neither half a file nor a temporary one; what stood there before stays. */
static void weights_are_written_whole_or_not_at_all(void **state) {
    temporary_write(*state, "w", "before", 6);
    assert_int_equal(chmod(*state, 0500), 0);
    if (geteuid() != 0)
        assert_says(*state, "weights", "-o w", 1, "w: Permission denied");
    assert_int_equal(chmod(*state, 0700), 0);
    assert_says(*state, "weights", "-o w", 0, "");
    char text[100];
    temporary_read(*state, "w", text, sizeof text);
    assert_int_equal(memcmp(text + 8, "{\"__metadata__\":", 16), 0);
}

/* A file is replaced; a pipe or a device, such as /dev/null, is written to. */
static void weights_go_through_a_pipe_that_stays(void **state) {
    char line[300], text[100] = "";
    assert_int_equal(mkfifo(temporary_path(*state, "pipe"), 0600), 0);
    int end = open(temporary_path(*state, "pipe"), O_RDWR);
    assert_true(end >= 0);
    snprintf(line, sizeof line, "weights %s -o pipe", trial);
    assert_int_equal(run(*state, line), 0);
    struct stat info;
    assert_int_equal(stat(temporary_path(*state, "pipe"), &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_true(read(end, text, sizeof text - 1) > 24);
    assert_int_equal(memcmp(text + 8, "{\"__metadata__\":", 16), 0);
    close(end);
}

/* The same rows as CSV with and without a target or a header, as LIBSVM, and through a pipe. */
static void rows_come_in_many_forms(void **state) {
    static const char *const forms[] = {"a,b,kind\n1,0.5,red\n2,0,blue\n0,1,red\n-1,2,blue\n",
                                        "a;b\n1;0.5\n2;0\n0;1\n-1;2\n", "1,0.5,?,\n",
                                        "0 1:1 2:0.5\n7 1:2\n0 2:1 # one\n0 1:-1 2:2\n"};
    char expected[1 << 14];
    assert_says(*state, "predict", "d.csv", 0, "");
    memcpy(expected, standard_output, sizeof expected);
    assert_int_equal(strncmp(expected, "row,class,p_red,p_blue\n0,", 25), 0);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        temporary_write_text(*state, "form", forms[i]);
        if (i == 2) {
            assert_says(*state, "predict", "form", 3, "4 columns, but the net has 2 inputs");
            continue;
        }
        assert_says(*state, "predict", "form", 0, "");
        assert_string_equal(standard_output, expected);
    }
    temporary_write(*state, "form", "kind,a,b\nx,1,0.5\ny,2,0\nz,0,1\nx,-1,2\n", 36);
    assert_says(*state, "predict", "form --target kind", 0, "");
    assert_string_equal(standard_output, expected);
}

/* A float needs 9 digits at most. */
static void probabilities_have_no_more_digits_than_a_float(void **state) {
    size_t numbers = 0;
    assert_says(*state, "predict", "d.csv", 0, "");
    for (const char *at = strstr(standard_output, "\n0,"); at && *at; at++) {
        if (*at != ',' || !strchr("0123456789", at[1]))
            continue;
        const char *digits = at + 1 + strspn(at + 1, "0.");
        assert_in_range(strspn(digits, "0123456789"), 1, 9);
        numbers++;
    }
    assert_int_equal(numbers, 4 * 2);
}

static void rows_that_do_not_fit_are_refused(void **state) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"1\n2\n", "form:1:1: error: 1 column, but the net has 2 inputs"},
        {"1,2,3,4\n", "form:1:1: error: 4 columns, but the net has 2 inputs"},
        {"1 3:1\n", "form:1:3: error: index 3 is outside 1..2"},
        {"", "form: no rows"},
        {"1,two\n", "form:1:3: error: 'two' in column 1 is no number"},
        {"kind,a,b\nred,1,0.5\n", "--target COLUMN leaves out a column that is no input"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        temporary_write_text(*state, "form", cases[i].text);
        assert_says(*state, "predict", "form", 3, cases[i].message);
    }
    assert_says(*state, "predict", "nowhere", 3, "nowhere: No such file or directory");
    assert_says(*state, "predict", "d.csv --format xml", 2, "csv, jsonl");
}

#define TRAINED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TRAINED(what_cannot_be_written_is_refused),
        TRAINED(weights_are_written_whole_or_not_at_all),
        TRAINED(weights_go_through_a_pipe_that_stays),
        TRAINED(rows_come_in_many_forms),
        TRAINED(probabilities_have_no_more_digits_than_a_float),
        TRAINED(rows_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
