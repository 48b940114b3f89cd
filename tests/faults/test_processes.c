/* Several processes on one database: they share a plan, the end of one does not harm the others,
 * and neither readers nor other writers stop them. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PROCESSES = 8 };

/* Trials that cannot share a product, so that there are as many pieces of work as trials. */
#if SANITIZED
static const char base[] = "  epochs: 2\n  batch_size: 10\n  topology: [170, 100]\n";
#else
static const char base[] = "  epochs: 6\n  batch_size: 10\n  topology: [170, 100]\n";
#endif

static const char running[] = "SELECT count(*) FROM trials WHERE state = 'running'";

struct crew {
    const char *folder;
    struct process processes[MOST_PROCESSES];
    size_t count;
};

static void start_crew(struct crew *crew, const char *database) {
    for (size_t i = 0; i < crew->count; i++) {
        char err[32];
        snprintf(err, sizeof err, "err%zu", i);
        sweep_forget(crew->folder, err);
        crew->processes[i] = sweep_start(&(struct sweep_run){.folder = crew->folder,
                                                             .name = "shared",
                                                             .database = database,
                                                             .progress = "lines",
                                                             .err = err});
    }
}

static size_t trained_by(const char *folder, size_t process) {
    char err[32];
    snprintf(err, sizeof err, "err%zu", process);
    return sweep_trained(folder, err);
}

static void assert_no_complaint(const char *folder, size_t process) {
    char err[32];
    snprintf(err, sizeof err, "err%zu", process);
    char *text = sweep_text(folder, err);
    if (strstr(text, "error") || strstr(text, "is locked") || !strstr(text, ", 0 failed;"))
        fail_msg("process %zu: %s", process, text);
    free(text);
}

/* Waits for all but the killed one; returns how many trials were finished in all. */
static size_t join_crew(struct crew *crew, size_t killed) {
    size_t trained = 0;
    for (size_t i = 0; i < crew->count; i++) {
        if (!process_wait(&crew->processes[i], 60))
            fail_msg("process %zu hangs", i);
        if (i != killed) {
            assert_no_complaint(crew->folder, i);
            assert_int_equal(crew->processes[i].status, 0);
        }
        trained += trained_by(crew->folder, i);
    }
    return trained;
}

static char *train_alone(const char *folder, const char *rest) {
    struct sweep_run whole = {
        .folder = folder, .name = "shared", .database = "whole.db", .workers = "2"};
    sweep_write(folder, "shared", base, rest);
    sweep_complete(&whole);
    return sweep_dump(folder, "whole.db");
}

/* What the killed one had is trained by the others or by the next run; nothing else is trained
 * twice. A trial that the killed one had printed may have been lost before its commit, and its last
 * one may have been committed before it was printed. */
static void finish_plan(const struct crew *crew, const char *database, size_t trained,
                        size_t killed, size_t trials, const char *expected) {
    struct sweep_run run = {.folder = crew->folder,
                            .name = "shared",
                            .database = database,
                            .progress = "lines",
                            .err = "err99"};
    size_t by_killed = trained_by(crew->folder, killed);
    sweep_complete(&run);
    size_t last = trained_by(crew->folder, 99);
    print_message("%zu processes: %zu trials trained together, %zu of them by the killed one, %zu "
                  "after it\n",
                  crew->count, trained, by_killed, last);
    assert_true(trained + last + 1 >= trials);
    assert_true(trained + last - by_killed <= trials);
    sweep_assert_sound(crew->folder, database);
    sweep_assert_same(crew->folder, database, expected);
}

static void eight_processes_share_forty_trials(void **state) {
    struct crew crew = {.folder = *state, .count = 8};
    char *expected = train_alone(crew.folder, "repeats: 40\n");
    enum { STOPPED = 2, KILLED = 5 };
    start_crew(&crew, "eight.db");
    assert_true(sweep_wait_for(crew.folder, "eight.db", running, 8, 20));
    assert_true(process_signal(&crew.processes[STOPPED], SIGSTOP));
    process_sleep(0.3);
    assert_true(process_signal(&crew.processes[KILLED], SIGKILL));
    process_sleep(2.5);
    assert_true(process_signal(&crew.processes[STOPPED], SIGCONT));
    size_t trained = join_crew(&crew, KILLED);
    assert_int_equal(crew.processes[KILLED].status, 128 + SIGKILL);
    finish_plan(&crew, "eight.db", trained, KILLED, 40, expected);
    free(expected);
}

static void four_processes_survive_the_death_of_one(void **state) {
    struct crew crew = {.folder = *state, .count = 4};
    char *expected = train_alone(crew.folder, "repeats: 12\n");
    start_crew(&crew, "four.db");
    assert_true(sweep_wait_for(crew.folder, "four.db", running, 3, 20));
    assert_true(process_signal(&crew.processes[0], SIGKILL));
    size_t trained = join_crew(&crew, 0);
    assert_int_equal(crew.processes[0].status, 128 + SIGKILL);
    finish_plan(&crew, "four.db", trained, 0, 12, expected);
    free(expected);
}

/* Nobody has made the file yet, and all make it. */
static void many_processes_create_one_database(void **state) {
    struct crew crew = {.folder = *state, .count = 8};
    sweep_write(crew.folder, "shared", "  epochs: 1\n  topology: [8]\n", "repeats: 8\n");
    for (int i = 0; i < (SANITIZED ? 4 : 12); i++) {
        sweep_remove(crew.folder, "new.db");
        start_crew(&crew, "new.db");
        join_crew(&crew, SIZE_MAX);
        assert_int_equal(
            sweep_whole(crew.folder, "new.db", "SELECT count(*) FROM trials WHERE state = 'done'"),
            8);
    }
}

#ifndef __SANITIZE_THREAD__ /* cannot be preloaded into */
/* One that looks at the new file slowly, while another one makes it a database. */
static void database_that_another_one_creates_is_accepted(void **state) {
    static const char *const slowly[] = {"LD_PRELOAD=" SHIM, "SHIM_DELAY=30", NULL};
    const char *folder = *state;
    struct sweep_run fast = {.folder = folder, .name = "shared", .database = "new.db"};
    struct sweep_run slow = fast;
    slow.environment = slowly;
    slow.err = "slow";
    sweep_write(folder, "shared", "  epochs: 1\n  topology: [8]\n", "repeats: 2\n");
    for (int i = 0; i < 20; i++) {
        sweep_remove(folder, "new.db");
        struct process process = sweep_start(&slow);
        process_sleep(0.008 * i);
        sweep_complete(&fast);
        assert_true(process_wait(&process, 20));
        char *text = sweep_text(folder, "slow");
        if (process.status != 0)
            fail_msg("%d ms apart: exit status %d: %s", 8 * i, process.status, text);
        free(text);
    }
}
#endif

/* One that reads at the first moment and never lets go, and nets large enough to fill the log. */
static void reader_neither_stops_nor_bloats(void **state) {
    const char *folder = *state;
    struct sweep_run run = {
        .folder = folder, .name = "shared", .database = "read.db", .workers = "2"};
    char *expected = train_alone(folder, "repeats: 24\n");
    sweep_complete(&(struct sweep_run){
        .folder = folder, .name = "shared", .database = "read.db", .option = "--set=repeats=1"});
    sqlite3 *reader = sweep_connect(folder, "read.db");
    assert_int_equal(
        sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM epoch_rows", NULL, NULL, NULL),
        SQLITE_OK);
    struct process process = sweep_start(&run);
    int64_t largest = 0;
    while (!process_wait(&process, 0.01)) {
        int64_t size = sweep_size(folder, "read.db-wal");
        largest = size > largest ? size : largest;
    }
    assert_int_equal(process.status, 0);
    print_message("with a reader throughout: the log reaches %.1f MB of a database of %.1f MB\n",
                  (double)largest / 1e6, (double)sweep_size(folder, "whole.db") / 1e6);
    assert_true(largest > 0 && largest < 20000000);
    sqlite3_close(reader);
    sweep_assert_same(folder, "read.db", expected);
    sweep_complete(&run);
    assert_true(sweep_size(folder, "read.db-wal") <= 0);
    free(expected);
}

/* A client that takes the right to write as soon as the program has committed something, and holds
 * it for longer than any time-out of SQLite's that we set. */
struct holder {
    const char *folder;
    atomic_bool stop;
    int held;
};

static int64_t data_version(sqlite3 *handle) {
    sqlite3_stmt *row = NULL;
    int64_t version = -1;
    if (sqlite3_prepare_v2(handle, "PRAGMA data_version", -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        version = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return version;
}

static void *hold(void *argument) {
    struct holder *holder = argument;
    sqlite3 *handle = sweep_connect(holder->folder, "held.db");
    int64_t seen = data_version(handle);
    while (!atomic_load(&holder->stop)) {
        if (data_version(handle) == seen)
            continue;
        seen = data_version(handle);
        if (sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
            continue;
        holder->held++;
        for (int i = 0; i < 26 && !atomic_load(&holder->stop); i++)
            process_sleep(0.1);
        sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    }
    sqlite3_close(handle);
    return NULL;
}

static void writers_that_hold_on_for_seconds_are_waited_for(void **state) {
    struct holder holder = {.folder = *state};
    struct sweep_run run = {.folder = *state, .name = "shared", .database = "held.db"};
    pthread_t thread;
    char *expected = train_alone(*state, "repeats: 2\n");
    sweep_complete(&(struct sweep_run){
        .folder = *state, .name = "shared", .database = "held.db", .option = "--set=repeats=1"});
    assert_int_equal(pthread_create(&thread, NULL, hold, &holder), 0);
    process_sleep(0.05);
    int status = sweep_finish(&run, 60);
    atomic_store(&holder.stop, true);
    pthread_join(thread, NULL);
    char *text = sweep_text(*state, "err");
    if (status != 0)
        fail_msg("exit status %d after %d long locks: %s", status, holder.held, text);
    sweep_assert_same(*state, "held.db", expected);
    free(text);
    free(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(eight_processes_share_forty_trials, temporary_open,
                                        sweep_close),
        cmocka_unit_test_setup_teardown(four_processes_survive_the_death_of_one, temporary_open,
                                        sweep_close),
        cmocka_unit_test_setup_teardown(many_processes_create_one_database, temporary_open,
                                        sweep_close),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test_setup_teardown(database_that_another_one_creates_is_accepted,
                                        temporary_open, sweep_close),
#endif
        cmocka_unit_test_setup_teardown(reader_neither_stops_nor_bloats, temporary_open,
                                        sweep_close),
        cmocka_unit_test_setup_teardown(writers_that_hold_on_for_seconds_are_waited_for,
                                        temporary_open, sweep_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
