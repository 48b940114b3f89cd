#include "data/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synthetic.h"
#include "test.h"

enum { ROWS = 1000, TEST_ROWS = 50 };

struct fixture {
    struct arena arena;
    const struct dataset *dataset;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fixture->dataset = synthetic_values(ROWS, TEST_ROWS, &fixture->arena);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    arena_close(&fixture->arena);
    free(fixture);
    return 0;
}

static struct split split_of(struct fixture *f, double fraction, size_t rows, uint64_t seed) {
    struct split split;
    struct error err = {0};
    assert_ok(split_make(f->dataset, fraction, rows, seed, &f->arena, &split, &err), err);
    return split;
}

static bool has(const struct row_set *set, uint32_t row) {
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i] == row)
            return true;
    return false;
}

static size_t count_common(const struct row_set *a, const struct row_set *b) {
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++)
        n += has(b, a->rows[i]);
    return n;
}

static void assert_ascending_below(const struct row_set *set, size_t rows) {
    for (size_t i = 0; i < set->count; i++) {
        assert_true(set->rows[i] < rows);
        assert_true(i == 0 || set->rows[i] > set->rows[i - 1]);
    }
}

static void training_rows_are_counted_in_exact_decimals(void **state) {
    (void)state;
    static const struct {
        size_t rows;
        double fraction;
        size_t left;
    } cases[] = {
        {1000, 0, 1000},
        {1000, 0.9, 100}, /* 1000 * (1 - 0.9) is 99.99999999999998 in doubles */
        {1000, 0.1, 900},
        {60000, 0.1, 54000},
        {60000, 0.3, 42000},
        {60000, 0.7, 18000},
        {60000, 0.99999, 0}, /* 0.6 */
        {100000, 0.99999, 1},
        {10, 0.99, 0},
        {3, 0.5, 1},
        {1, 0.5, 0},
        {7, 0.3, 4}, /* 4.9 */
        {0, 0.5, 0},
        {3, 1.0 / 3, 2}, /* the text is 0.3333333333333333: a little less than a row is left out */
        {60000, 1.0 / 3, 40000},
        {3, 2.0 / 3, 1}, /* 0.6666666666666666 likewise */
        {1000, 1e-20, 999},
        {1000, 1e-300, 999},
        {1000, 5e-324, 999},
        {1000, 1e-3, 999},
        {1000, 1.5e-3, 998},
        {4294967295, 0.1, 3865470565}, /* ...65.5 */
        {4294967295, 0.12345678901234567, 3764724423},
        {4294967295, 1e-10, 4294967294},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t left = split_training_rows(cases[i].rows, cases[i].fraction);
        if (left != cases[i].left)
            fail_msg("%zu rows, validation_split %g: %zu, not %zu", cases[i].rows,
                     cases[i].fraction, left, cases[i].left);
    }
}

/* For each fraction of up to three decimals, against whole numbers. */
static void every_short_decimal_is_exact(void **state) {
    (void)state;
    for (size_t thousandths = 0; thousandths < 1000; thousandths++)
        for (size_t rows = 1; rows < 2000; rows += 13) {
            size_t left = rows * (1000 - thousandths) / 1000;
            assert_int_equal(split_training_rows(rows, (double)thousandths / 1000), left);
        }
}

static void validation_rows_are_the_last_of_the_file(void **state) {
    struct split split = split_of(*state, 0.25, 0, 1);
    assert_int_equal(split.train.count, 750);
    assert_int_equal(split.validation.count, 250);
    for (uint32_t i = 0; i < 750; i++)
        assert_int_equal(split.train.rows[i], i);
    for (uint32_t i = 0; i < 250; i++)
        assert_int_equal(split.validation.rows[i], 750 + i);
    assert_ptr_equal(split.validation.part, split.train.part);
}

static void validation_rows_are_the_same_for_every_train_rows_and_seed(void **state) {
    struct split all = split_of(*state, 0.1, 0, 1);
    for (size_t n = 1; n <= 900; n += 100) {
        struct split some = split_of(*state, 0.1, n, n);
        assert_int_equal(some.validation.count, 100);
        assert_memory_equal(some.validation.rows, all.validation.rows, 100 * sizeof(uint32_t));
    }
}

static void smaller_training_sets_lie_in_larger_ones(void **state) {
    struct split before = split_of(*state, 0.1, 1, 5);
    for (size_t n = 50; n <= 900; n += 50) {
        struct split now = split_of(*state, 0.1, n, 5);
        assert_int_equal(now.train.count, n);
        assert_ascending_below(&now.train, 900);
        assert_int_equal(count_common(&before.train, &now.train), before.train.count);
        before = now;
    }
}

static void training_rows_are_spread_over_the_file_and_depend_on_the_seed(void **state) {
    struct split one = split_of(*state, 0.1, 300, 1), again = split_of(*state, 0.1, 300, 1);
    struct split two = split_of(*state, 0.1, 300, 2);
    assert_memory_equal(one.train.rows, again.train.rows, 300 * sizeof(uint32_t));
    /* 100 of 300 in the mean, with a deviation of 7 */
    assert_in_range(count_common(&one.train, &two.train), 65, 135);
    size_t third = 0;
    while (one.train.rows[third] < 300)
        third++;
    assert_in_range(third, 65, 135);
}

static void probe_is_drawn_from_the_training_rows(void **state) {
    static const struct {
        double fraction;
        size_t train_rows, count;
    } cases[] = {{0.1, 0, 100}, {0.1, 50, 50}, {0.6, 0, 400},
                 {0.5, 0, 500}, {0, 0, ROWS},  {0, 7, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct split split = split_of(*state, cases[i].fraction, cases[i].train_rows, 3);
        assert_int_equal(split.probe.count, cases[i].count);
        assert_ascending_below(&split.probe, ROWS);
        assert_int_equal(count_common(&split.probe, &split.train), split.probe.count);
        assert_ptr_equal(split.probe.part, split.train.part);
    }
}

static void probe_is_the_same_for_a_seed_and_another_for_another(void **state) {
    struct split one = split_of(*state, 0.1, 0, 1), again = split_of(*state, 0.1, 0, 1);
    struct split two = split_of(*state, 0.1, 0, 2);
    assert_memory_equal(one.probe.rows, again.probe.rows, 100 * sizeof(uint32_t));
    assert_in_range(count_common(&one.probe, &two.probe), 0, 40);
}

/* A draw of its own: the probe is not just the rows that train_rows would take. */
static void probe_is_not_the_beginning_of_the_training_permutation(void **state) {
    struct split all = split_of(*state, 0.1, 0, 1), hundred = split_of(*state, 0.1, 100, 1);
    assert_in_range(count_common(&all.probe, &hundred.train), 0, 40);
}

static void probe_without_validation_ends_at_ten_thousand_rows(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct split split;
    const struct dataset *large = synthetic_values(10500, 1, &arena);
    assert_ok(split_make(large, 0, 0, 1, &arena, &split, &err), err);
    assert_int_equal(split.validation.count, 0);
    assert_int_equal(split.train.count, 10500);
    assert_int_equal(split.probe.count, 10000);
    arena_close(&arena);
}

static void validation_file_of_its_own_leaves_all_rows_for_training(void **state) {
    struct fixture *f = *state;
    struct dataset dataset = *f->dataset;
    struct split split;
    struct error err = {0};
    dataset.validation = f->dataset->test;
    assert_ok(split_make(&dataset, 0.5, 0, 1, &f->arena, &split, &err), err);
    assert_int_equal(split.train.count, ROWS);
    assert_int_equal(split.validation.count, TEST_ROWS);
    assert_ptr_equal(split.validation.part, &dataset.validation);
    assert_int_equal(split.validation.rows[TEST_ROWS - 1], TEST_ROWS - 1);
    assert_int_equal(split.probe.count, TEST_ROWS);
}

static void test_rows_are_all_of_the_test_file(void **state) {
    struct fixture *f = *state;
    struct split split = split_of(f, 0.1, 10, 1);
    assert_int_equal(split.test.count, TEST_ROWS);
    assert_ptr_equal(split.test.part, &f->dataset->test);
    for (uint32_t i = 0; i < TEST_ROWS; i++)
        assert_int_equal(split.test.rows[i], i);
}

static void what_cannot_be_had_is_refused(void **state) {
    static const struct {
        double fraction;
        size_t train_rows;
        const char *message;
    } cases[] = {
        {0.9999, 0, "values: no row is left for training with validation_split 0.9999 (1000 rows)"},
        {0.1, 901, "values: train_rows is 901, but only 900 can be had"},
        {0, 1001, "values: train_rows is 1001, but only 1000 can be had"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct split split;
        struct error err = {0};
        assert_false(split_make(f->dataset, cases[i].fraction, cases[i].train_rows, 1, &f->arena,
                                &split, &err));
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_string_equal(err.first->text, cases[i].message);
        error_clear(&err);
    }
}

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_rows_are_counted_in_exact_decimals),
        cmocka_unit_test(every_short_decimal_is_exact),
        WITH_DATA(validation_rows_are_the_last_of_the_file),
        WITH_DATA(validation_rows_are_the_same_for_every_train_rows_and_seed),
        WITH_DATA(smaller_training_sets_lie_in_larger_ones),
        WITH_DATA(training_rows_are_spread_over_the_file_and_depend_on_the_seed),
        WITH_DATA(probe_is_drawn_from_the_training_rows),
        WITH_DATA(probe_is_the_same_for_a_seed_and_another_for_another),
        WITH_DATA(probe_is_not_the_beginning_of_the_training_permutation),
        cmocka_unit_test(probe_without_validation_ends_at_ten_thousand_rows),
        WITH_DATA(validation_file_of_its_own_leaves_all_rows_for_training),
        WITH_DATA(test_rows_are_all_of_the_test_file),
        WITH_DATA(what_cannot_be_had_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
