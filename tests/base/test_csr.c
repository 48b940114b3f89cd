/* Transposing and cutting a sparse matrix, against the function of row and column that fills it. */
#include "base/csr.h"

#include "inputs.h"
#include "test.h"

enum { ROWS = 17, COLUMNS = 9 };

/* Rows and columns of zeros are among them. */
static float value_at(size_t r, size_t c) {
    return r % 5 == 3 || c == 4 || (r * 7 + c * 3) % 4 ? 0.0F : (float)(r * COLUMNS + c + 1);
}

static struct csr fill(struct arena *arena) {
    float values[ROWS * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        values[i] = value_at(i / COLUMNS, i % COLUMNS);
    return inputs_csr(values, ROWS, COLUMNS, arena);
}

static void transposed_matrix_has_every_value_in_its_place(void **state) {
    (void)state;
    struct arena arena = {0};
    struct csr matrix = fill(&arena);
    struct csr turned = csr_create(COLUMNS, ROWS, ROWS * COLUMNS, &arena);
    csr_transpose(&matrix, &turned);
    assert_int_equal(turned.rows, COLUMNS);
    assert_int_equal(turned.columns, ROWS);
    size_t e = 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        assert_int_equal(turned.start[c], e);
        for (size_t r = 0; r < ROWS; r++)
            if (value_at(r, c) != 0) {
                assert_int_equal(turned.entry[e].column, r);
                assert_true(turned.entry[e++].value == value_at(r, c));
            }
    }
    assert_int_equal(turned.start[COLUMNS], e);
    assert_true(e > 20);
    arena_close(&arena);
}

static void transposing_twice_gives_the_matrix_back(void **state) {
    (void)state;
    struct arena arena = {0};
    struct csr matrix = fill(&arena);
    struct csr turned = csr_create(COLUMNS, ROWS, ROWS * COLUMNS, &arena);
    struct csr back = csr_create(ROWS, COLUMNS, ROWS * COLUMNS, &arena);
    for (int i = 0; i < 2; i++) { /* the second time over what the first has left */
        csr_transpose(&matrix, &turned);
        csr_transpose(&turned, &back);
    }
    size_t entries = matrix.start[ROWS];
    assert_memory_equal(back.start, matrix.start, (ROWS + 1) * sizeof *matrix.start);
    assert_memory_equal(back.entry, matrix.entry, entries * sizeof *matrix.entry);
    arena_close(&arena);
}

static void a_cut_is_the_first_entry_of_each_block(void **state) {
    (void)state;
    struct arena arena = {0};
    struct csr matrix = fill(&arena);
    static const size_t steps[] = {1, 2, 4, COLUMNS, 2 * COLUMNS};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        size_t blocks = (COLUMNS + steps[s] - 1) / steps[s], cut[(COLUMNS + 1) * ROWS];
        csr_cut(&matrix, steps[s], cut);
        for (size_t b = 0; b <= blocks; b++)
            for (size_t r = 0; r < ROWS; r++) {
                size_t at = cut[b * ROWS + r], from = matrix.start[r], to = matrix.start[r + 1];
                assert_in_range(at, from, to);
                assert_true(at == from || matrix.entry[at - 1].column < b * steps[s]);
                assert_true(at == to || matrix.entry[at].column >= b * steps[s]);
            }
    }
    arena_close(&arena);
}

static void matrix_of_zeros_has_no_entries(void **state) {
    (void)state;
    struct arena arena = {0};
    struct csr zeros = csr_create(ROWS, COLUMNS, 0, &arena);
    struct csr turned = csr_create(COLUMNS, ROWS, 0, &arena);
    zeros.rows = ROWS;
    csr_transpose(&zeros, &turned);
    for (size_t c = 0; c <= COLUMNS; c++)
        assert_int_equal(turned.start[c], 0);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transposed_matrix_has_every_value_in_its_place),
        cmocka_unit_test(transposing_twice_gives_the_matrix_back),
        cmocka_unit_test(a_cut_is_the_first_entry_of_each_block),
        cmocka_unit_test(matrix_of_zeros_has_no_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
