/* The clock set back between two runs, and while others run: neither time stamps nor their order
 * decide what is kept, who owns a trial, or where it goes on. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <signal.h>
#include <stdlib.h>

static const char base[] = "  epochs: 36\n  batch_size: 10\n  topology: [150, 150]\n";

static const char *const yesterday[] = {"LD_PRELOAD=" SHIM, "SHIM_CLOCK=-86400", NULL};

static struct sweep_run sweep(const char *folder, const char *database) {
    return (struct sweep_run){
        .folder = folder, .name = "clock", .database = database, .workers = "2"};
}

static void interrupt(const struct sweep_run *run) {
    struct process process = sweep_start(run);
    assert_true(sweep_wait_for(run->folder, run->database,
                               "SELECT count(*) FROM trials WHERE state = 'running'", 1, 10));
    process_sleep(0.1);
    assert_true(process_signal(&process, SIGTERM));
    assert_true(process_wait(&process, 5));
    assert_int_equal(process.status, 130);
}

static void clock_set_back_loses_nothing(void **state) {
    const char *folder = *state;
    struct sweep_run whole = sweep(folder, "whole.db"), now = sweep(folder, "back.db"), back = now;
    back.environment = yesterday;
    sweep_write(folder, "clock", base, "repeats: 4\n");
    sweep_complete(&whole);
    char *expected = sweep_dump(folder, "whole.db");
    interrupt(&now);
    int64_t epochs = sweep_whole(folder, "back.db", "SELECT count(*) FROM epoch_rows");
    interrupt(&back);
    int64_t later = sweep_whole(folder, "back.db", "SELECT count(*) FROM epoch_rows");
    print_message("%lld epochs before the clock was set back, %lld after\n", (long long)epochs,
                  (long long)later);
    assert_true(epochs > 0 && later > epochs);
    assert_int_equal(
        sweep_whole(folder, "back.db",
                    "SELECT count(*) FROM sessions s, sessions t WHERE s.session = 1 AND t.session "
                    "= 2 AND unixepoch(t.started_at) - unixepoch(s.started_at) < -80000"),
        1);
    sweep_complete(&back);
    sweep_assert_sound(folder, "back.db");
    sweep_assert_same(folder, "back.db", expected);
    free(expected);
}

/* One of today and one of yesterday share the plan; neither takes the other for dead. */
static void clocks_that_differ_do_not_share_a_trial(void **state) {
    const char *folder = *state;
    struct sweep_run now = sweep(folder, "both.db"), back;
    now.progress = "lines";
    back = now;
    back.environment = yesterday;
    back.err = "back";
    sweep_write(folder, "clock", base, "repeats: 6\n");
    struct process first = sweep_start(&now);
    assert_true(sweep_wait_for(folder, "both.db",
                               "SELECT count(*) FROM trials WHERE state = 'running'", 1, 10));
    struct process second = sweep_start(&back);
    assert_true(process_wait(&first, 60));
    assert_true(process_wait(&second, 60));
    assert_int_equal(first.status, 0);
    assert_int_equal(second.status, 0);
    assert_int_equal(sweep_trained(folder, "err") + sweep_trained(folder, "back"), 6);
    assert_int_equal(
        sweep_whole(folder, "both.db",
                    "SELECT count(*) FROM trials WHERE state = 'done' AND epochs_done = 36"),
        6);
    assert_int_equal(sweep_whole(folder, "both.db", "SELECT count(DISTINCT session) FROM trials"),
                     2);
    struct sweep_run whole = sweep(folder, "whole.db");
    sweep_complete(&whole);
    char *expected = sweep_dump(folder, "whole.db");
    sweep_assert_same(folder, "both.db", expected);
    free(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clock_set_back_loses_nothing, temporary_open, sweep_close),
        cmocka_unit_test_setup_teardown(clocks_that_differ_do_not_share_a_trial, temporary_open,
                                        sweep_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
