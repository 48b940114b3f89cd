/* kill -9 at random moments: what was committed stays, and what comes out in the end is what an
 * uninterrupted run gives. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <signal.h>
#include <stdlib.h>

enum { KILLS = 50 };

/* One product serves the first layers of several of these trials. */
static const char base[] = "  epochs: 3\n  batch_size: 10\n  topology: [40, 150, 150]\n";

static uint64_t random_state = 20240607;

/* Splitmix64 on [0, 1): the same moments in each run of the test, unless MLPSWEEP_KILL_SEED says
 * otherwise. */
static double draw(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static int64_t committed_epochs(const char *folder) {
    return sweep_whole(folder, "killed.db", "SELECT count(*) FROM epoch_rows");
}

/* Starts the sweep and kills it after a share of the time that it takes. Every other time it is
 * asked to stop a moment before, so that the kill hits the writing of checkpoints, and so that the
 * next one goes on in the middle. Returns whether the kill hit it. */
static bool run_and_kill(const struct sweep_run *run, double seconds, bool *has_ended) {
    struct process process = sweep_start(run);
    bool asks = draw() < 0.5;
    double moment = draw() * seconds, grace = draw() * 0.03;
    if (!process_wait(&process, moment) && asks) {
        process_signal(&process, SIGTERM);
        process_wait(&process, grace);
    }
    bool hit = process_signal(&process, SIGKILL);
    assert_true(process_wait(&process, 10));
    hit = hit && process.status == 128 + SIGKILL;
    *has_ended = !hit && process.status == 0;
    /* SIGTERM before the program listens for it ends it as it ends any other. */
    if (!hit && process.status != 0 && process.status != 128 + SIGTERM)
        assert_int_equal(process.status, 130);
    return hit;
}

static void fifty_kills_change_nothing(void **state) {
    const char *folder = *state;
    struct sweep_run whole = {
        .folder = folder, .name = "kill", .database = "whole.db", .workers = "2"};
    struct sweep_run killed = {
        .folder = folder, .name = "kill", .database = "killed.db", .workers = "2"};
    sweep_write(folder, "kill", base, "repeats: 8\n");
    double start = process_clock();
    sweep_complete(&whole);
    double seconds = process_clock() - start;
    assert_true(sweep_whole(folder, "whole.db", "SELECT max(cohort_size) FROM trials") > 1);
    char *expected = sweep_dump(folder, "whole.db");
    int hits = 0, starts = 0, sweeps = 1, resumed = 0;
    while (hits < KILLS) {
        bool has_ended;
        int64_t before = committed_epochs(folder);
        hits += run_and_kill(&killed, seconds, &has_ended);
        starts++;
        sweep_assert_sound(folder, "killed.db");
        if (committed_epochs(folder) < before)
            fail_msg("%lld epochs were committed, %lld are left", (long long)before,
                     (long long)committed_epochs(folder));
        resumed += sweep_whole(folder, "killed.db", "SELECT count(*) FROM checkpoint_rows") > 0;
        if (!has_ended)
            continue;
        sweep_assert_same(folder, "killed.db", expected);
        sweep_remove(folder, "killed.db");
        sweeps++;
    }
    sweep_complete(&killed);
    sweep_assert_sound(folder, "killed.db");
    sweep_assert_same(folder, "killed.db", expected);
    assert_int_equal(sweep_whole(folder, "killed.db", "SELECT count(*) FROM checkpoint_rows"), 0);
    print_message("%d starts, %d kills of a running process, %d of them with a checkpoint left, %d "
                  "sweeps completed, all equal to the uninterrupted one of %.2f s\n",
                  starts, hits, resumed, sweeps, seconds);
    free(expected);
}

/* The checkpoints of every 4 seconds: a kill without a warning costs no more. Most of the time
 * until one falls due the training stands still. */
static void unannounced_kill_costs_no_more_than_the_last_checkpoint(void **state) {
    const char *folder = *state;
    struct sweep_run whole = {.folder = folder, .name = "long", .database = "whole.db"};
    struct sweep_run killed = {.folder = folder, .name = "long", .database = "killed.db"};
    sweep_write(folder, "long", "  epochs: 80\n  batch_size: 5\n  topology: [150, 300, 150]\n", "");
    struct process reference = sweep_start(&whole), process = sweep_start(&killed);
    assert_true(sweep_wait_for(folder, "killed.db",
                               "SELECT count(*) FROM trials WHERE state = 'running'", 1, 10));
    process_sleep(0.3);
    assert_true(process_signal(&process, SIGSTOP));
    process_sleep(4);
    assert_true(process_signal(&process, SIGCONT));
    assert_true(sweep_wait_for(folder, "killed.db", "SELECT count(*) FROM checkpoint_rows", 1, 8));
    process_sleep(0.7);
    assert_true(process_signal(&process, SIGKILL));
    assert_true(process_wait(&process, 10));
    int64_t there = sweep_whole(folder, "killed.db", "SELECT max(epochs) FROM checkpoint_rows");
    print_message("the checkpoint holds %lld epochs, %lld are committed\n", (long long)there,
                  (long long)committed_epochs(folder));
    assert_true(there > 0);
    sweep_assert_sound(folder, "killed.db");
    sweep_complete(&killed);
    assert_true(process_wait(&reference, 60));
    char *expected = sweep_dump(folder, "whole.db");
    sweep_assert_same(folder, "killed.db", expected);
    free(expected);
}

int main(void) {
    const char *seed = getenv("MLPSWEEP_KILL_SEED");
    if (seed)
        random_state = strtoull(seed, NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fifty_kills_change_nothing, temporary_open, sweep_close),
        cmocka_unit_test_setup_teardown(unannounced_kill_costs_no_more_than_the_last_checkpoint,
                                        temporary_open, sweep_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
