/* Scales against their formulas in double precision, over columns that are constant, mostly 0, very
 * large, very small or far from 0. */
#include "data/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

/* Rows 0..9 train; the last two, which are far out, must not count. */
enum { ROWS = 12, TRAINED = 10, COLUMNS = 7 };

/* Column by column: ordinary, constant, constant 0, mostly 0, far from 0, wide, one value only. */
static float value_at(size_t row, size_t column) {
    double i = (double)row;
    const double values[COLUMNS] = {
        0.5 * i - 2,     3, 0, row == 4 ? -2.5 : 0, 1e6 + (double)(row % 3), i * 1e20,
        row == 7 ? 5 : 0};
    return row < TRAINED ? (float)values[column] : 1e30F;
}

struct fixture {
    struct arena arena;
    struct dataset dataset;
    struct row_set train;
    uint32_t rows[ROWS];
};

/* By a row of `scales` with its default arguments. */
static struct scale fit(const char *name, const struct dataset *dataset,
                        const struct row_set *train, struct arena *arena) {
    const struct choice choice = choice_default(&scales, name);
    return scale_fit(&choice, dataset, train, arena);
}

/* Zeros are left out, as in a file. */
static void fill_csr(struct fixture *f) {
    float values[ROWS * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        values[i] = value_at(i / COLUMNS, i % COLUMNS);
    const struct csr matrix = inputs_csr(values, ROWS, COLUMNS, &f->arena);
    f->dataset.train = (struct data_part){.rows = ROWS, .csr = matrix};
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->dataset = (struct dataset){.name = "values", .task = TASK_REGRESSION, .inputs = COLUMNS};
    fill_csr(f);
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i] = i;
    f->train = (struct row_set){&f->dataset.train, f->rows, TRAINED};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    arena_close(&f->arena);
    free(f);
    return 0;
}

/* What each row of `scales` should make of a column, in float64. */
static double reference(const char *kind, size_t row, size_t column) {
    double sum = 0, squares = 0, low = INFINITY, high = -INFINITY, largest = 0;
    double x = (double)value_at(row, column);
    for (size_t i = 0; i < TRAINED; i++) {
        double v = (double)value_at(i, column);
        sum += v / TRAINED;
        low = fmin(low, v);
        high = fmax(high, v);
        for (size_t j = 0; j < COLUMNS; j++)
            largest = fmax(largest, fabs((double)value_at(i, j)));
    }
    for (size_t i = 0; i < TRAINED; i++)
        squares += pow((double)value_at(i, column) - sum, 2) / TRAINED;
    if (strcmp(kind, "none") == 0)
        return x;
    if (strcmp(kind, "unit") == 0)
        return x / largest;
    if (low == high)
        return 0;
    if (strcmp(kind, "standard") == 0)
        return (x - sum) / sqrt(squares);
    assert_string_equal(kind, "minmax");
    return (x - low) / (high - low);
}

static void assert_near(const char *kind, size_t row, size_t column, float actual) {
    double expected = reference(kind, row, column);
    /* inputs - shift is taken in floats: of 1e6 that leaves 1/16 */
    double tolerance = column == 4 ? 0.1 : 1e-5 * (1 + fabs(expected));
    if (!(fabs((double)actual - expected) <= tolerance))
        fail_msg("%s: row %zu, column %zu is %g, not %g", kind, row, column, (double)actual,
                 expected);
}

static void every_scale_does_what_its_formula_says(void **state) {
    struct fixture *f = *state;
    const struct entry *kind;
    float out[TRAINED * COLUMNS];
    size_t kinds = 0;
    for (; (kind = registry_row(&scales, kinds)); kinds++) {
        struct scale scale = fit(kind->name, &f->dataset, &f->train, &f->arena);
        batch_inputs(&f->dataset.train, COLUMNS, &scale, f->rows, TRAINED, out);
        for (size_t i = 0; i < TRAINED * COLUMNS; i++)
            assert_near(kind->name, i / COLUMNS, i % COLUMNS, out[i]);
    }
    assert_int_equal(kinds, 4);
}

static void constant_columns_become_zero_in_every_row(void **state) {
    static const char *const names[] = {"standard", "minmax"};
    static const size_t constant[] = {1, 2};
    struct fixture *f = *state;
    float out[ROWS * COLUMNS];
    for (size_t k = 0; k < 2; k++) {
        const struct entry *kind = registry_find(&scales, names[k]);
        struct scale scale = fit(kind->name, &f->dataset, &f->train, &f->arena);
        batch_inputs(&f->dataset.train, COLUMNS, &scale, f->rows, ROWS, out);
        for (size_t c = 0; c < 2; c++)
            for (size_t i = 0; i < ROWS; i++)
                assert_true(out[i * COLUMNS + constant[c]] == 0);
    }
}

/* The rows that are not trained on change nothing. */
static void statistics_come_from_the_training_rows_only(void **state) {
    struct fixture *f = *state;
    const struct row_set all = {&f->dataset.train, f->rows, ROWS};
    const struct entry *kind;
    for (size_t k = 1; (kind = registry_row(&scales, k)); k++) {
        struct scale trained = fit(kind->name, &f->dataset, &f->train, &f->arena);
        struct scale every = fit(kind->name, &f->dataset, &all, &f->arena);
        if (trained.factors)
            assert_true(trained.factors[0] != every.factors[0]);
        else
            assert_true(trained.factor != every.factor);
    }
}

static void unit_divides_pixels_by_255_whatever_they_are(void **state) {
    struct fixture *f = *state;
    static const uint8_t pixels[] = {0, 1, 51, 102, 0, 200};
    const struct dataset dataset = {.inputs = 3, .train = {.rows = 2, .pixels = pixels}};
    const struct row_set train = {&dataset.train, f->rows, 2};
    struct scale scale = fit("unit", &dataset, &train, &f->arena);
    float out[6];
    batch_inputs(&dataset.train, 3, &scale, f->rows, 2, out);
    for (size_t i = 0; i < 6; i++)
        assert_float_equal(out[i], (float)pixels[i] / 255, 1e-7);
}

static void pixels_are_scaled_by_their_columns(void **state) {
    struct fixture *f = *state;
    static const uint8_t pixels[] = {0, 10, 7, 100, 20, 7, 200, 60, 7};
    static const float minmax[] = {0, 0, 0, 0.5F, 0.2F, 0, 1, 1, 0};
    const struct dataset dataset = {.inputs = 3, .train = {.rows = 3, .pixels = pixels}};
    const struct row_set train = {&dataset.train, f->rows, 3};
    struct scale scale = fit("minmax", &dataset, &train, &f->arena);
    float out[9];
    batch_inputs(&dataset.train, 3, &scale, f->rows, 3, out);
    for (size_t i = 0; i < 9; i++)
        assert_float_equal(out[i], minmax[i], 1e-6);
}

/* One column of these values, trained on whole, under every scale. */
static void assert_finite(struct fixture *f, const float *values, size_t count) {
    const struct dataset dataset = {.inputs = 1, .train = {.rows = count, .reals = values}};
    const struct row_set train = {&dataset.train, f->rows, count};
    const struct entry *kind;
    for (size_t k = 0; (kind = registry_row(&scales, k)); k++) {
        float out[4];
        struct scale scale = fit(kind->name, &dataset, &train, &f->arena);
        batch_inputs(&dataset.train, 1, &scale, f->rows, count, out);
        for (size_t i = 0; i < count; i++)
            if (!isfinite(out[i]))
                fail_msg("%s makes %g of %g", kind->name, (double)out[i], (double)values[i]);
    }
}

static void largest_numbers_stay_finite(void **state) {
    static const float values[][2] = {{0, 3.4e38F}, {-1.5e38F, 1.5e38F}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_finite(*state, values[i], 2);
}

static void smallest_numbers_stay_finite(void **state) {
    static const float values[][2] = {{0, 1e-37F}, {1e-40F, 2e-40F}, {0, 1e-45F}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_finite(*state, values[i], 2);
}

/* Far from 0 the square of the mean swallows the variance unless it is taken first. */
static void standard_keeps_a_small_spread_far_from_zero(void **state) {
    struct fixture *f = *state;
    static const float values[] = {16777214, 16777215, 16777215, 16777216};
    const struct dataset dataset = {.inputs = 1, .train = {.rows = 4, .reals = values}};
    const struct row_set train = {&dataset.train, f->rows, 4};
    struct scale scale = fit("standard", &dataset, &train, &f->arena);
    assert_float_equal(scale.factors[0], (float)sqrt(2), 1e-3);
}

/* numpy.std (NumPy 1.24.2, float64) of 1e7 + i % 10: 2.8722813232690143. */
static void standard_is_right_where_squares_lose_the_spread(void **state) {
    struct fixture *f = *state;
    enum { N = 1000 };
    float values[N];
    uint32_t rows[N];
    for (uint32_t i = 0; i < N; i++) {
        values[i] = 1e7F + (float)(i % 10);
        rows[i] = i;
    }
    const struct dataset dataset = {.inputs = 1, .train = {.rows = N, .reals = values}};
    const struct row_set train = {&dataset.train, rows, N};
    struct scale scale = fit("standard", &dataset, &train, &f->arena);
    assert_float_equal(scale.factors[0], (float)(1 / 2.8722813232690143), 1e-7);
}

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_DATA(every_scale_does_what_its_formula_says),
        WITH_DATA(constant_columns_become_zero_in_every_row),
        WITH_DATA(statistics_come_from_the_training_rows_only),
        WITH_DATA(unit_divides_pixels_by_255_whatever_they_are),
        WITH_DATA(pixels_are_scaled_by_their_columns),
        WITH_DATA(largest_numbers_stay_finite),
        WITH_DATA(smallest_numbers_stay_finite),
        WITH_DATA(standard_keeps_a_small_spread_far_from_zero),
        WITH_DATA(standard_is_right_where_squares_lose_the_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
