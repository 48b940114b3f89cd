/* How many rows train and validate, in exact decimals; and what is promised of rows, probe and
 * noisy labels: smaller sets lie in larger ones, each has draws of its own, and they are spread
 * evenly. That they are the very rows of docs/numerics.md: tests/reference/check_training.py. */
#include "data/split.h"

#include <stdlib.h>

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

static struct split_options options_of(double fraction, size_t rows, uint64_t seed) {
    return (struct split_options){.validation_split = fraction,
                                  .validation_from = registry_find(&validation_sources, "last"),
                                  .train_rows = rows,
                                  .seed = seed};
}

static struct split make(struct fixture *f, const struct split_options *options) {
    struct split split;
    struct error err = {0};
    assert_ok(split_make(f->dataset, options, &f->arena, &split, &err), err);
    return split;
}

static struct split split_of(struct fixture *f, double fraction, size_t rows, uint64_t seed) {
    struct split_options options = options_of(fraction, rows, seed);
    return make(f, &options);
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
    struct split_options options = options_of(0, 0, 1);
    assert_ok(split_make(large, &options, &arena, &split, &err), err);
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
    struct split_options options = options_of(0.5, 0, 1);
    assert_ok(split_make(&dataset, &options, &f->arena, &split, &err), err);
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
        {0.9999999999, 0,
         "values: no row is left for training with validation_split 0.9999999999 (1000 rows)"},
        {0.1, 901, "values: train_rows is 901, but only 900 can be had"},
        {0, 1001, "values: train_rows is 1001, but only 1000 can be had"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct split split;
        struct error err = {0};
        struct split_options options = options_of(cases[i].fraction, cases[i].train_rows, 1);
        assert_false(split_make(f->dataset, &options, &f->arena, &split, &err));
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_string_equal(err.first->text, cases[i].message);
        error_clear(&err);
    }
}

/* Labels of three classes: a third each; if rare, 1 %, 10 % and 89 %. */
static struct dataset with_labels(struct fixture *f, bool rare) {
    struct dataset dataset = *f->dataset;
    uint16_t *labels = arena_alloc(&f->arena, ROWS, sizeof *labels);
    for (size_t i = 0; i < ROWS; i++)
        labels[i] = (uint16_t)(rare ? (i % 100 == 0 ? 0 : i % 10 == 1 ? 1 : 2) : i % 3);
    dataset.task = TASK_CLASSIFICATION;
    dataset.classes = 3;
    dataset.train.labels = labels;
    return dataset;
}

static struct split labelled_split(struct fixture *f, const struct dataset *dataset,
                                   const char *from, const struct split_options *given) {
    struct split split;
    struct error err = {0};
    struct split_options options = *given;
    options.validation_from = registry_find(&validation_sources, from);
    assert_ok(split_make(dataset, &options, &f->arena, &split, &err), err);
    return split;
}

/* Whatever they are chosen by: as many, each row on one side, the same for every train_rows and
 * label_noise. */
static void validation_rows_from_every_source_keep_what_is_promised(void **state) {
    struct fixture *f = *state;
    const struct dataset dataset = with_labels(f, true);
    const struct entry *from;
    for (size_t s = 0; (from = registry_row(&validation_sources, s)); s++) {
        struct split_options options = options_of(0.15, 0, 4);
        struct split all = labelled_split(f, &dataset, from->name, &options);
        assert_int_equal(all.validation.count, 150);
        assert_int_equal(all.train.count, 850);
        assert_ascending_below(&all.validation, ROWS);
        assert_ascending_below(&all.train, ROWS);
        assert_int_equal(count_common(&all.validation, &all.train), 0);
        options.train_rows = 77;
        options.label_noise = 0.5;
        struct split some = labelled_split(f, &dataset, from->name, &options);
        assert_memory_equal(some.validation.rows, all.validation.rows, 150 * sizeof(uint32_t));
        assert_ptr_equal(some.validation.part, &dataset.train); /* with their own labels */
        assert_int_equal(count_common(&some.train, &all.train), 77);
        options.train_rows = 300;
        struct split more = labelled_split(f, &dataset, from->name, &options);
        assert_int_equal(count_common(&some.train, &more.train), 77);
    }
}

static void random_validation_rows_depend_on_the_seed_and_lie_anywhere(void **state) {
    struct fixture *f = *state;
    const struct dataset dataset = with_labels(f, false);
    struct split_options options = options_of(0.3, 0, 1);
    struct split one = labelled_split(f, &dataset, "random", &options);
    options.seed = 2;
    struct split two = labelled_split(f, &dataset, "random", &options);
    assert_in_range(count_common(&one.validation, &two.validation), 60, 120); /* 90 in the mean */
    size_t half = 0;
    while (one.validation.rows[half] < ROWS / 2)
        half++;
    assert_in_range(half, 120, 180);
}

static void stratified_validation_rows_have_each_classes_share(void **state) {
    struct fixture *f = *state;
    static const struct {
        double fraction;
        bool rare;
        size_t counts[3];
    } cases[] = {
        /* rows of the classes: 10, 100, 890; and 334, 333, 333 */
        {0.1, true, {1, 10, 89}},
        {0.15, true, {2, 15, 133}},    /* 1.5, 15, 133.5: the first of equal remainders */
        {0.014, true, {0, 1, 13}},     /* 0.14, 1.4, 12.46 */
        {0.5, false, {167, 167, 166}}, /* 167, 166.5, 166.5 */
        {0.001, false, {1, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct dataset dataset = with_labels(f, cases[i].rare);
        struct split_options options = options_of(cases[i].fraction, 0, 9);
        struct split split = labelled_split(f, &dataset, "stratified", &options);
        size_t counts[3] = {0};
        for (size_t r = 0; r < split.validation.count; r++)
            counts[dataset.train.labels[split.validation.rows[r]]]++;
        assert_memory_equal(counts, cases[i].counts, sizeof counts);
    }
}

static size_t count_noisy(const struct split *split, const struct row_set *set) {
    size_t n = 0;
    for (size_t i = 0; i < set->count; i++)
        n += set->part->labels[set->rows[i]] != split->true_labels[set->rows[i]];
    return n;
}

/* A label that is noisy at some fraction is so, with the same wrong class, at every larger one. */
static void noisy_labels_nest(void **state) {
    struct fixture *f = *state;
    const struct dataset dataset = with_labels(f, false);
    struct split_options options = options_of(0.1, 0, 1);
    struct split before = labelled_split(f, &dataset, "last", &options);
    assert_null(before.true_labels);
    assert_ptr_equal(before.train.part, &dataset.train);
    for (int tenths = 1; tenths <= 10; tenths++) {
        options.label_noise = tenths / 10.0;
        struct split now = labelled_split(f, &dataset, "last", &options);
        assert_ptr_equal(now.true_labels, dataset.train.labels);
        for (size_t i = 0; i < ROWS; i++) {
            uint16_t was = before.train.part->labels[i], is = now.train.part->labels[i];
            assert_true(is < 3);
            assert_true(was == dataset.train.labels[i] || was == is);
        }
        /* a deviation of at most 15 */
        assert_in_range(count_noisy(&now, &now.train), 90 * (size_t)tenths - 60,
                        90 * (size_t)tenths + 60);
        before = now;
    }
    assert_int_equal(count_noisy(&before, &before.train), 900);
    assert_int_equal(count_noisy(&before, &before.probe), 100);
}

/* Of 1000 rows some 167 go to each of the two other classes of theirs. */
static void noisy_labels_are_uniform_among_the_other_classes(void **state) {
    struct fixture *f = *state;
    const struct dataset dataset = with_labels(f, false);
    struct split_options options = options_of(0, 0, 3);
    options.label_noise = 1;
    struct split split = labelled_split(f, &dataset, "last", &options);
    size_t counts[3][3] = {{0}};
    for (size_t i = 0; i < ROWS; i++)
        counts[dataset.train.labels[i]][split.train.part->labels[i]]++;
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            if (a == b)
                assert_int_equal(counts[a][b], 0);
            else
                assert_in_range(counts[a][b], 130, 204);
        }
}

static void noise_depends_on_the_seed_and_not_on_the_rows_trained_on(void **state) {
    struct fixture *f = *state;
    const struct dataset dataset = with_labels(f, false);
    struct split_options options = options_of(0.1, 0, 1);
    options.label_noise = 0.4;
    struct split one = labelled_split(f, &dataset, "last", &options);
    options.train_rows = 5;
    struct split few = labelled_split(f, &dataset, "random", &options);
    assert_memory_equal(few.train.part->labels, one.train.part->labels, ROWS * sizeof(uint16_t));
    options.seed = 2;
    struct split two = labelled_split(f, &dataset, "last", &options);
    assert_memory_not_equal(two.train.part->labels, one.train.part->labels,
                            ROWS * sizeof(uint16_t));
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
        WITH_DATA(validation_rows_from_every_source_keep_what_is_promised),
        WITH_DATA(random_validation_rows_depend_on_the_seed_and_lie_anywhere),
        WITH_DATA(stratified_validation_rows_have_each_classes_share),
        WITH_DATA(noisy_labels_nest),
        WITH_DATA(noisy_labels_are_uniform_among_the_other_classes),
        WITH_DATA(noise_depends_on_the_seed_and_not_on_the_rows_trained_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
