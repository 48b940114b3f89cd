/* Which record of a trial is kept when databases are joined, in whatever order and however often.
 * Results are made up; real trainings are merged in tests/faults/test_shards.c. */
#include "store/merge.h"

#include "fixture.h"
#include "temporary.h"
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a database has of one trial; without epochs it is planned. */
struct part {
    enum trial_state state;
    uint64_t epochs;
    const char *digest;
};

static const char *make(void *folder, const char *name, const struct part *parts) {
    struct fixture f;
    const char *path = temporary_path(folder, name);
    fixture_open(&f, path, CLAIM_OPEN);
    for (size_t i = 0; i < FIXTURE_TRIALS; i++) {
        if (!parts[i].epochs)
            continue;
        assert_true(fixture_claim(&f, i, NULL));
        fixture_epochs(&f, i, parts[i].epochs);
        fixture_finish(&f, i, parts[i].state, parts[i].epochs, parts[i].digest);
    }
    fixture_close(&f);
    return path;
}

static const struct part first[FIXTURE_TRIALS] = {
    {TRIAL_DONE, 3, "a1"}, {TRIAL_INTERRUPTED, 2, ""}, {TRIAL_FAILED, 1, ""}, {0},
    {TRIAL_DONE, 5, "a5"}, {TRIAL_INTERRUPTED, 1, ""}};
static const struct part second[FIXTURE_TRIALS] = {
    {TRIAL_DONE, 3, "a1"}, {TRIAL_INTERRUPTED, 4, ""}, {TRIAL_DONE, 2, "b3"},
    {TRIAL_DONE, 1, "b4"}, {TRIAL_DONE, 5, "b5"},      {0}};

static struct merge_report merge(const char *out, const char *in) {
    struct merge_report report;
    struct error err = {0};
    assert_ok(merge_prepare(out, &err), err);
    assert_ok(merge_add(out, in, &report, &err), err);
    return report;
}

/* All that counts, as one text. */
static const char *content(const char *path) {
    return database_answer(
        path,
        "SELECT group_concat(trial || state || epochs_done || coalesce(weights_digest, '') || "
        "(SELECT count(*) FROM epochs e WHERE e.trial = t.trial), ',') FROM (SELECT * FROM "
        "trials ORDER BY trial) t");
}

static void record_that_got_further_is_kept(void **state) {
    const char *a = make(*state, "a.db", first), *b = make(*state, "b.db", second);
    const char *out = temporary_path(*state, "out.db");
    struct merge_report report = merge(out, a);
    assert_int_equal(report.added, FIXTURE_TRIALS);
    report = merge(out, b);
    assert_int_equal(report.trials, FIXTURE_TRIALS);
    assert_int_equal(report.added, 0);
    assert_true(report.replaced >= 3); /* of equals it may be either */
    assert_int_equal(report.conflicts, 1);
    assert_string_equal(database_answer(out, "SELECT group_concat(state || epochs_done) FROM "
                                             "(SELECT * FROM trials ORDER BY seed)"),
                        "done3,interrupted4,done2,done1,done5,interrupted1");
    assert_string_equal(database_answer(out, "SELECT sum(in_plan) FROM members"), "6");
    assert_string_equal(database_answer(out, "SELECT count(*) FROM sessions"), "2");
    assert_string_equal(database_answer(out, "SELECT count(*) FROM conflicts"), "1");
    assert_string_equal(database_answer(out, "SELECT count(*) FROM weight_rows"), "24");
    assert_string_equal(
        database_answer(out, "SELECT count(*) FROM trials JOIN sessions USING (session) WHERE "
                             "state <> 'planned'"),
        "6");
}

static void merging_twice_changes_nothing(void **state) {
    const char *a = make(*state, "a.db", first), *b = make(*state, "b.db", second);
    const char *out = temporary_path(*state, "out.db");
    char before[256];
    merge(out, a);
    merge(out, b);
    snprintf(before, sizeof before, "%s", content(out));
    struct merge_report report = merge(out, a);
    assert_int_equal(report.added + report.replaced, 0);
    report = merge(out, b);
    assert_int_equal(report.added + report.replaced, 0);
    assert_string_equal(content(out), before);
    assert_string_equal(database_answer(out, "SELECT count(*) FROM sessions"), "2");
    assert_string_equal(database_answer(out, "SELECT count(*) FROM conflicts"), "1");
}

static void order_of_merging_does_not_matter(void **state) {
    char paths[4][4096];
    snprintf(paths[0], sizeof paths[0], "%s", make(*state, "a.db", first));
    snprintf(paths[1], sizeof paths[1], "%s", make(*state, "b.db", second));
    snprintf(paths[2], sizeof paths[2], "%s", temporary_path(*state, "x.db"));
    snprintf(paths[3], sizeof paths[3], "%s", temporary_path(*state, "y.db"));
    merge(paths[2], paths[0]);
    merge(paths[2], paths[1]);
    merge(paths[3], paths[1]);
    merge(paths[3], paths[0]);
    assert_string_equal(content(paths[2]), content(paths[3]));
    assert_string_equal(
        database_answer(paths[2], "SELECT kept_digest || other_digest FROM conflicts"),
        database_answer(paths[3], "SELECT kept_digest || other_digest FROM conflicts"));
}

static void what_is_no_database_is_refused_and_nothing_changes(void **state) {
    const char *a = make(*state, "a.db", first);
    const char *text = temporary_write(*state, "text", "not a database, but long enough", 31);
    const char *out = temporary_path(*state, "out.db");
    struct merge_report report;
    struct error err = {0};
    merge(out, a);
    assert_false(merge_add(out, text, &report, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.first->text, "text"));
    error_clear(&err);
    assert_false(merge_add(out, "/nowhere/at/all.db", &report, &err));
    error_clear(&err);
    assert_false(merge_add(out, out, &report, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_string_equal(database_answer(out, "SELECT count(*) FROM trials"), "6");
}

static void inputs_are_left_without_a_log_beside_them(void **state) {
    const char *a = make(*state, "a.db", first);
    merge(temporary_path(*state, "out.db"), a);
    assert_int_not_equal(access(temporary_path(*state, "a.db-wal"), F_OK), 0);
    assert_int_not_equal(access(temporary_path(*state, "a.db-shm"), F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(record_that_got_further_is_kept),
        TEMPORARY_TEST(merging_twice_changes_nothing),
        TEMPORARY_TEST(inputs_are_left_without_a_log_beside_them),
        TEMPORARY_TEST(order_of_merging_does_not_matter),
        TEMPORARY_TEST(what_is_no_database_is_refused_and_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
