/* The writer with made-up results: who may claim a trial, where it goes on after its session has
 * ended, and that training it again loses nothing. Processes that are really killed:
 * tests/faults/test_kill.c. */
#include "fixture.h"
#include "store/query.h"
#include "temporary.h"
#include "test.h"

#include <string.h>

static void trial_is_written_and_never_claimed_again(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_int_equal(f.work[0].state, TRIAL_PLANNED);
    assert_true(fixture_claim(&f, 0, NULL));
    assert_false(fixture_claim(&f, 0, NULL));
    fixture_epochs(&f, 0, 3);
    fixture_finish(&f, 0, TRIAL_DONE, 3, "aa");
    fixture_close(&f);
    assert_string_equal(
        database_answer(path,
                        "SELECT state || epochs_done || weights_digest FROM trials WHERE seed "
                        "= 1"),
        "done3aa");
    assert_string_equal(database_answer(path, "SELECT count(*) FROM epochs"), "3");
    assert_string_equal(
        database_answer(path, "SELECT count(*) FROM epochs WHERE test_loss IS NULL"), "3");
    assert_string_equal(database_answer(path, "SELECT sum(count) FROM confusion"), "10");
    assert_string_equal(database_answer(path, "SELECT length(bytes) FROM weight_rows"), "12");
    assert_string_equal(database_answer(path, "SELECT finished_at IS NOT NULL FROM sessions"), "1");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_int_equal(f.work[0].state, TRIAL_DONE);
    assert_false(fixture_claim(&f, 0, NULL));
    fixture_close(&f);
}

static void two_sessions_share_a_plan(void **state) {
    struct fixture a, b;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&a, path, CLAIM_OPEN);
    fixture_open(&b, path, CLAIM_OPEN);
    for (size_t i = 0; i < FIXTURE_TRIALS; i++) {
        assert_true(fixture_claim(i % 2 ? &a : &b, i, NULL));
        assert_false(fixture_claim(i % 2 ? &b : &a, i, NULL));
    }
    fixture_close(&a);
    fixture_close(&b);
}

static void trial_of_a_dead_session_goes_on_from_its_checkpoint(void **state) {
    struct fixture f;
    struct checkpoint checkpoint;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_true(fixture_claim(&f, 2, &checkpoint));
    assert_null(checkpoint.bytes);
    fixture_epochs(&f, 2, 2);
    f.writer.checkpoint(f.writer.context, 2, "first", 5);
    f.writer.checkpoint(f.writer.context, 2, "second", 6);
    fixture_close(&f); /* never finished: its session is dead from here on */
    fixture_open(&f, path, CLAIM_OPEN);
    assert_int_equal(f.work[2].state, TRIAL_INTERRUPTED);
    assert_true(fixture_claim(&f, 2, &checkpoint));
    assert_int_equal(checkpoint.size, 6);
    assert_memory_equal(checkpoint.bytes, "second", 6);
    assert_int_equal(checkpoint.epoch_count, 2);
    assert_int_equal(checkpoint.epochs[1].updates, 20);
    fixture_finish(&f, 2, TRIAL_DONE, 2, "bb");
    fixture_close(&f);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM checkpoint_rows"), "0");
}

static void trial_that_was_lost_is_dropped(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_true(fixture_claim(&f, 0, NULL));
    database_answer(path, "UPDATE trial_rows SET session = 99 WHERE seed = 1 RETURNING 1");
    fixture_epochs(&f, 0, 2);
    fixture_finish(&f, 0, TRIAL_DONE, 2, "cc");
    fixture_close(&f);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM epochs"), "0");
    assert_string_equal(database_answer(path, "SELECT state FROM trials WHERE seed = 1"),
                        "running");
}

static void failed_trial_is_claimed_only_on_retry(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_true(fixture_claim(&f, 0, NULL));
    fixture_finish(&f, 0, TRIAL_FAILED, 0, "");
    fixture_close(&f);
    assert_string_equal(database_answer(path, "SELECT error FROM trials WHERE seed = 1"),
                        "for a reason");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_int_equal(f.work[0].state, TRIAL_FAILED);
    assert_false(fixture_claim(&f, 0, NULL));
    fixture_close(&f);
    fixture_open(&f, path, CLAIM_FAILED);
    assert_true(fixture_claim(&f, 0, NULL));
    fixture_finish(&f, 0, TRIAL_DONE, 1, "dd");
    fixture_close(&f);
    assert_string_equal(database_answer(path, "SELECT error IS NULL FROM trials WHERE seed = 1"),
                        "1");
}

/* A trial that is done with four epochs and the digest `ee`. */
static void finish_one(const char *path) {
    struct fixture f;
    fixture_open(&f, path, CLAIM_OPEN);
    assert_true(fixture_claim(&f, 0, NULL));
    fixture_epochs(&f, 0, 4);
    fixture_finish(&f, 0, TRIAL_DONE, 4, "ee");
    fixture_close(&f);
}

static const char results[] =
    "SELECT state || weights_digest || (SELECT count(*) FROM epochs) || (SELECT sum(count) FROM "
    "confusion) FROM trials WHERE seed = 1";

static void trial_trained_again_keeps_its_results_until_the_new_ones_are_done(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    finish_one(path);
    fixture_open(&f, path, CLAIM_ALL);
    assert_true(fixture_claim(&f, 0, NULL));
    assert_false(fixture_claim(&f, 0, NULL));
    fixture_epochs(&f, 0, 1);
    assert_true(fixture_claim(&f, 1, NULL)); /* waits until all of this is committed */
    assert_string_equal(database_answer(path, results), "doneee410");
    fixture_finish(&f, 0, TRIAL_DONE, 1, "ff");
    assert_true(fixture_claim(&f, 2, NULL));
    assert_string_equal(database_answer(path, results), "doneff110");
    assert_false(fixture_claim(&f, 0, NULL)); /* once a run */
    fixture_close(&f);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM trial_rows"), "6");
    assert_string_equal(database_answer(path, "SELECT count(*) FROM epoch_rows"), "1");
}

static void training_again_that_is_interrupted_goes_on_and_loses_nothing(void **state) {
    struct fixture f;
    struct checkpoint checkpoint;
    const char *path = temporary_path(*state, "a.db");
    finish_one(path);
    fixture_open(&f, path, CLAIM_ALL);
    assert_true(fixture_claim(&f, 0, NULL));
    fixture_epochs(&f, 0, 2);
    f.writer.checkpoint(f.writer.context, 0, "half", 4);
    fixture_finish(&f, 0, TRIAL_INTERRUPTED, 2, "");
    fixture_close(&f);
    assert_string_equal(database_answer(path, results), "doneee410");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_int_equal(f.work[0].state, TRIAL_DONE);
    assert_false(fixture_claim(&f, 0, NULL));
    fixture_close(&f);
    fixture_open(&f, path, CLAIM_ALL);
    assert_true(fixture_claim(&f, 0, &checkpoint));
    assert_int_equal(checkpoint.size, 4);
    assert_int_equal(checkpoint.epoch_count, 2);
    fixture_finish(&f, 0, TRIAL_DONE, 2, "ff");
    fixture_close(&f);
    assert_string_equal(database_answer(path, results), "doneff210");
}

static void training_again_that_fails_changes_nothing(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    finish_one(path);
    fixture_open(&f, path, CLAIM_ALL);
    assert_true(fixture_claim(&f, 0, NULL));
    fixture_epochs(&f, 0, 1);
    fixture_finish(&f, 0, TRIAL_FAILED, 1, "");
    fixture_close(&f);
    assert_string_equal(database_answer(path, results), "doneee410");
    assert_string_equal(database_answer(path, "SELECT count(*) FROM trial_rows"), "6");
}

static void trial_of_a_dead_session_is_told_from_one_that_runs(void **state) {
    struct fixture f;
    struct error err = {0};
    struct arena arena = {0};
    struct table table;
    struct query_database *query = NULL;
    static const char alive[] = "SELECT is_alive(session) FROM trials WHERE state = 'running'";
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    assert_true(fixture_claim(&f, 0, NULL));
    assert_ok(query_open(path, &query, &err), err);
    assert_ok(query_table(query, alive, NULL, 0, &arena, &table, &err), err);
    assert_int_equal(table.cells[0].integer, 1);
    query_close(query);
    fixture_close(&f);
    assert_ok(query_open(path, &query, &err), err);
    assert_ok(query_table(query, alive, NULL, 0, &arena, &table, &err), err);
    assert_int_equal(table.cells[0].integer, 0);
    query_close(query);
    arena_close(&arena);
}

static void unknown_state_is_an_error_that_names_the_trial(void **state) {
    struct fixture f;
    struct error err = {0};
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    fixture_close(&f);
    database_answer(path, "UPDATE trial_rows SET state = 'asleep' WHERE seed = 2 RETURNING 1");
    struct session_info info = {.command = "test", .experiment = "made-up", .text = "text"};
    struct store *store;
    assert_ok(store_open(path, &info, &store, &err), err);
    assert_false(store_trials(store, f.work, FIXTURE_TRIALS, &err));
    assert_non_null(strstr(err.first->text, f.work[1].id.trial));
    assert_non_null(strstr(err.first->text, "asleep"));
    error_clear(&err);
    assert_ok(store_close(store, &err), err);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(trial_is_written_and_never_claimed_again),
        TEMPORARY_TEST(two_sessions_share_a_plan),
        TEMPORARY_TEST(trial_of_a_dead_session_goes_on_from_its_checkpoint),
        TEMPORARY_TEST(trial_that_was_lost_is_dropped),
        TEMPORARY_TEST(failed_trial_is_claimed_only_on_retry),
        TEMPORARY_TEST(trial_trained_again_keeps_its_results_until_the_new_ones_are_done),
        TEMPORARY_TEST(training_again_that_is_interrupted_goes_on_and_loses_nothing),
        TEMPORARY_TEST(training_again_that_fails_changes_nothing),
        TEMPORARY_TEST(trial_of_a_dead_session_is_told_from_one_that_runs),
        TEMPORARY_TEST(unknown_state_is_an_error_that_names_the_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
