/* `summary` as a user meets it: leaderboards of what the database really holds. */
#include <sqlite3.h>
#include <string.h>

#include "fixture.h"
#include "temporary.h"
#include "test.h"

static void crossed_seeds_pair_once_each(void **state) {
    const char *text =
        fixture_summary(*state, "base: {dataset: points, epochs: 2, order_seed: 1}\n"
                                "sweep: {topology: [[3], [4]], init_seed: [1, 2, 3, 4, "
                                "5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, "
                                "20]}\n");
    assert_in(text, "over 20 seeds");
    assert_in(text, "split_seed and order_seed");
}

/* Each data set has its own table, and nothing compares them. */
static void data_sets_have_leaderboards_of_their_own(void **state) {
    const char *text =
        fixture_summary(*state, "base: {epochs: 2, topology: [3]}\n"
                                "sweep: {dataset: [points, values], optimizer: [adam, "
                                "sgd]}\n"
                                "repeats: 2\n");
    const char *points = strstr(text, "\npoints\n"), *values = strstr(text, "\nvalues\n");
    assert_non_null(points);
    assert_non_null(values);
    assert_in(points, "val accuracy");
    assert_in(values, "test rmse");
    const char *second = points < values ? values : points;
    assert_in(second, "   1  ");
    assert_in(second, "   2  ");
    assert_not_in(second, "   3  ");
}

static void generators_with_other_arguments_are_never_compared(void **state) {
    const char *text =
        fixture_summary(*state, "base: {epochs: 2, topology: [3]}\n"
                                "sweep: {dataset: ['moons(rows=50)', 'moons(rows=50, noise=0.3)', "
                                "'moons(rows=60)'], optimizer: [adam, sgd]}\n");
    assert_not_in(text, "   3  ");
    assert_in(text, "\nmoons(rows=50, noise=0.1)\n");
    assert_in(text, "\nmoons(rows=50, noise=0.3)\n");
    assert_in(text, "\nmoons(rows=60, noise=0.1)\n");
}

static void other_validation_rows_are_never_compared(void **state) {
    const char *text =
        fixture_summary(*state, "base: {dataset: points, epochs: 2, topology: [3]}\n"
                                "sweep: {validation_split: [0.1, 0.5], optimizer: [adam, sgd]}\n"
                                "repeats: 2\n");
    assert_not_in(text, "   3  ");
    assert_in(text, "points, validation_split 0.1");
    assert_in(strstr(text, "   2  "), "points, validation_split 0.5");
    assert_in(strstr(text, "   2  "), "   1  ");
}

/* Labels are made from what varies among what is shown, not from what was stored. */
static void merged_overrides_are_one_leaderboard(void **state) {
    fixture_experiment(*state, "base: {dataset: points, epochs: 2}\n"
                               "sweep: {topology: [[10], [20]]}\nrepeats: 3\n");
    CALL(*state, "a.db", "run", "--progress=none", "it.yaml", "--set", "topology=[10]");
    CALL(*state, "b.db", "run", "--progress=none", "it.yaml", "--set", "topology=[20]");
    CALL(*state, "a.db", "merge", "it.db", "a.db", "b.db");
    const char *text = CALL(*state, "it.db", "summary", "it.yaml");
    assert_in(text, "2 variants, 6 of 6 trials done");
    assert_in(text, "topology=10");
    assert_in(text, "topology=20");
    assert_not_in(text, "all trials");
}

static void variants_beyond_the_shown_ones_are_counted(void **state) {
    const char *text = fixture_summary(
        *state, "base: {dataset: points, epochs: 1}\n"
                "sweep: {topology: [[1], [2], [3], [4], [5], [6], [7], [8], [9]]}\n");
    assert_in(text, "\n1 more variant: see the column verdict.\n");
}

static void lone_variant_is_called_by_its_settings(void **state) {
    const char *text =
        fixture_summary(*state, "base: {dataset: points, epochs: 2, topology: [], scale: none}\n");
    assert_in(text, "scale=none, topology=none, epochs=2");
}

/* As the database calls it; `[]` is how an experiment file and `--where` may write it. */
static void linear_model_is_called_none_by_every_command(void **state) {
    const char *text = fixture_summary(*state, "base: {dataset: points, epochs: 2}\n"
                                               "sweep: {topology: [[], [3]]}\n"
                                               "baseline: {topology: []}\n");
    static const char *const commands[][4] = {
        {"summary", "it"},
        {"plan", "it.yaml"},
        {"plan", "it.yaml", "--totals"},
        {"compare", "it"},
        {"compare", "topology=none", "topology=3"},
        {"sql", "SELECT label, topology FROM members JOIN trials USING (trial)"},
    };
    assert_in(text, "Against topology=none");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        text = fixture_call(*state, "it.db", commands[i]);
        assert_in(text, "none");
        assert_not_in(text, "[]");
    }
    text = CALL(*state, "it.db", "compare", "topology=[]", "topology=3");
    assert_in(text, "topology  none  3");
    CALL(*state, "it.db", "run", "it.yaml", "--fresh", "--progress=lines");
    assert_in(fixture_content(*state, "err"), "[topology=none, seed=1]");
}

static void regression_without_validation_is_not_ranked(void **state) {
    const char *text =
        fixture_summary(*state, "base: {dataset: values, epochs: 2, validation_split: "
                                "0}\nsweep: {topology: [[3], [4]]}\n");
    assert_in(text, "variants are not ranked");
    assert_not_in(text, "rank ");
    assert_not_in(text, "val loss");
    assert_not_in(text, "Against");
}

static void numbers_come_as_csv_and_json(void **state) {
    fixture_summary(*state, "base: {dataset: points, epochs: 2}\nsweep: {topology: [[3], [4]]}\n"
                            "repeats: 2\n");
    const char *csv = CALL(*state, "it.db", "summary", "--format=csv");
    assert_in(csv, "experiment,dataset,rank,variant,label,");
    assert_in(csv, "val_accuracy_at_best_mean");
    assert_in(csv, "\nit,points,2,");
    const char *json = CALL(*state, "it.db", "summary", "--format=json");
    assert_in(json, "\"rank\": 1");
}

static void change(const char *folder, const char *sql) {
    sqlite3 *database;
    assert_int_equal(sqlite3_open(temporary_path(folder, "it.db"), &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void declared_baseline_is_what_others_are_compared_with(void **state) {
    const char *text =
        fixture_summary(*state, "question: Which one?\nbase: {dataset: points, epochs: 2}\n"
                                "sweep: {topology: [[3], [3, 2]], optimizer: [adam, "
                                "'sgd(momentum=0.5)', 'sgd(momentum=0.9)']}\n");
    assert_ptr_equal(strstr(text, "Which one?\n"), text);
    change(*state, "UPDATE session_rows SET experiment_text = experiment_text || 'baseline: "
                   "{topology: [3, 2], optimizer: sgd(momentum=0.5)}'");
    text = CALL(*state, "it.db", "summary");
    assert_in(text, "Against topology=3-2, sgd(momentum=0.5):");
}

/* Numbers, texts and states that no command writes: the reading side shows them and goes on. */
static void damaged_numbers_are_shown_and_not_believed(void **state) {
    static const char *const damages[] = {
        "UPDATE trial_rows SET best_epoch = 1e300, wasted_epochs = -5",
        "UPDATE trial_rows SET val_accuracy_at_best = 'x', best_val_loss = x'00ff'",
        "UPDATE trial_rows SET seed = NULL, init_seed = 9223372036854775807",
        "UPDATE trial_rows SET state = 'diverged' WHERE seed = 1",
        "UPDATE trial_rows SET best_val_loss = 9e999, val_accuracy_at_best = -9e999",
        "UPDATE trial_rows SET topology = NULL, dataset = '', loss = NULL",
        "UPDATE epoch_rows SET val_loss = 9e999 WHERE epoch = 2",
        "UPDATE epoch_rows SET epoch = epoch + 1000000000",
        "UPDATE member_rows SET position = 1",
        "DELETE FROM epoch_rows",
        "UPDATE trial_rows SET dataset = NULL, variant = ''",
        "UPDATE session_rows SET experiment_text = 'a: [', experiment = 'it, it'",
        "UPDATE session_rows SET experiment_text = x'00ff'",
    };
    fixture_summary(*state, "base: {dataset: points, epochs: 3}\nsweep: {topology: [[3], [4]]}\n"
                            "repeats: 3\n");
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        change(*state, damages[i]);
        CALL(*state, "it.db", "summary");
        CALL(*state, "it.db", "summary", "--format=json");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(crossed_seeds_pair_once_each),
        FIXTURE_TEST(data_sets_have_leaderboards_of_their_own),
        FIXTURE_TEST(generators_with_other_arguments_are_never_compared),
        FIXTURE_TEST(other_validation_rows_are_never_compared),
        FIXTURE_TEST(merged_overrides_are_one_leaderboard),
        FIXTURE_TEST(variants_beyond_the_shown_ones_are_counted),
        FIXTURE_TEST(lone_variant_is_called_by_its_settings),
        FIXTURE_TEST(linear_model_is_called_none_by_every_command),
        FIXTURE_TEST(regression_without_validation_is_not_ranked),
        FIXTURE_TEST(numbers_come_as_csv_and_json),
        FIXTURE_TEST(declared_baseline_is_what_others_are_compared_with),
        FIXTURE_TEST(damaged_numbers_are_shown_and_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
