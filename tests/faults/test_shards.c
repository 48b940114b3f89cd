/* Shards of a plan, each into a database of its own: merged in any order they are one run. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char base[] = "  epochs: 2\n  batch_size: 50\n";
static const char sweep[] =
    "sweep: {batch_size: [25, 50, 100], topology: [[4], [6, 5]]}\nrepeats: 2\n";

enum { SHARDS = 3 };

static int call(const char *folder, const char *const *words) {
    static const char *const environment[] = {"MLPSWEEP_DB=main.db", NULL};
    const char *arguments[16] = {MLPSWEEP_BINARY};
    char err[4096];
    for (size_t i = 0; words[i]; i++)
        arguments[i + 1] = words[i];
    snprintf(err, sizeof err, "%s/err", folder);
    sweep_forget(folder, "err");
    return process_run(&(struct launch){arguments, environment, folder, NULL, err}, 60);
}

#define CALL(folder, ...) call(folder, (const char *const[]){__VA_ARGS__, NULL})

static void run_shards(const char *folder) {
    char shard[16];
    for (int i = 1; i <= SHARDS; i++) {
        snprintf(shard, sizeof shard, "%d/%d", i, SHARDS);
        if (CALL(folder, "run", "plan.yaml", "--shard", shard, "--progress", "none") != 0)
            fail_msg("%s", sweep_text(folder, "err"));
    }
}

/* The plan as one run trains it. Owns: free it. */
static char *train_whole(const char *folder) {
    sweep_write(folder, "plan", base, sweep);
    sweep_complete(&(struct sweep_run){.folder = folder, .name = "plan", .database = "whole.db"});
    return sweep_dump(folder, "whole.db");
}

static void shards_merged_in_any_order_are_one_run(void **state) {
    static const int orders[][SHARDS] = {{1, 2, 3}, {3, 1, 2}, {2, 3, 1}};
    const char *folder = *state;
    char *expected = train_whole(folder), names[SHARDS][40];
    run_shards(folder);
    for (size_t o = 0; o < 3; o++) {
        for (size_t i = 0; i < SHARDS; i++)
            snprintf(names[i], sizeof names[i], "shards/plan-%d-of-%d.db", orders[o][i], SHARDS);
        sweep_remove(folder, "all.db");
        assert_int_equal(CALL(folder, "merge", "all.db", names[0], names[1], names[2]), 0);
        sweep_assert_same(folder, "all.db", expected);
        assert_int_equal(
            sweep_whole(folder, "all.db", "SELECT count(*) FROM members WHERE in_plan"), 12);
        assert_int_equal(
            sweep_whole(folder, "all.db", "SELECT count(DISTINCT position) FROM members"), 12);
    }
    free(expected);
}

static void shard_skips_what_the_main_database_has_done(void **state) {
    const char *folder = *state;
    char *expected = train_whole(folder);
    assert_int_equal(
        CALL(folder, "run", "plan.yaml", "--set", "batch_size=25", "--progress", "none"), 0);
    assert_int_equal(sweep_whole(folder, "main.db", "SELECT count(*) FROM trials"), 4);
    run_shards(folder);
    assert_int_equal(CALL(folder, "merge", "main.db", "shards/plan-1-of-3.db",
                          "shards/plan-2-of-3.db", "shards/plan-3-of-3.db"),
                     0);
    assert_int_equal(sweep_whole(folder, "main.db",
                                 "SELECT count(*) FROM sessions JOIN trials USING (session) "
                                 "WHERE batch_size = 25 AND command NOT LIKE '%--shard%'"),
                     4);
    sweep_assert_same(folder, "main.db", expected);
    assert_int_equal(CALL(folder, "run", "plan.yaml", "--progress", "none"), 0);
    assert_int_equal(sweep_whole(folder, "main.db",
                                 "SELECT count(*) FROM sessions JOIN trials "
                                 "USING (session) WHERE command NOT LIKE "
                                 "'%--s%'"),
                     0);
    free(expected);
}

static void shard_has_a_number_of_a_number(void **state) {
    static const char *const wrong[] = {"0/3", "4/3", "3", "a/b", "1/0", "1/", "/2", "1/100001"};
    const char *folder = *state;
    sweep_write(folder, "plan", base, sweep);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(CALL(folder, "run", "plan.yaml", "--shard", wrong[i]), 2);
    assert_int_not_equal(access(temporary_path(folder, "shards"), F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_open, sweep_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(shards_merged_in_any_order_are_one_run),
        TEST(shard_skips_what_the_main_database_has_done),
        TEST(shard_has_a_number_of_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
