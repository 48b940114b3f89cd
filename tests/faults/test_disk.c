/* Disks that are full or cannot be written, and files that are no database of ours: a message that
 * names the file, and not a byte of it changed.
 *
 * Permissions do not bind root, so there the program runs through setpriv(1) without the capability
 * to override them (CAP_DAC_OVERRIDE); it keeps its user, so that it needs no path of another's. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char base[] = "  epochs: 20\n  batch_size: 20\n  topology: [150, 60]\n";

static struct sweep_run sweep(const char *folder, const char *database) {
    return (struct sweep_run){
        .folder = folder, .name = "disk", .database = database, .workers = "2"};
}

/* What the program does now; its message is in `err`, which is emptied before. */
static int run_afresh(const struct sweep_run *run) {
    sweep_forget(run->folder, "err");
    return sweep_finish(run, 60);
}

static void assert_message(const char *folder, const char *database, const char *words) {
    char *text = sweep_text(folder, "err");
    if (!strstr(text, "mlpsweep: error: ") || !strstr(text, database) || !strstr(text, words))
        fail_msg("the message names neither %s nor '%s': %s", database, words, text);
    free(text);
}

static char *train_whole(const char *folder) {
    struct sweep_run whole = sweep(folder, "whole.db");
    sweep_write(folder, "disk", base, "repeats: 6\n");
    sweep_complete(&whole);
    return sweep_dump(folder, "whole.db");
}

/* Runs with a file size limit of that many blocks (512 bytes in POSIX's ulimit). Returns the exit
 * status. */
static int run_within(const char *folder, int blocks) {
    char command[64];
    snprintf(command, sizeof command, "ulimit -f %d; exec \"$0\" \"$@\"", blocks);
    const char *const wrapper[] = {"/bin/sh", "-c", command, NULL};
    struct sweep_run run = sweep(folder, "full.db");
    run.wrapper = wrapper;
    return run_afresh(&run);
}

static const char epochs_sql[] = "SELECT count(*) FROM epoch_rows";

/* The limit grows a little each time, as if somebody made room: each run goes on from the one
 * before. */
static void full_disk_loses_nothing_and_the_next_run_goes_on(void **state) {
    const char *folder = *state;
    char *expected = train_whole(folder);
    struct sweep_run run = sweep(folder, "full.db");
    int64_t size = sweep_size(folder, "whole.db"), before = -1;
    int refused = 0, runs = 0, in_training = 0, status = 1;
    for (int64_t limit = 4096; status != 0 && limit < 4 * size; limit += size / 16, runs++) {
        status = run_within(folder, (int)(limit / 512));
        if (status != 0)
            assert_int_equal(status, 1),
                assert_message(folder, "full.db",
                               ": the limit on the size of files is reached (ulimit -f); ");
        refused += status == 1;
        if (sweep_size(folder, "full.db") <= 0)
            continue;
        sweep_assert_sound(folder, "full.db");
        int64_t epochs = sweep_whole(folder, "full.db", epochs_sql);
        in_training += status == 1 && epochs > 0;
        assert_true(epochs >= before);
        before = epochs;
    }
    print_message("%d runs with a limit, %d of them ended by it, %d after epochs were committed\n",
                  runs, refused, in_training);
    assert_true(refused > 3);
    sweep_complete(&run);
    sweep_assert_sound(folder, "full.db");
    sweep_assert_same(folder, "full.db", expected);
    free(expected);
}

/* In the middle of a run: the first epochs are committed, then there is no room for the rest. */
static void committed_epochs_outlive_a_full_disk(void **state) {
    const char *folder = *state;
    char *expected = train_whole(folder);
    struct sweep_run first = sweep(folder, "full.db"), run = first;
    first.option = "--set=repeats=2";
    sweep_complete(&first);
    int64_t committed = sweep_whole(folder, "full.db", epochs_sql);
    assert_int_equal(run_within(folder, (int)(sweep_size(folder, "full.db") / 512) + 16), 1);
    assert_message(folder, "full.db", ": the limit on the size of files is reached (ulimit -f); ");
    sweep_assert_sound(folder, "full.db");
    assert_true(sweep_whole(folder, "full.db", epochs_sql) >= committed);
    int64_t done =
        sweep_whole(folder, "full.db", "SELECT count(*) FROM trials WHERE state = 'done'");
    assert_true(done >= 2 && done < 6);
    sweep_complete(&run);
    sweep_assert_same(folder, "full.db", expected);
    free(expected);
}

/* A real full disk: a tmpfs of 1 MB in a mount namespace of its own. */
static void full_tmpfs_loses_nothing(void **state) {
    static const char command[] = "mount -t tmpfs -o size=600k none small || exit 99\n"
                                  "\"$0\" \"$@\"; status=$?\n"
                                  "cp small/full.db* . ; exit $status";
    static const char *const wrapper[] = {"unshare", "-m", "/bin/sh", "-c", command, NULL};
    static const char *const probe[] = {"unshare", "-m", "true", NULL};
    const char *folder = *state;
    if (process_run(&(struct launch){.arguments = probe}, 10) != 0)
        skip(); /* not root, or a container that forbids mounts */
    char *expected = train_whole(folder);
    assert_int_equal(mkdir(temporary_path(folder, "small"), 0777), 0);
    struct sweep_run run = sweep(folder, "small/full.db");
    run.wrapper = wrapper;
    assert_int_equal(run_afresh(&run), 1);
    assert_message(folder, "full.db", ": the disk is full; ");
    sweep_assert_sound(folder, "full.db");
    print_message("on a tmpfs of 600 kB: %lld epochs committed when it was full\n",
                  (long long)sweep_whole(folder, "full.db", epochs_sql));
    run = sweep(folder, "full.db");
    sweep_complete(&run);
    sweep_assert_same(folder, "full.db", expected);
    free(expected);
}

/* The program where permissions bind. */
static const char *const bound_root[] = {"setpriv", "--bounding-set=-dac_override,-dac_read_search",
                                         "--inh-caps=-all", "--", NULL};

static struct sweep_run bound(const char *folder, const char *database) {
    struct sweep_run run = sweep(folder, database);
    run.wrapper = geteuid() == 0 ? bound_root : NULL;
    return run;
}

static void permissions_bind(const char *folder, const char *name) {
    const char *arguments[8];
    size_t n = 0;
    for (size_t i = 0; geteuid() == 0 && bound_root[i]; i++)
        arguments[n++] = bound_root[i];
    arguments[n++] = "test";
    arguments[n++] = "-w";
    arguments[n++] = temporary_path(folder, name);
    arguments[n] = NULL;
    assert_int_equal(process_run(&(struct launch){.arguments = arguments}, 10), 1);
}

static void read_only_file_is_refused_untouched(void **state) {
    const char *folder = *state;
    free(train_whole(folder));
    struct sweep_run run = bound(folder, "whole.db");
    run.option = "--set=repeats=7";
    uint64_t before = sweep_hash(folder, "whole.db");
    assert_int_equal(chmod(temporary_path(folder, "whole.db"), 0444), 0);
    permissions_bind(folder, "whole.db");
    assert_int_equal(run_afresh(&run), 1);
    assert_message(folder, "whole.db", "");
    assert_true(sweep_hash(folder, "whole.db") == before);
    assert_int_equal(chmod(temporary_path(folder, "whole.db"), 0644), 0);
    sweep_complete(&run);
}

static void read_only_folder_is_refused_untouched(void **state) {
    const char *folder = *state;
    free(train_whole(folder));
    assert_int_equal(mkdir(temporary_path(folder, "closed"), 0755), 0);
    sweep_copy(folder, "whole.db", "closed/whole.db");
    uint64_t before = sweep_hash(folder, "closed/whole.db");
    assert_int_equal(chmod(temporary_path(folder, "closed"), 0555), 0);
    permissions_bind(folder, "closed");
    static const char *const files[] = {"closed/whole.db", "closed/new.db", "closed/sub/new.db"};
    for (size_t i = 0; i < 3; i++) {
        struct sweep_run run = bound(folder, files[i]);
        run.option = "--set=repeats=7";
        assert_int_equal(run_afresh(&run), 1);
        assert_message(folder, i == 2 ? "closed/sub" : files[i], "");
    }
    assert_int_equal(chmod(temporary_path(folder, "closed"), 0755), 0);
    assert_true(sweep_hash(folder, "closed/whole.db") == before);
    assert_int_equal(sweep_size(folder, "closed/new.db"), -1);
}

static void results_in_a_read_only_folder_can_be_read(void **state) {
    const char *folder = *state, *arguments[12];
    free(train_whole(folder));
    assert_int_equal(mkdir(temporary_path(folder, "100% closed?"), 0755), 0);
    sweep_copy(folder, "whole.db", "100% closed?/whole.db");
    assert_int_equal(chmod(temporary_path(folder, "100% closed?"), 0555), 0);
    permissions_bind(folder, "100% closed?");
    size_t n = 0;
    for (size_t i = 0; geteuid() == 0 && bound_root[i]; i++)
        arguments[n++] = bound_root[i];
    arguments[n++] = MLPSWEEP_BINARY;
    arguments[n++] = "status";
    arguments[n++] = "--db=100% closed?/whole.db";
    arguments[n] = NULL;
    assert_int_equal(process_run(&(struct launch){arguments, NULL, folder, NULL, NULL}, 60), 0);
    assert_int_equal(chmod(temporary_path(folder, "100% closed?"), 0755), 0);
}

/* `run`, and a command that reads, refuse the file and leave it as it is. */
static void assert_refused(const char *folder, const char *database, const char *words) {
    struct sweep_run run = sweep(folder, database);
    uint64_t before = sweep_hash(folder, database);
    int64_t size = sweep_size(folder, database);
    assert_int_equal(run_afresh(&run), 1);
    assert_message(folder, database, words);
    assert_true(sweep_hash(folder, database) == before);
    const char *const sql[] = {MLPSWEEP_BINARY,        "sql", "--db", database,
                               "SELECT * FROM trials", NULL};
    sweep_forget(folder, "err");
    char err[4096];
    snprintf(err, sizeof err, "%s/err", folder);
    assert_int_equal(
        process_run(&(struct launch){.arguments = sql, .folder = folder, .err = err}, 20), 1);
    assert_message(folder, database, words);
    assert_true(sweep_hash(folder, database) == before);
    assert_int_equal(sweep_size(folder, database), size);
}

static void text_file_is_refused_untouched(void **state) {
    static const char text[] = "This is the only copy of a poem.\n";
    sweep_write(*state, "disk", base, "");
    temporary_write(*state, "poem.db", text, sizeof text - 1);
    assert_refused(*state, "poem.db", "not a database");
}

/* As long as a page and with SQLite's first bytes, but garbage behind them. */
static void garbage_is_refused_untouched(void **state) {
    char bytes[8192] = "SQLite format 3";
    for (size_t i = 16; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    sweep_write(*state, "disk", base, "");
    temporary_write(*state, "garbage.db", bytes, sizeof bytes);
    assert_refused(*state, "garbage.db", "");
}

static void make_with_sql(const char *folder, const char *database, const char *sql) {
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(temporary_path(folder, database), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void foreign_database_is_refused_untouched(void **state) {
    sweep_write(*state, "disk", base, "");
    make_with_sql(*state, "foreign.db",
                  "CREATE TABLE addresses(name, street); INSERT INTO "
                  "addresses VALUES('A', 'B');");
    assert_refused(*state, "foreign.db", "not a database of mlpsweep");
    make_with_sql(*state, "marked.db", "PRAGMA application_id = 4711");
    assert_refused(*state, "marked.db", "not a database of mlpsweep");
}

static void newer_database_is_refused_untouched(void **state) {
    free(train_whole(*state));
    make_with_sql(*state, "whole.db", "PRAGMA user_version = 999999");
    assert_refused(*state, "whole.db", "newer");
    make_with_sql(*state, "whole.db", "PRAGMA journal_mode = DELETE");
    assert_refused(*state, "whole.db", "newer");
}

/* What others wrote may still be in the log beside the file: it stays there. */
static void refused_database_keeps_its_log(void **state) {
    static const char *const sql[] = {
        "PRAGMA journal_mode = WAL; CREATE TABLE addresses(name)",
        "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x4D4C5053; PRAGMA user_version = "
        "999999; "
        "CREATE TABLE trial_rows(id)",
    };
    const char *folder = *state;
    sweep_write(folder, "disk", base, "");
    for (size_t i = 0; i < 2; i++) {
        sqlite3 *handle;
        assert_int_equal(sqlite3_open(temporary_path(folder, "live.db"), &handle), SQLITE_OK);
        assert_int_equal(sqlite3_exec(handle, sql[i], NULL, NULL, NULL), SQLITE_OK);
        sweep_copy(folder, "live.db", "refused.db");
        sweep_copy(folder, "live.db-wal", "refused.db-wal");
        sqlite3_close(handle);
        sweep_remove(folder, "live.db");
        uint64_t log = sweep_hash(folder, "refused.db-wal");
        assert_refused(folder, "refused.db", i == 0 ? "not a database" : "newer");
        assert_true(sweep_hash(folder, "refused.db-wal") == log);
        sweep_remove(folder, "refused.db");
    }
}

static void half_a_database_is_refused_untouched(void **state) {
    const char *folder = *state;
    free(train_whole(folder));
    int64_t size = sweep_size(folder, "whole.db");
    for (int part = 1; part < 8; part++) {
        sweep_copy(folder, "whole.db", "half.db");
        assert_int_equal(truncate(temporary_path(folder, "half.db"), size * part / 8 / 512 * 512),
                         0);
        assert_refused(folder, "half.db", "damaged");
    }
    sweep_copy(folder, "whole.db", "half.db");
    assert_int_equal(truncate(temporary_path(folder, "half.db"), 100), 0);
    assert_refused(folder, "half.db", "");
}

static void missing_and_empty_files_are_filled(void **state) {
    static const char *const files[] = {"new.db", "empty.db"};
    const char *folder = *state;
    char *expected = train_whole(folder);
    temporary_write(folder, "empty.db", "", 0);
    for (size_t i = 0; i < 2; i++) {
        struct sweep_run run = sweep(folder, files[i]);
        sweep_complete(&run);
        sweep_assert_same(folder, files[i], expected);
    }
    free(expected);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, temporary_open, sweep_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(full_disk_loses_nothing_and_the_next_run_goes_on),
        IN_FOLDER(committed_epochs_outlive_a_full_disk),
        IN_FOLDER(full_tmpfs_loses_nothing),
        IN_FOLDER(read_only_file_is_refused_untouched),
        IN_FOLDER(read_only_folder_is_refused_untouched),
        IN_FOLDER(results_in_a_read_only_folder_can_be_read),
        IN_FOLDER(text_file_is_refused_untouched),
        IN_FOLDER(garbage_is_refused_untouched),
        IN_FOLDER(foreign_database_is_refused_untouched),
        IN_FOLDER(newer_database_is_refused_untouched),
        IN_FOLDER(refused_database_keeps_its_log),
        IN_FOLDER(half_a_database_is_refused_untouched),
        IN_FOLDER(missing_and_empty_files_are_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
