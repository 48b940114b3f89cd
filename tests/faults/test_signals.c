/* SIGINT, SIGTERM and SIGHUP: once ends with everything committed, twice ends at once, and what was
 * ignored from outside stays ignored. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Two trials at a time, and long enough to be interrupted three times. */
#if SANITIZED
static const char base[] = "  epochs: 6\n  batch_size: 10\n  topology: [150, 150]\n";
#else
static const char base[] = "  epochs: 48\n  batch_size: 10\n  topology: [150, 150]\n";
#endif

static const char finished_epochs[] = "SELECT count(*) FROM epochs";
static const char running[] = "SELECT count(*) FROM trials WHERE state = 'running'";

static struct sweep_run sweep(const char *folder, const char *database) {
    return (struct sweep_run){
        .folder = folder, .name = "signals", .database = database, .workers = "2"};
}

/* Starts it and waits until it trains. */
static struct process start_training(const struct sweep_run *run) {
    struct process process = sweep_start(run);
    if (!sweep_wait_for(run->folder, run->database, running, 1, 10))
        fail_msg("nothing is trained: %s", sweep_text(run->folder, "err"));
    process_sleep(0.1);
    return process;
}

static void assert_interrupted(const struct sweep_run *run) {
    sweep_assert_sound(run->folder, run->database);
    assert_int_equal(sweep_whole(run->folder, run->database, running), 0);
    assert_true(sweep_whole(run->folder, run->database,
                            "SELECT count(*) FROM trials WHERE state = 'interrupted'") > 0);
    assert_int_equal(sweep_whole(run->folder, run->database,
                                 "SELECT count(*) FROM trial_rows WHERE state = 'interrupted' AND "
                                 "id NOT IN (SELECT trial_id FROM checkpoint_rows)"),
                     0);
}

static void stop_and_go_on(const char *folder, int number, const char *expected) {
    struct sweep_run run = sweep(folder, "stopped.db");
    sweep_remove(folder, "stopped.db");
    for (int i = 0; i < 3; i++) {
        struct process process = start_training(&run);
        double start = process_clock();
        assert_true(process_signal(&process, number));
        assert_true(process_wait(&process, 5));
        assert_int_equal(process.status, 130);
        assert_interrupted(&run);
        print_message("signal %d: ended after %.3f s with %lld epochs\n", number,
                      process_clock() - start,
                      (long long)sweep_whole(folder, "stopped.db", finished_epochs));
    }
    sweep_complete(&run);
    sweep_assert_same(folder, "stopped.db", expected);
}

static void one_signal_commits_everything_and_the_next_run_goes_on(void **state) {
    const char *folder = *state;
    struct sweep_run whole = sweep(folder, "whole.db");
    sweep_write(folder, "signals", base, "repeats: 4\n");
    sweep_complete(&whole);
    char *expected = sweep_dump(folder, "whole.db");
    stop_and_go_on(folder, SIGINT, expected);
    stop_and_go_on(folder, SIGTERM, expected);
    stop_and_go_on(folder, SIGHUP, expected);
    free(expected);
}

/* The first signal is answered when the writer has committed, so the writer is made to wait: what
 * is left is a program that can only be ended at once. */
static void stop_twice(const char *folder, int number, const char *expected) {
    struct sweep_run run = sweep(folder, "twice.db");
    sweep_remove(folder, "twice.db");
    struct process process = start_training(&run);
    int64_t before = sweep_whole(folder, "twice.db", finished_epochs);
    sqlite3 *holder = sweep_connect(folder, "twice.db");
    assert_int_equal(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_true(process_signal(&process, number));
    assert_false(process_wait(&process, 0.5));
    double start = process_clock();
    assert_true(process_signal(&process, number));
    assert_true(process_wait(&process, 1));
    print_message("signal %d twice: ended after %.3f s\n", number, process_clock() - start);
    assert_int_equal(process.status, 130);
    sqlite3_close(holder);
    assert_true(sweep_whole(folder, "twice.db", finished_epochs) >= before);
    sweep_assert_sound(folder, "twice.db");
    sweep_complete(&run);
    sweep_assert_same(folder, "twice.db", expected);
}

static void second_signal_ends_at_once_and_loses_nothing_committed(void **state) {
    const char *folder = *state;
    struct sweep_run whole = sweep(folder, "whole.db");
    sweep_write(folder, "signals", base, "repeats: 4\n");
    sweep_complete(&whole);
    char *expected = sweep_dump(folder, "whole.db");
    stop_twice(folder, SIGINT, expected);
    stop_twice(folder, SIGTERM, expected);
    free(expected);
}

/* As when a terminal closes: the kernel and the shell both send it. */
static void second_hangup_ends_nothing(void **state) {
    const char *folder = *state;
    struct sweep_run run = sweep(folder, "hangup.db");
    sweep_write(folder, "signals", base, "repeats: 4\n");
    struct process process = start_training(&run);
    sqlite3 *holder = sweep_connect(folder, "hangup.db");
    assert_int_equal(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_true(process_signal(&process, SIGHUP));
    assert_false(process_wait(&process, 0.3));
    assert_true(process_signal(&process, SIGHUP));
    assert_false(process_wait(&process, 0.3));
    sqlite3_close(holder);
    assert_true(process_wait(&process, 5));
    assert_int_equal(process.status, 130);
    assert_interrupted(&run);
}

static void ignored_signal_stays_ignored(void **state) {
    static const char *const nohup[] = {"/bin/sh", "-c", "trap '' INT HUP; exec \"$0\" \"$@\"",
                                        NULL};
    const char *folder = *state;
    struct sweep_run run = sweep(folder, "ignored.db");
    run.wrapper = nohup;
    sweep_write(folder, "signals", base, "repeats: 4\n");
    struct process process = start_training(&run);
    assert_true(process_signal(&process, SIGINT));
    assert_true(process_signal(&process, SIGHUP));
    assert_true(process_wait(&process, 60));
    assert_int_equal(process.status, 0);
    assert_int_equal(
        sweep_whole(folder, "ignored.db", "SELECT count(*) FROM trials WHERE state = 'done'"), 4);
}

/* Another program that has locked the database before anything could begin. */
static void wait_for_a_lock_is_told_and_a_signal_ends_it(void **state) {
    const char *folder = *state;
    struct sweep_run run = sweep(folder, "locked.db");
    sweep_write(folder, "signals", base, "");
    sweep_complete(&run);
    run.option = "--set=epochs=2";
    sqlite3 *holder = sweep_connect(folder, "locked.db");
    assert_int_equal(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    struct process process = sweep_start(&run);
    assert_false(process_wait(&process, 2.5));
    char *text = sweep_text(folder, "err");
    assert_non_null(strstr(text, "waiting for locked.db"));
    free(text);
    assert_true(process_signal(&process, SIGINT));
    assert_true(process_wait(&process, 1));
    assert_int_equal(process.status, 130);
    sqlite3_close(holder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_signal_commits_everything_and_the_next_run_goes_on,
                                        temporary_open, sweep_close),
        cmocka_unit_test_setup_teardown(second_signal_ends_at_once_and_loses_nothing_committed,
                                        temporary_open, sweep_close),
        cmocka_unit_test_setup_teardown(second_hangup_ends_nothing, temporary_open, sweep_close),
        cmocka_unit_test_setup_teardown(ignored_signal_stays_ignored, temporary_open, sweep_close),
        cmocka_unit_test_setup_teardown(wait_for_a_lock_is_told_and_a_signal_ends_it,
                                        temporary_open, sweep_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
