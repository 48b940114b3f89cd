/* Where the files of built-in data sets are looked for, and in which order. The files are empty:
 * nothing is loaded. */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary.h"
#include "test.h"

static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/* A working directory, a home and a folder of $MLPSWEEP_DATA, all empty. */
static int set_up(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    const char *folder = *state;
    if (chdir(folder) != 0 || mkdir("own", 0777) != 0 || mkdir("home", 0777) != 0)
        return -1;
    setenv("MLPSWEEP_DATA", temporary_path(folder, "own"), 1);
    setenv("HOME", temporary_path(folder, "home"), 1);
    return 0;
}

static int tear_down(void **state) {
    return chdir("/") != 0 ? -1 : temporary_close(state);
}

/* Empty files of MNIST under a folder. */
static void put_files(const char *folder, const char *suffix) {
    char path[1000];
    snprintf(path, sizeof path, "%s", folder);
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    mkdir(path, 0777);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s%s", folder, names[i], suffix);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fclose(file);
    }
}

static void assert_found(const char *folder, const char *suffix) {
    struct arena arena = {0};
    struct error err = {0};
    struct data_source located;
    char expected[4][1000];
    assert_ok(data_locate(data_builtin(0), &arena, &located, &err), err);
    for (size_t i = 0; i < 4; i++)
        snprintf(expected[i], sizeof expected[i], "%s/%s%s", folder, names[i], suffix);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(located.train[i], expected[i]);
        assert_string_equal(located.test[i], expected[2 + i]);
        assert_null(located.validation[i]);
    }
    assert_string_equal(located.format->entry.name, "idx");
    assert_string_equal(located.name, "mnist");
    arena_close(&arena);
}

static void own_folder_comes_before_the_others(void **state) {
    char own[1000], home[1000];
    snprintf(own, sizeof own, "%s/own/mnist", (char *)*state);
    snprintf(home, sizeof home, "%s/home/.cache/mlpsweep/mnist", (char *)*state);
    put_files(home, "");
    assert_found(home, "");
    put_files("data/mnist", "");
    assert_found("data/mnist", "");
    put_files(own, "");
    assert_found(own, "");
}

static void folder_that_lacks_a_file_is_passed_over(void **state) {
    char own[1000], last[1100];
    snprintf(own, sizeof own, "%s/own/mnist", (char *)*state);
    snprintf(last, sizeof last, "%s/%s", own, names[3]);
    put_files(own, "");
    put_files("data/mnist", "");
    assert_int_equal(unlink(last), 0);
    assert_found("data/mnist", "");
}

static void gzipped_files_are_found_and_plain_ones_preferred(void **state) {
    (void)state;
    put_files("data/mnist", ".gz");
    assert_found("data/mnist", ".gz");
    put_files("data/mnist", "");
    assert_found("data/mnist", "");
}

static void without_the_variables_the_other_folders_serve(void **state) {
    (void)state;
    put_files("data/mnist", "");
    unsetenv("MLPSWEEP_DATA");
    unsetenv("HOME");
    assert_found("data/mnist", "");
    setenv("MLPSWEEP_DATA", "", 1);
    assert_found("data/mnist", "");
}

static void failure_names_the_folders_and_the_command(void **state) {
    struct arena arena = {0};
    struct error err = {0};
    struct data_source located;
    const char *folder = *state;
    /* a name of its own: the real ones may be in /usr/share */
    struct data_source nowhere = *data_builtin(1);
    nowhere.name = "nowhere-mnist";
    assert_false(data_locate(&nowhere, &arena, &located, &err));
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_int_equal(err.count, 1);
    assert_string_equal(
        err.first->text,
        arena_printf(&arena,
                     "the data set nowhere-mnist is not here (looked in %s/own/nowhere-mnist, "
                     "data/nowhere-mnist, %s/home/.cache/mlpsweep/nowhere-mnist, "
                     "/usr/share/datasets/nowhere-mnist); fetch it with `make -f "
                     "Makefile.experiments data/nowhere-mnist`, or let $MLPSWEEP_DATA name the "
                     "folder that has nowhere-mnist/",
                     folder, folder));
    error_clear(&err);
    arena_close(&arena);
}

static void declared_source_comes_back_as_it_is(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct data_source located,
        source = {.name = "mnist",
                  .format = (const struct data_format *)registry_find(&data_formats, "libsvm"),
                  .train = {"not there"},
                  .features = 5};
    assert_ok(data_locate(&source, &arena, &located, &err), err);
    assert_memory_equal(&located, &source, sizeof source);
    arena_close(&arena);
}

static void built_in_sources_have_names_and_help(void **state) {
    (void)state;
    assert_string_equal(data_builtin(0)->name, "mnist");
    assert_string_equal(data_builtin(1)->name, "fashion-mnist");
    assert_null(data_builtin(2));
    for (size_t i = 0; data_builtin(i); i++)
        assert_true(strlen(data_builtin(i)->help) > 0);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(own_folder_comes_before_the_others),
        IN_A_FOLDER(folder_that_lacks_a_file_is_passed_over),
        IN_A_FOLDER(gzipped_files_are_found_and_plain_ones_preferred),
        IN_A_FOLDER(without_the_variables_the_other_folders_serve),
        IN_A_FOLDER(failure_names_the_folders_and_the_command),
        cmocka_unit_test(declared_source_comes_back_as_it_is),
        cmocka_unit_test(built_in_sources_have_names_and_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
