/* Which paths are databases, what opening leaves beside them, and waiting for other programs. */
#include "store/open.h"

#include "fixture.h"
#include "store/query.h"
#include "temporary.h"
#include "test.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void path_that_keeps_nothing_is_a_usage_error(void **state) {
    (void)state;
    static const char *const paths[] = {"", ":memory:", "file:a.db?mode=memory", "file:a.db"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct error err = {0};
        struct database database;
        struct query_database *query = NULL;
        assert_false(database_open(paths[i], NULL, &database, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        database_close(&database);
        error_clear(&err);
        assert_false(query_open(paths[i], &query, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        query_close(query);
        error_clear(&err);
    }
}

static void pipe_is_refused_at_once(void **state) {
    struct error err = {0};
    struct database database;
    struct query_database *query = NULL;
    const char *path = temporary_path(*state, "pipe.db");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(database_open(path, NULL, &database, &err));
    assert_non_null(strstr(err.first->text, "not a regular file"));
    database_close(&database);
    error_clear(&err);
    assert_false(query_open(path, &query, &err));
    assert_non_null(strstr(err.first->text, "not a regular file"));
    query_close(query);
    error_clear(&err);
}

static void missing_folder_is_an_error_and_is_not_made(void **state) {
    struct error err = {0};
    struct database database;
    const char *path = temporary_path(*state, "none/x.db");
    assert_false(database_open(path, NULL, &database, &err));
    assert_non_null(strstr(err.first->text, "none"));
    database_close(&database);
    error_clear(&err);
    assert_int_not_equal(access(temporary_path(*state, "none"), F_OK), 0);
    assert_ok(database_make_folder(path, &err), err);
    assert_ok(database_open(path, NULL, &database, &err), err);
    database_close(&database);
}

static void assert_alone(const char *folder, const char *name) {
    static const char *const suffixes[] = {"-wal", "-shm"};
    for (size_t i = 0; i < 2; i++) {
        char file[80];
        snprintf(file, sizeof file, "%s%s", name, suffixes[i]);
        assert_int_not_equal(access(temporary_path(folder, file), F_OK), 0);
    }
}

/* Reads, which may fail. */
static void read_count(const char *path) {
    struct error err = {0};
    struct arena arena = {0};
    struct table table;
    struct query_database *query = NULL;
    if (!query_open(path, &query, &err) ||
        !query_table(query, "SELECT count(*) FROM epochs, layers", NULL, 0, &arena, &table, &err))
        error_clear(&err);
    query_close(query);
    arena_close(&arena);
}

static void reading_leaves_nothing_beside_the_file(void **state) {
    struct fixture f;
    char path[4096];
    const char *folder = *state;
    snprintf(path, sizeof path, "%s", temporary_path(folder, "a.db"));
    fixture_open(&f, path, CLAIM_OPEN);
    assert_true(fixture_claim(&f, 0, NULL));
    fixture_epochs(&f, 0, 200);
    fixture_close(&f);
    assert_alone(folder, "a.db");
    read_count(path);
    assert_alone(folder, "a.db");
    FILE *file = fopen(path, "r+b"); /* the header stays, all else is damaged */
    assert_non_null(file);
    fseek(file, 8192, SEEK_SET);
    for (int i = 0; i < 200000; i++)
        fputc(0xa5, file);
    fclose(file);
    read_count(path);
    assert_alone(folder, "a.db");
}

static void refused_database_has_nothing_beside_it(void **state) {
    sqlite3 *handle;
    char path[4096];
    const char *folder = *state;
    snprintf(path, sizeof path, "%s", temporary_path(folder, "other.db"));
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    sqlite3_exec(handle, "PRAGMA journal_mode = WAL; CREATE TABLE t(x)", NULL, NULL, NULL);
    sqlite3_close(handle);
    assert_alone(folder, "other.db");
    read_count(path);
    assert_alone(folder, "other.db");
    struct error err = {0};
    struct database database;
    assert_false(database_open(path, NULL, &database, &err));
    database_close(&database);
    error_clear(&err);
    assert_alone(folder, "other.db");
}

static atomic_int told, stop;

static void tell(const char *path) {
    (void)path;
    atomic_store(&told, 1);
}

static void *stop_when_told(void *unused) {
    (void)unused;
    while (!atomic_load(&told))
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    atomic_store(&stop, 1);
    return NULL;
}

static void lock_of_another_program_is_told_and_given_up_on_a_signal(void **state) {
    struct error err = {0};
    struct database mine, other;
    pthread_t thread;
    struct database_wait wait = {.stop = &stop, .tell = tell};
    const char *path = temporary_path(*state, "a.db");
    assert_ok(database_open(path, NULL, &other, &err), err);
    assert_ok(database_open(path, &wait, &mine, &err), err);
    assert_ok(database_begin(&other, &err), err);
    assert_int_equal(pthread_create(&thread, NULL, stop_when_told, NULL), 0);
    assert_false(database_begin(&mine, &err));
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    error_clear(&err);
    pthread_join(thread, NULL);
    database_rollback(&other);
    database_close(&mine);
    database_close(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(path_that_keeps_nothing_is_a_usage_error),
        TEMPORARY_TEST(pipe_is_refused_at_once),
        TEMPORARY_TEST(missing_folder_is_an_error_and_is_not_made),
        TEMPORARY_TEST(reading_leaves_nothing_beside_the_file),
        TEMPORARY_TEST(refused_database_has_nothing_beside_it),
        TEMPORARY_TEST(lock_of_another_program_is_told_and_given_up_on_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
