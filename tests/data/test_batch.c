/* The order of an epoch against a sort by qsort, and gathered minibatches exactly against plain
 * loops, for every form of rows and every scale. */
#include "data/batch.h"

#include "base/rng.h"
#include "data/nonzero.h"

#include <stdlib.h>
#include <string.h>

#include "synthetic.h"
#include "test.h"

enum { ROWS = 5000 };

/* The order of an epoch. Owns: lives in the arena. */
static const uint32_t *order_of(const struct row_set *train, uint64_t seed, uint64_t epoch,
                                struct arena *arena) {
    struct order_pair *pairs = arena_alloc(arena, train->count, sizeof *pairs);
    struct order_pair *scratch = arena_alloc(arena, train->count, sizeof *scratch);
    uint32_t *order = arena_alloc(arena, train->count, sizeof *order);
    memset(order, 0xFF, train->count * sizeof *order);
    batch_order(train, seed, epoch, scratch, pairs, order);
    return order;
}

/* Every step-th of the rows. */
static struct row_set rows_of(size_t count, uint32_t step, struct arena *arena) {
    uint32_t *rows = arena_alloc(arena, count, sizeof *rows);
    for (uint32_t i = 0; i < count; i++)
        rows[i] = i * step;
    return (struct row_set){.rows = rows, .count = count};
}

static int compare_rows(const void *left, const void *right) {
    uint32_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

static void order_is_a_permutation_of_the_rows(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 3, 1000, ROWS};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct arena arena = {0};
        struct row_set train = rows_of(counts[i], 3, &arena);
        uint32_t *sorted = arena_alloc(&arena, counts[i], sizeof *sorted);
        memcpy(sorted, order_of(&train, 1, 1, &arena), counts[i] * sizeof *sorted);
        qsort(sorted, counts[i], sizeof *sorted, compare_rows);
        assert_memory_equal(sorted, train.rows, counts[i] * sizeof *sorted);
        arena_close(&arena);
    }
}

static size_t count_same_places(const uint32_t *a, const uint32_t *b, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += a[i] == b[i];
    return n;
}

static void order_differs_by_epoch_and_seed_and_from_the_file(void **state) {
    (void)state;
    struct arena arena = {0};
    struct row_set train = rows_of(ROWS, 1, &arena);
    const uint32_t *orders[] = {train.rows,
                                order_of(&train, 1, 1, &arena),
                                order_of(&train, 1, 2, &arena),
                                order_of(&train, 2, 1, &arena),
                                order_of(&train, 2, 2, &arena),
                                order_of(&train, UINT64_C(1) << 32, 1, &arena)};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        for (size_t j = 0; j < i; j++) /* of two permutations 1 place is the same in the mean */
            assert_in_range(count_same_places(orders[i], orders[j], ROWS), 0, 10);
    assert_memory_equal(orders[1], order_of(&train, 1, 1, &arena), ROWS * sizeof **orders);
    arena_close(&arena);
}

static void order_of_a_subset_is_that_of_the_whole_without_the_rest(void **state) {
    (void)state;
    struct arena arena = {0};
    struct row_set whole = rows_of(ROWS, 1, &arena), subset = rows_of(ROWS / 7, 7, &arena);
    for (uint64_t epoch = 1; epoch <= 3; epoch++) {
        const uint32_t *all = order_of(&whole, 9, epoch, &arena);
        const uint32_t *some = order_of(&subset, 9, epoch, &arena);
        size_t n = 0;
        for (size_t i = 0; i < ROWS; i++)
            if (all[i] % 7 == 0 && all[i] / 7 < subset.count)
                assert_int_equal(all[i], some[n++]);
        assert_int_equal(n, subset.count);
    }
    arena_close(&arena);
}

static int compare_pairs(const void *left, const void *right) {
    const struct order_pair *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* Enough rows that two ranks of 32 bits are equal somewhere. */
static void order_ranks_rows_by_their_hash_then_by_their_number(void **state) {
    (void)state;
    enum { MANY = 300000 };
    struct arena arena = {0};
    struct row_set train = rows_of(MANY, 1, &arena);
    struct order_pair *pairs = arena_alloc(&arena, MANY, sizeof *pairs);
    struct rng rng = rng_stream(4, RNG_ORDER);
    size_t equal = 0;
    for (uint32_t i = 0; i < MANY; i++)
        pairs[i] = (struct order_pair){rng_hash(rng, 6, i), i};
    qsort(pairs, MANY, sizeof *pairs, compare_pairs);
    const uint32_t *order = order_of(&train, 4, 6, &arena);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(order[i], pairs[i].row);
        equal += i > 0 && pairs[i].rank == pairs[i - 1].rank;
    }
    assert_true(equal > 0);
    arena_close(&arena);
}

/* Each row is equally likely early or late, over the epochs. */
static void no_row_is_favoured(void **state) {
    (void)state;
    enum { FEW = 50, EPOCHS = 2000 };
    struct arena arena = {0};
    struct row_set train = rows_of(FEW, 1, &arena);
    double sums[FEW] = {0};
    for (uint64_t epoch = 1; epoch <= EPOCHS; epoch++) {
        const uint32_t *order = order_of(&train, 1, epoch, &arena);
        for (size_t i = 0; i < FEW; i++)
            sums[order[i]] += (double)i / EPOCHS;
    }
    for (size_t i = 0; i < FEW; i++) /* the mean is 24.5, its deviation 14.4 / sqrt(2000) = 0.32 */
        assert_true(sums[i] > 24.5 - 1.6 && sums[i] < 24.5 + 1.6);
    arena_close(&arena);
}

/* A value as it is in the part, found by a plain search. */
static double raw_at(const struct data_part *part, size_t inputs, uint32_t row, uint32_t column) {
    if (part->pixels)
        return part->pixels[row * inputs + column];
    if (part->reals)
        return (double)part->reals[row * inputs + column];
    for (size_t e = part->csr.start[row]; e < part->csr.start[row + 1]; e++)
        if (part->csr.entry[e].column == column)
            return (double)part->csr.entry[e].value;
    return 0;
}

static float naive(const struct data_part *part, size_t inputs, const struct scale *scale,
                   uint32_t row, uint32_t column) {
    float x = (float)raw_at(part, inputs, row, column) * scale->factor;
    return scale->shifts ? (x - scale->shifts[column]) * scale->factors[column] : x;
}

/* The same floats, bit by bit, for every scale. */
static void assert_gathers(const struct dataset *dataset, struct arena *arena) {
    enum { COUNT = 65 };
    const struct data_part *part = &dataset->train;
    struct row_set train = rows_of(part->rows, 1, arena);
    train.part = part;
    const uint32_t *rows = order_of(&train, 1, 1, arena);
    float *out = arena_alloc(arena, COUNT * dataset->inputs, sizeof *out);
    const struct entry *kind;
    for (size_t k = 0; (kind = registry_row(&scales, k)); k++) {
        const struct choice choice = choice_default(&scales, kind->name);
        struct scale scale = scale_fit(&choice, dataset, &train, arena);
        memset(out, 0xFF, COUNT * dataset->inputs * sizeof *out);
        batch_inputs(part, dataset->inputs, &scale, rows, COUNT, out);
        for (size_t i = 0; i < COUNT; i++)
            for (uint32_t j = 0; j < dataset->inputs; j++)
                if (out[i * dataset->inputs + j] !=
                    naive(part, dataset->inputs, &scale, rows[i], j))
                    fail_msg("%s: row %u, column %u", kind->name, rows[i], j);
    }
}

/* Every value that is not 0, and no other. */
static void assert_csr(const struct dataset *dataset, struct arena *arena) {
    enum { COUNT = 65 };
    const struct data_part *part = &dataset->train;
    struct row_set train = rows_of(part->rows, 1, arena);
    train.part = part;
    const uint32_t *rows = order_of(&train, 1, 1, arena);
    struct csr csr = csr_create(COUNT, dataset->inputs, dataset_csr_entries(dataset, COUNT), arena);
    struct scale scale = {.factor = 0.3F};
    assert_true(dataset_has_csr(dataset));
    batch_csr(part, scale.factor, rows, COUNT, &csr);
    assert_int_equal(csr.rows, COUNT);
    size_t e = 0;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(csr.start[i], e);
        for (uint32_t j = 0; j < dataset->inputs; j++) {
            float want = naive(part, dataset->inputs, &scale, rows[i], j);
            if (want != 0 && (csr.entry[e].column != j || csr.entry[e++].value != want))
                fail_msg("row %u, column %u", rows[i], j);
        }
    }
    assert_int_equal(csr.start[COUNT], e);
    assert_true(e > COUNT);
}

static void strokes_are_gathered_as_a_plain_loop_does(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct dataset *dataset = synthetic_strokes(100, 1, &arena);
    assert_gathers(dataset, &arena);
    assert_csr(dataset, &arena);
    arena_close(&arena);
}

static void images_get_csr_where_three_quarters_of_their_pixels_are_0(void **state) {
    (void)state;
    enum { PIXELS = 40 };
    for (size_t nonzero = 0; nonzero <= PIXELS; nonzero++) {
        struct arena arena = {0};
        uint8_t *pixels = arena_alloc(&arena, 2 * PIXELS, 1);
        for (size_t i = 0; i < nonzero; i++)
            pixels[i * 2 + 1] = (uint8_t)(i + 1);
        struct dataset dataset = {.inputs = PIXELS, .train = {.rows = 2, .pixels = pixels}};
        dataset_find_nonzero(&dataset, &arena);
        assert_int_equal(dataset_has_csr(&dataset), nonzero <= PIXELS / 2);
        if (dataset_has_csr(&dataset)) {
            assert_int_equal(dataset.train.nonzero.start[2], nonzero);
            assert_int_equal(dataset_csr_entries(&dataset, 1),
                             nonzero < PIXELS / 2 ? nonzero : PIXELS / 2);
            assert_int_equal(dataset_csr_entries(&dataset, 5), nonzero);
        }
        arena_close(&arena);
    }
}

static void pixels_are_gathered_as_a_plain_loop_does(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_gathers(synthetic_images(100, 1, &arena), &arena);
    arena_close(&arena);
}

static void dense_reals_are_gathered_as_a_plain_loop_does(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset dataset = *synthetic_values(100, 1, &arena);
    const struct csr csr = dataset.train.csr; /* its rows are full: the same values side by side */
    float *reals = arena_alloc(&arena, csr.start[csr.rows], sizeof *reals);
    for (size_t e = 0; e < csr.start[csr.rows]; e++)
        reals[e] = csr.entry[e].value;
    dataset.train.reals = reals;
    dataset.train.csr = (struct csr){0};
    assert_gathers(&dataset, &arena);
    assert_false(dataset_has_csr(&dataset));
    arena_close(&arena);
}

static void full_csr_rows_are_gathered_as_a_plain_loop_does(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_gathers(synthetic_values(100, 1, &arena), &arena);
    arena_close(&arena);
}

static void sparse_csr_rows_are_gathered_as_a_plain_loop_does(void **state) {
    (void)state;
    enum { COLUMNS = 31 };
    struct arena arena = {0};
    size_t *start = arena_alloc(&arena, 101, sizeof *start), n = 0;
    struct csr_entry *entry = arena_alloc(&arena, 100 * COLUMNS, sizeof *entry);
    struct rng rng = rng_stream(1, RNG_PROBE);
    for (uint32_t i = 0; i < 100; i++) {
        for (uint32_t j = 0; j < COLUMNS; j++)
            if (rng_hash(rng, i, j) % 5 == 0)
                entry[n++] = (struct csr_entry){j, rng_unit(rng_hash(rng, i, j + COLUMNS)) - 0.5F};
        start[i + 1] = n;
    }
    const struct dataset dataset = {.inputs = COLUMNS,
                                    .train = {.rows = 100, .csr = {100, COLUMNS, start, entry}}};
    assert_gathers(&dataset, &arena);
    assert_csr(&dataset, &arena);
    arena_close(&arena);
}

static void labels_and_targets_come_in_the_order_of_the_rows(void **state) {
    (void)state;
    static const uint32_t rows[] = {7, 0, 7, 99};
    struct arena arena = {0};
    uint16_t labels[4];
    float targets[4];
    const struct data_part images = synthetic_images(100, 1, &arena)->train;
    const struct data_part values = synthetic_values(100, 1, &arena)->train;
    batch_labels(&images, rows, 4, labels);
    batch_targets(&values, (struct target_scale){0, 1}, rows, 4, targets);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(labels[i], images.labels[rows[i]]);
        assert_true(targets[i] == values.targets[rows[i]]);
    }
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_a_permutation_of_the_rows),
        cmocka_unit_test(order_differs_by_epoch_and_seed_and_from_the_file),
        cmocka_unit_test(order_of_a_subset_is_that_of_the_whole_without_the_rest),
        cmocka_unit_test(order_ranks_rows_by_their_hash_then_by_their_number),
        cmocka_unit_test(no_row_is_favoured),
        cmocka_unit_test(pixels_are_gathered_as_a_plain_loop_does),
        cmocka_unit_test(strokes_are_gathered_as_a_plain_loop_does),
        cmocka_unit_test(images_get_csr_where_three_quarters_of_their_pixels_are_0),
        cmocka_unit_test(dense_reals_are_gathered_as_a_plain_loop_does),
        cmocka_unit_test(full_csr_rows_are_gathered_as_a_plain_loop_does),
        cmocka_unit_test(sparse_csr_rows_are_gathered_as_a_plain_loop_does),
        cmocka_unit_test(labels_and_targets_come_in_the_order_of_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
