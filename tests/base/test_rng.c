/* Draws against the known answers that Philox's authors publish with Random123; and by statistics,
 * that draws and hashes are spread evenly. */
#include "base/rng.h"

#include "test.h"

/* Source: kat_vectors of Random123 1.14, philox4x32 10. */
static void draws_are_philox_4x32_10(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const uint32_t *c = vectors[i].counter, *k = vectors[i].key;
        struct rng_words words = rng_draw((struct rng){{k[0], k[1]}}, c[0], c[1], c[2], c[3]);
        assert_memory_equal(words.word, vectors[i].expected, sizeof words.word);
    }
}

static void stream_key_is_the_purpose_drawn_with_the_seed(void **state) {
    (void)state;
    const uint64_t seed = UINT64_C(0x0123456789abcdef);
    struct rng_words words = rng_draw((struct rng){{0x89abcdef, 0x01234567}}, RNG_ORDER, 0, 0, 0);
    struct rng stream = rng_stream(seed, RNG_ORDER);
    assert_int_equal(stream.key[0], words.word[0]);
    assert_int_equal(stream.key[1], words.word[1]);
}

static void streams_differ_by_purpose_and_by_both_halves_of_the_seed(void **state) {
    (void)state;
    static const uint64_t seeds[] = {0, 1, UINT64_C(1) << 32, UINT64_MAX};
    static const enum rng_purpose purposes[] = {
        RNG_WEIGHTS, RNG_ORDER,         RNG_TRAIN_ROWS,  RNG_PROBE, RNG_VALIDATION, RNG_LABEL_NOISE,
        RNG_DROPOUT, RNG_INPUT_DROPOUT, RNG_INPUT_NOISE, RNG_DATA,  RNG_DRAWS};
    enum { SEEDS = 4, PURPOSES = sizeof purposes / sizeof *purposes };
    struct rng streams[SEEDS * PURPOSES];
    for (size_t s = 0; s < SEEDS; s++)
        for (size_t p = 0; p < PURPOSES; p++)
            streams[s * PURPOSES + p] = rng_stream(seeds[s], purposes[p]);
    for (size_t i = 0; i < SEEDS * PURPOSES; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&streams[i], &streams[j], sizeof streams[i]);
}

/* Purposes are part of a trial's numbers. */
static void purposes_keep_their_numbers(void **state) {
    (void)state;
    assert_int_equal(RNG_WEIGHTS, 1);
    assert_int_equal(RNG_ORDER, 2);
    assert_int_equal(RNG_TRAIN_ROWS, 3);
    assert_int_equal(RNG_PROBE, 4);
    assert_int_equal(RNG_VALIDATION, 5);
    assert_int_equal(RNG_LABEL_NOISE, 6);
    assert_int_equal(RNG_DROPOUT, 7);
    assert_int_equal(RNG_INPUT_DROPOUT, 8);
    assert_int_equal(RNG_INPUT_NOISE, 9);
    assert_int_equal(RNG_DATA, 10);
    assert_int_equal(RNG_DRAWS, 64);
}

static void unit_stays_inside_0_and_1(void **state) {
    (void)state;
    assert_true(rng_unit(0) == 0x1p-24F);
    assert_true(rng_unit(UINT32_MAX) == 1.0F - 0x1p-24F);
    assert_true(rng_unit(UINT32_C(1) << 31) == 0.5F + 0x1p-24F);
}

static void unit_draws_are_spread_evenly(void **state) {
    (void)state;
    enum { CELLS = 64, DRAWS = 1 << 18 };
    struct rng rng = rng_stream(1, RNG_WEIGHTS);
    double count[CELLS] = {0};
    for (uint32_t i = 0; i < DRAWS / 4; i++) {
        struct rng_words words = rng_draw(rng, i, 0, 0, 0);
        for (size_t w = 0; w < 4; w++)
            count[(size_t)(rng_unit(words.word[w]) * (float)CELLS)]++;
    }
    double expected = (double)DRAWS / CELLS, chi = 0;
    for (size_t i = 0; i < CELLS; i++)
        chi += (count[i] - expected) * (count[i] - expected) / expected;
    assert_true(chi < 110); /* 63 degrees of freedom: p is 2e-4 */
}

static void hash_is_told_apart_by_each_of_its_inputs(void **state) {
    (void)state;
    struct rng a = rng_stream(1, RNG_PROBE), b = rng_stream(2, RNG_PROBE);
    assert_int_not_equal(rng_hash(a, 1, 2), rng_hash(b, 1, 2));
    assert_int_not_equal(rng_hash(a, 1, 2), rng_hash(a, 2, 1));
    assert_int_not_equal(rng_hash(a, 1, 2), rng_hash(a, 1, 3));
    assert_int_equal(rng_hash(a, 1, 2), rng_hash(a, 1, 2));
}

/* Rows are ranked by it: were it uneven, so would be the rows that are drawn. */
static void hash_of_rows_is_spread_evenly(void **state) {
    (void)state;
    enum { CELLS = 64, ROWS = 1 << 18 };
    struct rng rng = rng_stream(1, RNG_ORDER);
    double count[CELLS] = {0};
    for (uint32_t row = 0; row < ROWS; row++)
        count[rng_hash(rng, 3, row) >> 26]++;
    double expected = (double)ROWS / CELLS, chi = 0;
    for (size_t i = 0; i < CELLS; i++)
        chi += (count[i] - expected) * (count[i] - expected) / expected;
    assert_true(chi < 110);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_philox_4x32_10),
        cmocka_unit_test(stream_key_is_the_purpose_drawn_with_the_seed),
        cmocka_unit_test(streams_differ_by_purpose_and_by_both_halves_of_the_seed),
        cmocka_unit_test(purposes_keep_their_numbers),
        cmocka_unit_test(unit_stays_inside_0_and_1),
        cmocka_unit_test(unit_draws_are_spread_evenly),
        cmocka_unit_test(hash_is_told_apart_by_each_of_its_inputs),
        cmocka_unit_test(hash_of_rows_is_spread_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
