/* Upgrades in place: a database that a program of each past version wrote (databases/), and new
 * ones from which something is taken away. */
#include "store/lock.h"
#include "store/open.h"
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
    for (int version = 1; version <= 2; version++) {
        struct error err = {0};
        struct database database;
        const char *path = copy_of_version(*state, version);
        assert_ok(database_open(path, NULL, &database, &err), err);
        assert_int_equal(whole(&database, "PRAGMA user_version"), schema_version());
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
        assert_ok(database_open(path, NULL, &database, &err), err);
        database_close(&database);
    }
}

/* A current file, changed as if an older program had written it: `sql` takes something away. */
static const char *older_file(const char *folder, const char *sql) {
    struct error err = {0};
    struct database database;
    const char *path = copy_of_version(folder, 2);
    assert_ok(database_open(path, NULL, &database, &err), err);
    assert_ok(database_exec(&database, sql, &err), err);
    char version[64];
    snprintf(version, sizeof version, "PRAGMA user_version = %d", schema_version() / 1000 * 1000);
    assert_ok(database_exec(&database, version, &err), err);
    database_close(&database);
    return path;
}

static void assert_none(const char *path, const char *sql) {
    struct error err = {0};
    struct database database;
    assert_ok(database_open(path, NULL, &database, &err), err);
    assert_int_equal(whole(&database, sql), 0);
    database_close(&database);
}

#define DROP_VIEWS                                                                                 \
    "DROP VIEW trials; DROP VIEW members; DROP VIEW epochs; DROP VIEW layers; DROP VIEW "          \
    "overfitting; DROP VIEW variants; DROP VIEW curves; DROP VIEW pairs; DROP VIEW stopping; "     \
    "DROP VIEW confusion;"

static void missing_columns_are_added_with_the_knobs_default(void **state) {
    const char *path =
        older_file(*state, DROP_VIEWS "ALTER TABLE trial_rows DROP COLUMN loss;"
                                      "ALTER TABLE trial_rows DROP COLUMN test_every;"
                                      "ALTER TABLE trial_rows DROP COLUMN gl_at_end;"
                                      "ALTER TABLE epoch_rows DROP COLUMN penalty;");
    assert_none(path, "SELECT count(*) FROM trials WHERE test_every IS NOT 0");
    assert_none(path, "SELECT count(*) FROM overfitting WHERE gl_at_end IS NOT NULL");
    assert_none(path, "SELECT count(*) FROM epochs WHERE penalty IS NOT NULL");
}

static void first_choice_that_takes_arguments_gets_its_column(void **state) {
    const char *path = older_file(
        *state, DROP_VIEWS "CREATE TABLE was AS SELECT id, optimizer_arguments AS json FROM "
                           "trial_rows; ALTER TABLE trial_rows DROP COLUMN optimizer_arguments;");
    assert_none(path, "SELECT count(*) FROM trial_rows JOIN was USING (id) WHERE json IS NOT "
                      "optimizer_arguments AND optimizer = 'adam'");
}

static void newer_argument_of_a_choice_joins_the_others_in_order(void **state) {
    const char *path =
        older_file(*state, "CREATE TABLE was AS SELECT id, optimizer_arguments AS json FROM "
                           "trial_rows; UPDATE trial_rows SET optimizer_arguments = "
                           "json_remove(optimizer_arguments, '$.beta1', '$.nesterov');");
    assert_none(path, "SELECT count(*) FROM trial_rows JOIN was USING (id) WHERE json IS NOT "
                      "optimizer_arguments");
}

static void variants_from_before_and_after_a_new_knob_pair(void **state) {
    const char *path = older_file(*state, "CREATE TABLE was AS SELECT * FROM axis_rows; UPDATE "
                                          "axis_rows SET rest = 5 WHERE variant = (SELECT "
                                          "min(variant) FROM axis_rows); DELETE FROM axis_rows "
                                          "WHERE variant = (SELECT max(variant) FROM axis_rows);");
    assert_none(path, "SELECT count(*) FROM was w LEFT JOIN axis_rows a USING (variant, axis) "
                      "WHERE w.rest IS NOT a.rest");
}

static void views_that_an_older_program_made_are_made_anew(void **state) {
    struct error err = {0};
    struct database database;
    const char *path = copy_of_version(*state, 2);
    assert_ok(database_open(path, NULL, &database, &err), err);
    assert_ok(database_exec(&database,
                            "DROP VIEW pairs; CREATE VIEW pairs AS SELECT 1 AS axis; UPDATE "
                            "schema_rows SET fingerprint = 'another'",
                            &err),
              err);
    database_close(&database);
    assert_none(path, "SELECT count(*) FROM pairs WHERE axis = '1'");
}

/* Names of views and columns that are in one of the two lists alone. */
static void view_columns_names_each_column_of_each_view(void **state) {
    const char *path = older_file(*state, "SELECT 1");
    assert_none(
        path, "WITH there AS (SELECT s.name AS \"view\", i.name AS \"column\" FROM sqlite_schema s "
              "JOIN pragma_table_info(s.name) i WHERE s.type = 'view') SELECT count(*) FROM there "
              "FULL JOIN columns USING (\"view\", \"column\") WHERE there.\"view\" IS NULL OR "
              "meaning IS NULL OR meaning = ''");
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
    assert_false(database_open(path, NULL, &database, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    database_close(&database);
    error_clear(&err);
    lock_close(&other);
    assert_ok(database_open(path, NULL, &database, &err), err);
    database_close(&database);
}

static void newer_file_is_refused_and_untouched(void **state) {
    struct error err = {0};
    struct database database;
    const char *path = temporary_path(*state, "new.db");
    char sql[80];
    assert_ok(database_open(path, NULL, &database, &err), err);
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", schema_version() + 1);
    assert_ok(database_exec(&database, sql, &err), err);
    database_close(&database);
    char *before, *after;
    size_t length, length_after;
    read_file(path, &before, &length);
    assert_false(database_open(path, NULL, &database, &err));
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
        TEMPORARY_TEST(file_of_every_version_is_brought_up_to_date),
        TEMPORARY_TEST(missing_columns_are_added_with_the_knobs_default),
        TEMPORARY_TEST(first_choice_that_takes_arguments_gets_its_column),
        TEMPORARY_TEST(newer_argument_of_a_choice_joins_the_others_in_order),
        TEMPORARY_TEST(variants_from_before_and_after_a_new_knob_pair),
        TEMPORARY_TEST(views_that_an_older_program_made_are_made_anew),
        TEMPORARY_TEST(view_columns_names_each_column_of_each_view),
        TEMPORARY_TEST(reading_command_leaves_an_older_file_alone),
        TEMPORARY_TEST(file_in_use_is_not_upgraded),
        TEMPORARY_TEST(newer_file_is_refused_and_untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
