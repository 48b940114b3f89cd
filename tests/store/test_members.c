/* Which trials an experiment has, and how they join and leave its plan. */
#include "fixture.h"
#include "temporary.h"
#include "test.h"

#include <string.h>

/* Notes trials first..first+count of the fixture as members. */
static struct store_members note(struct fixture *f, const char *file, size_t first, size_t count,
                                 bool is_whole_file) {
    struct error err = {0};
    struct store_members members = {.experiment = "plan",
                                    .file = file,
                                    .work = f->work + first,
                                    .count = count,
                                    .is_whole_file = is_whole_file};
    assert_ok(store_add_members(f->store, &members, &f->arena, &err), err);
    return members;
}

static const char seeds_in_plan[] = "SELECT group_concat(seed || origin, ' ') FROM (SELECT * FROM "
                                    "members JOIN trials USING (trial) "
                                    "WHERE in_plan AND experiment = 'plan' ORDER BY position)";

static void trials_of_set_join_the_plan_behind_the_files(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    note(&f, "a.yaml", 0, 2, true);
    struct store_members members = note(&f, "a.yaml", 3, 2, false);
    assert_int_equal(members.left, 0);
    assert_string_equal(database_answer(path, seeds_in_plan), "1file 2file 4set 5set");
    members = note(&f, "a.yaml", 0, 2, true);
    assert_int_equal(members.left, 0);
    assert_string_equal(database_answer(path, seeds_in_plan), "1file 2file 4set 5set");
    fixture_close(&f);
}

static void trial_leaves_the_plan_only_when_the_file_no_longer_has_it(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    note(&f, "a.yaml", 0, 4, true);
    assert_int_equal(note(&f, "a.yaml", 1, 2, true).left, 2);
    assert_string_equal(database_answer(path, seeds_in_plan), "2file 3file");
    assert_int_equal(note(&f, "a.yaml", 1, 2, true).left, 0);
    assert_string_equal(database_answer(path, "SELECT count(*) FROM members WHERE NOT in_plan"),
                        "2");
    assert_int_equal(note(&f, "a.yaml", 0, 4, true).left, 0);
    assert_string_equal(database_answer(path, seeds_in_plan), "1file 2file 3file 4file");
    fixture_close(&f);
}

static void trial_of_the_file_stays_one_when_set_brings_it_again(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    fixture_open(&f, path, CLAIM_OPEN);
    note(&f, "a.yaml", 0, 3, true);
    note(&f, "a.yaml", 1, 3, false);
    assert_string_equal(database_answer(path, seeds_in_plan), "1file 2file 3file 4set");
    note(&f, "a.yaml", 0, 4, true);
    assert_string_equal(database_answer(path, seeds_in_plan), "1file 2file 3file 4file");
    fixture_close(&f);
}

static void another_file_of_the_same_name_is_told_while_it_is_there(void **state) {
    struct fixture f;
    const char *path = temporary_path(*state, "a.db");
    const char *one = temporary_write(*state, "one.yaml", "", 0);
    const char *two = temporary_write(*state, "two.yaml", "", 0);
    fixture_open(&f, path, CLAIM_OPEN);
    assert_null(note(&f, one, 0, 1, true).other_file);
    assert_null(note(&f, one, 0, 1, true).other_file);
    const char *other = note(&f, two, 0, 1, true).other_file;
    assert_non_null(other);
    assert_non_null(strstr(other, "one.yaml"));
    assert_int_equal(remove(two), 0);
    assert_null(note(&f, one, 0, 1, true).other_file); /* it was moved, not copied */
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(trials_of_set_join_the_plan_behind_the_files),
        TEMPORARY_TEST(trial_leaves_the_plan_only_when_the_file_no_longer_has_it),
        TEMPORARY_TEST(trial_of_the_file_stays_one_when_set_brings_it_again),
        TEMPORARY_TEST(another_file_of_the_same_name_is_told_while_it_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
