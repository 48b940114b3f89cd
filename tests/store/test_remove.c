/* Taking trials and experiments out of a database, and renaming. */
#include "store/remove.h"

#include "fixture.h"
#include "process.h"
#include "temporary.h"
#include "test.h"

#include <string.h>
#include <sys/stat.h>

static void note(struct fixture *f, const char *experiment, size_t first, size_t count) {
    struct error err = {0};
    struct store_members members = {.experiment = experiment,
                                    .file = "a.yaml",
                                    .work = f->work + first,
                                    .count = count,
                                    .is_whole_file = true};
    assert_ok(store_add_members(f->store, &members, &f->arena, &err), err);
}

/* `made-up` has trials 1 to 6, all done, `first` 1 to 3, `last` 3 to 6. Returns the ids. */
static void train(struct fixture *f, const char *path) {
    fixture_open(f, path, CLAIM_OPEN);
    note(f, "first", 0, 3);
    note(f, "last", 2, 4);
    for (size_t i = 0; i < FIXTURE_TRIALS; i++) {
        assert_true(fixture_claim(f, i, NULL));
        fixture_epochs(f, i, 100);
        fixture_finish(f, i, TRIAL_DONE, 100, "aa");
    }
    fixture_close(f);
}

static struct removal take_out(const char *path, const char *const *names, size_t count) {
    struct removal counted, removed;
    struct error err = {0};
    assert_ok(remove_count(path, names, count, &counted, &err), err);
    assert_ok(remove_all(path, names, count, &removed, &err), err);
    assert_memory_equal(&counted, &removed, sizeof counted);
    return removed;
}

static const char rows[] = "SELECT (SELECT count(*) FROM epoch_rows) || ' ' || (SELECT count(*) "
                           "FROM weight_rows) || ' ' || (SELECT count(*) FROM stopping_rows)";

static void experiment_goes_with_the_trials_that_no_other_has(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    struct removal r = take_out(path, (const char *const[]){"made-up"}, 1);
    assert_int_equal(r.trials, 0);
    assert_int_equal(r.kept, 6);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM trials"), "6");
    r = take_out(path, (const char *const[]){"first"}, 1);
    assert_int_equal(r.experiments, 1);
    assert_int_equal(r.trials, 2);
    assert_int_equal(r.epochs, 200);
    assert_int_equal(r.kept, 1);
    assert_string_equal(database_answer(path, "SELECT group_concat(seed) FROM trials"), "3,4,5,6");
    assert_string_equal(database_answer(path, rows), "400 16 48");
    r = take_out(path, (const char *const[]){"last"}, 1);
    assert_int_equal(r.trials, 4);
    assert_string_equal(database_answer(path, rows), "0 0 0");
    assert_string_equal(database_answer(path, "SELECT count(*) FROM axis_rows"), "0");
}

static void several_experiments_at_once_keep_nothing_for_each_other(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    struct removal r = take_out(path, (const char *const[]){"made-up", "first", "last"}, 3);
    assert_int_equal(r.trials, 6);
    assert_int_equal(r.kept, 0);
}

static void trial_goes_by_the_beginning_of_its_id_and_leaves_its_experiments(void **state) {
    struct fixture f;
    char prefix[9];
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    snprintf(prefix, sizeof prefix, "%.8s", f.work[3].id.trial);
    struct removal r = take_out(path, (const char *const[]){prefix}, 1);
    assert_int_equal(r.trials, 1);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM members"), "11");
}

static void assert_refused(const char *path, const char *name, const char *why) {
    struct removal removal;
    struct error err = {0};
    assert_false(remove_all(path, (const char *const[]){name}, 1, &removal, &err));
    if (!strstr(err.first->text, why))
        fail_msg("%s", err.first->text);
    error_clear(&err);
}

static void what_is_not_there_is_refused(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    assert_refused(path, "first", "nothing was run yet");
    train(&f, path);
    assert_refused(path, "second", "neither an experiment nor a trial");
    assert_refused(path, "", "neither an experiment nor a trial");
    assert_string_equal(database_answer(path, "SELECT count(*) FROM trials"), "6");
}

static void trial_that_is_being_trained_is_refused(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    fixture_open(&f, path, CLAIM_ALL);
    assert_true(fixture_claim(&f, 0, NULL)); /* trained again */
    assert_refused(path, f.work[0].id.trial, "is being trained");
    fixture_close(&f);
    take_out(path, (const char *const[]){f.work[0].id.trial}, 1); /* the session is dead */
    assert_string_equal(database_answer(path, "SELECT count(*) FROM trial_rows"), "5");
}

static void file_becomes_smaller(void **state) {
    struct fixture f;
    struct stat before, after;
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    assert_int_equal(stat(path, &before), 0);
    take_out(path, (const char *const[]){"made-up", "first", "last"}, 3);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size < before.st_size);
}

static void renamed_experiment_keeps_its_trials(void **state) {
    struct fixture f;
    struct error err = {0};
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    assert_ok(rename_experiment(path, "first", "second", &err), err);
    assert_string_equal(
        database_answer(path, "SELECT count(*) FROM members WHERE experiment = 'second'"), "3");
    assert_false(rename_experiment(path, "first", "third", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_false(rename_experiment(path, "second", "last", &err));
    assert_non_null(strstr(err.first->text, "already"));
    error_clear(&err);
}

static int command(const char *path, const char *yes) {
    const char *const arguments[] = {MLPSWEEP_BINARY, "remove", "first", "--db", path, yes, NULL};
    return process_run(&(struct launch){.arguments = arguments}, 60);
}

static void command_removes_without_a_terminal_only_when_told_so(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    train(&f, path);
    assert_int_equal(command(path, NULL), 2);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM members"), "13");
    assert_int_equal(command(path, "--yes"), 0);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM members"), "10");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(experiment_goes_with_the_trials_that_no_other_has),
        TEMPORARY_TEST(several_experiments_at_once_keep_nothing_for_each_other),
        TEMPORARY_TEST(trial_goes_by_the_beginning_of_its_id_and_leaves_its_experiments),
        TEMPORARY_TEST(what_is_not_there_is_refused),
        TEMPORARY_TEST(trial_that_is_being_trained_is_refused),
        TEMPORARY_TEST(file_becomes_smaller),
        TEMPORARY_TEST(renamed_experiment_keeps_its_trials),
        TEMPORARY_TEST(command_removes_without_a_terminal_only_when_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
