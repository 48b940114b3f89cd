/* A database of every past version, upgraded in place. */
#include "store/database.h"
#include "store/lock.h"
#include "store/query.h"
#include "store/schema.h"
#include "temporary.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_file(const char *path, char **bytes, size_t *length) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    *bytes = malloc(*length + 1);
    assert_int_equal(fread(*bytes, 1, *length, file), *length);
    fclose(file);
}

/* A copy of tests/store/databases/vN.db. */
static const char *copy_of_version(const char *folder, int version) {
    char path[4096], name[32], *bytes;
    size_t length;
    snprintf(path, sizeof path, TESTS_DIR "/store/databases/v%d.db", version);
    snprintf(name, sizeof name, "v%d.db", version);
    read_file(path, &bytes, &length);
    const char *copy = temporary_write(folder, name, bytes, length);
    free(bytes);
    return copy;
}

static int64_t whole(const struct database *database, const char *sql) {
    int64_t result;
    struct error err = {0};
    assert_ok(database_whole(database, sql, &result, &err), err);
    return result;
}

static void file_of_every_version_is_brought_up_to_date(void **state) {
    for (int version = 1; version < SCHEMA_VERSION; version++) {
        struct error err = {0};
        struct database database;
        const char *path = copy_of_version(*state, version);
        assert_ok(database_open(path, &database, &err), err);
        assert_int_equal(whole(&database, "PRAGMA user_version"), SCHEMA_VERSION);
        assert_int_equal(whole(&database, "SELECT count(*) FROM trials"), 9);
        assert_int_equal(whole(&database, "SELECT count(*) FROM epochs"), 286);
        assert_int_equal(whole(&database, "SELECT count(*) FROM trials WHERE state = 'done' AND "
                                          "keep_weights = 'best'"),
                         8);
        assert_int_equal(whole(&database, "SELECT count(*) FROM stopping"), 8 * 12);
        assert_true(whole(&database, "SELECT count(*) FROM pairs WHERE axis = 'optimizer'") > 0);
        assert_int_equal(whole(&database, "SELECT count(*) FROM sessions"), 2);
        assert_int_equal(whole(&database, "SELECT count(*) FROM pragma_integrity_check WHERE "
                                          "integrity_check = 'ok'"),
                         1);
        database_close(&database);
        assert_ok(database_open(path, &database, &err), err);
        database_close(&database);
    }
}

static void reading_command_leaves_an_older_file_alone(void **state) {
    struct error err = {0};
    struct query_database *query = NULL;
    const char *path = copy_of_version(*state, 1);
    char *before, *after;
    size_t length, length_after;
    read_file(path, &before, &length);
    assert_false(query_open(path, &query, &err));
    assert_non_null(strstr(err.first->text, "older"));
    query_close(query);
    read_file(path, &after, &length_after);
    assert_int_equal(length, length_after);
    assert_memory_equal(before, after, length);
    error_clear(&err);
    free(before);
    free(after);
}

static void file_in_use_is_not_upgraded(void **state) {
    struct error err = {0};
    struct database database;
    struct session_lock other;
    const char *path = copy_of_version(*state, 1);
    assert_ok(lock_open(path, &other, &err), err);
    assert_true(lock_hold(&other, 2));
    assert_false(database_open(path, &database, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    database_close(&database);
    error_clear(&err);
    lock_close(&other);
    assert_ok(database_open(path, &database, &err), err);
    database_close(&database);
}

static void newer_file_is_refused_and_untouched(void **state) {
    struct error err = {0};
    struct database database;
    const char *path = temporary_path(*state, "new.db");
    char sql[80];
    assert_ok(database_open(path, &database, &err), err);
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", SCHEMA_VERSION + 1);
    assert_ok(database_exec(&database, sql, &err), err);
    database_close(&database);
    char *before, *after;
    size_t length, length_after;
    read_file(path, &before, &length);
    assert_false(database_open(path, &database, &err));
    assert_non_null(strstr(err.first->text, "newer"));
    database_close(&database);
    read_file(path, &after, &length_after);
    assert_int_equal(length, length_after);
    assert_memory_equal(before, after, length);
    error_clear(&err);
    free(before);
    free(after);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(file_of_every_version_is_brought_up_to_date, temporary_open,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(reading_command_leaves_an_older_file_alone, temporary_open,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(file_in_use_is_not_upgraded, temporary_open,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(newer_file_is_refused_and_untouched, temporary_open,
                                        temporary_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
