/* What the views compute, against values of an independent program (golden/variants.py). */
#include "fixture.h"
#include "store/open.h"
#include "temporary.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A trial that is done, with what a test says of it. */
static void add(const struct database *database, const char *columns, const char *values) {
    struct error err = {0};
    struct arena arena = {0};
    assert_ok(database_exec(database,
                            arena_printf(&arena,
                                         "INSERT INTO trial_rows(trial, state, %s) VALUES("
                                         "lower(hex(randomblob(8))), 'done', %s)",
                                         columns, values),
                            &err),
              err);
    arena_close(&arena);
}

/* NaN for NULL. */
static double number(const struct database *database, const char *sql) {
    struct error err = {0};
    sqlite3_stmt *row = database_prepare(database, sql, NULL, 0, &err);
    if (!row)
        fail_msg("%s", err.first->text);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    double result =
        sqlite3_column_type(row, 0) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    return result;
}

static void assert_same(const char *name, const char *what, double is, double expected) {
    if (isnan(is) && isnan(expected))
        return;
    if (!(fabs(is - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("%s of %s is %.17g, not %.17g", what, name, is, expected);
}

/* Reads a number or `-`; returns where the text goes on. */
static const char *read_number(const char *at, double *number) {
    char *end;
    at += strspn(at, " ");
    *number = (double)NAN;
    if (*at == '-' && (at[1] == ' ' || at[1] == '\n'))
        return at + 1;
    *number = strtod(at, &end);
    return end;
}

static void add_values(const struct database *database, const char *name, const char *text) {
    char values[100];
    for (double x; *(text += strspn(text, " ")) != '|';) {
        text = read_number(text, &x);
        snprintf(values, sizeof values, "'%.20s', 'd', %.17g, %.17g", name, x, x);
        add(database, "variant, dataset, val_accuracy_at_best, best_epoch", values);
    }
    struct error err = {0};
    assert_ok(database_exec(database,
                            "INSERT INTO epoch_rows(trial_id, epoch, val_loss) SELECT id, 3, "
                            "val_accuracy_at_best FROM trial_rows WHERE id NOT IN (SELECT trial_id "
                            "FROM epoch_rows)",
                            &err),
              err);
}

static void statistics_are_those_of_scipy(void **state) {
    static const char *const columns[] = {"mean", "sd", "low", "high", "median"};
    struct error err = {0};
    struct database database;
    static char line[100000];
    assert_ok(database_open(temporary_path(*state, "a.db"), NULL, &database, &err), err);
    FILE *file = fopen(TESTS_DIR "/store/golden/variants.txt", "r");
    assert_non_null(file);
    size_t lines = 0;
    for (; fgets(line, sizeof line, file); lines++) {
        char *name = line, *values = strchr(line, ' '), sql[200];
        *values++ = '\0';
        add_values(&database, name, values);
        const char *at = strchr(values, '|') + 1;
        for (size_t i = 0; i < 5; i++) {
            double expected;
            at = read_number(at, &expected);
            snprintf(sql, sizeof sql,
                     "SELECT val_accuracy_at_best_%s FROM variants WHERE variant = '%.20s'",
                     columns[i], name);
            assert_same(name, columns[i], number(&database, sql), expected);
            snprintf(sql, sizeof sql, "SELECT val_loss_%s FROM curves WHERE variant = '%.20s'",
                     columns[i], name);
            if (i < 2)
                assert_same(name, "curve", number(&database, sql), expected);
        }
    }
    fclose(file);
    assert_true(lines >= 11);
    assert_true(number(&database, "SELECT best_epoch_sd FROM variants WHERE variant = 'whole'") >
                1.15);
    assert_true(number(&database, "SELECT val_accuracy_at_best_sd FROM variants WHERE variant = "
                                  "'constant'") == 0);
    database_close(&database);
}

static double rank_of(const struct database *database, const char *variant) {
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT rank FROM variants WHERE variant = '%s'", variant);
    return number(database, sql);
}

static void rank_puts_what_has_no_validation_behind_the_others(void **state) {
    struct error err = {0};
    struct database database;
    static const char columns[] =
        "variant, dataset, validation_split, val_accuracy_at_best, best_val_loss";
    assert_ok(database_open(temporary_path(*state, "a.db"), NULL, &database, &err), err);
    add(&database, columns, "'none', 'd', 0.1, NULL, NULL");
    add(&database, columns, "'worse', 'd', 0.1, NULL, 0.5");
    add(&database, columns, "'better', 'd', 0.1, NULL, 0.25");
    add(&database, columns, "'diverged', 'd', 0.1, NULL, 0.125");
    assert_ok(database_exec(&database,
                            "UPDATE trial_rows SET state = 'diverged' WHERE variant = 'diverged'",
                            &err),
              err);
    assert_true(rank_of(&database, "better") == 1);
    assert_true(rank_of(&database, "worse") == 2);
    assert_true(rank_of(&database, "none") == 3);
    assert_true(rank_of(&database, "diverged") == 4);
    database_close(&database);
}

static void regressions_are_ranked_by_one_loss_at_a_time(void **state) {
    struct error err = {0};
    struct database database;
    static const char columns[] = "variant, dataset, dataset_arguments, validation_split, loss, "
                                  "loss_arguments, val_accuracy_at_best, best_val_loss";
    assert_ok(database_open(temporary_path(*state, "a.db"), NULL, &database, &err), err);
    add(&database, columns, "'a', 'd', '{}', 0.1, 'mse', '{}', NULL, 0.5");
    add(&database, columns, "'b', 'd', '{}', 0.1, 'mae', '{}', NULL, 0.25");
    add(&database, columns, "'c', 'd', '{}', 0.1, 'mse', '{}', NULL, 0.25");
    add(&database, columns, "'e', 'd', '{}', 0.1, 'huber', '{\"delta\":1}', NULL, 0.5");
    add(&database, columns, "'f', 'd', '{}', 0.1, 'huber', '{\"delta\":2}', NULL, 0.25");
    add(&database, columns, "'g', 'k', '{}', 0.1, 'mse', '{}', 0.8, 0.5");
    add(&database, columns, "'h', 'k', '{}', 0.1, 'cross_entropy', '{}', 0.9, 0.7");
    add(&database, columns, "'i', 'k', '{}', 0.1, 'mae', '{}', NULL, NULL");
    assert_true(rank_of(&database, "a") == 2 && rank_of(&database, "c") == 1);
    assert_true(rank_of(&database, "b") == 1);
    assert_true(rank_of(&database, "e") == 1 && rank_of(&database, "f") == 1);
    assert_true(rank_of(&database, "h") == 1 && rank_of(&database, "g") == 2);
    assert_true(rank_of(&database, "i") == 3);
    database_close(&database);
}

static void other_data_and_validation_rows_are_ranked_apart(void **state) {
    struct error err = {0};
    struct database database;
    static const char columns[] =
        "variant, dataset, dataset_arguments, validation_split, val_accuracy_at_best";
    assert_ok(database_open(temporary_path(*state, "a.db"), NULL, &database, &err), err);
    add(&database, columns, "'a', 'd', '{}', 0.1, 0.9");
    add(&database, columns, "'b', 'd', '{}', 0.1, 0.8");
    add(&database, columns, "'c', 'd', '{}', 0.2, 0.7");
    add(&database, columns, "'e', 'f', '{}', 0.1, 0.6");
    add(&database, columns, "'g', 'd', '{\"seed\":2}', 0.1, 0.5");
    assert_true(rank_of(&database, "a") == 1 && rank_of(&database, "b") == 2);
    assert_true(rank_of(&database, "c") == 1 && rank_of(&database, "e") == 1);
    assert_true(rank_of(&database, "g") == 1);
    database_close(&database);
}

/* Two trials, each with these settings beside their defaults, both done. */
static void train_two(const char *path, const char *const settings[2][5]) {
    static const struct data_source source = {.name = "made-up"};
    struct fixture f;
    struct error err = {0};
    fixture_open(&f, path, CLAIM_OPEN);
    fixture_close(&f);
    for (size_t i = 0; i < 2; i++) {
        f.trials[i] = trial_default();
        f.trials[i].dataset = &source;
        for (size_t k = 0; settings[i][k]; k += 2)
            assert_ok(knob_parse(knob_find(settings[i][k]), settings[i][k + 1], (struct place){0},
                                 NULL, &f.trials[i], &err),
                      err);
        trial_resolve(&f.trials[i]);
        f.work[i].id =
            trial_fingerprint(&f.trials[i], f.dataset.digest, dataset_outputs(&f.dataset));
    }
    struct session_info info = {.command = "test", .experiment = "made-up", .text = "text"};
    assert_ok(store_open(path, &info, &f.store, &err), err);
    assert_ok(store_trials(f.store, f.work, 2, &err), err);
    assert_ok(store_start(f.store, f.work, 2, CLAIM_OPEN, &f.stop, &err), err);
    f.writer = store_observer(f.store);
    for (size_t i = 0; i < 2; i++) {
        assert_true(fixture_claim(&f, i, NULL));
        fixture_finish(&f, i, TRIAL_DONE, 1, "aa");
    }
    fixture_close(&f);
}

static const char axes[] = "SELECT group_concat(DISTINCT axis) FROM pairs WHERE a <> b";

static void rates_left_to_the_optimizers_count_as_equal(void **state) {
    const char *path = temporary_path(*state, "a.db");
    train_two(path, (const char *const[2][5]){{"optimizer", "adam"}, {"optimizer", "sgd"}});
    assert_string_equal(database_answer(path, axes), "optimizer");
}

static void rates_that_were_given_differ(void **state) {
    const char *path = temporary_path(*state, "a.db");
    train_two(path, (const char *const[2][5]){{"optimizer", "adam", "learning_rate", "0.5"},
                                              {"optimizer", "sgd"}});
    assert_string_equal(database_answer(path, axes), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(statistics_are_those_of_scipy),
        TEMPORARY_TEST(rank_puts_what_has_no_validation_behind_the_others),
        TEMPORARY_TEST(regressions_are_ranked_by_one_loss_at_a_time),
        TEMPORARY_TEST(other_data_and_validation_rows_are_ranked_apart),
        TEMPORARY_TEST(rates_left_to_the_optimizers_count_as_equal),
        TEMPORARY_TEST(rates_that_were_given_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
