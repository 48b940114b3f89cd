/* Blocks of 0 x 0 to 37 x 37, copied and transposed: each number in its place, none elsewhere. */
#include "nn/copy2d.h"

#include <stdbool.h>

#include "test.h"

enum { SIDE = 37, FROM_STRIDE = 41, TO_STRIDE = 43 };

static float from[SIDE * FROM_STRIDE], to[SIDE * TO_STRIDE];

static void fill(void) {
    for (size_t i = 0; i < SIDE * FROM_STRIDE; i++)
        from[i] = (float)i;
    for (size_t i = 0; i < SIDE * TO_STRIDE; i++)
        to[i] = -1;
}

/* Every number of `to` is the one that belongs there, or was not touched. */
static void assert_moved(size_t rows, size_t columns, bool transposed) {
    for (size_t r = 0; r < SIDE; r++)
        for (size_t c = 0; c < TO_STRIDE; c++) {
            bool inside = r < rows && c < columns;
            size_t at = transposed ? c * FROM_STRIDE + r : r * FROM_STRIDE + c;
            if (to[r * TO_STRIDE + c] != (inside ? from[at] : -1))
                fail_msg("%zu x %zu: row %zu, column %zu", rows, columns, r, c);
        }
}

static void rows_of_any_size_go_where_they_belong_and_nowhere_else(void **state) {
    (void)state;
    for (size_t rows = 0; rows <= SIDE; rows += 3)
        for (size_t columns = 0; columns <= SIDE; columns++) {
            fill();
            copy2d(from, FROM_STRIDE, to, TO_STRIDE, rows, columns);
            assert_moved(rows, columns, false);
        }
}

static void transposed_blocks_of_any_size_go_where_they_belong_and_nowhere_else(void **state) {
    (void)state;
    for (size_t rows = 0; rows <= SIDE; rows++)
        for (size_t columns = 0; columns <= SIDE; columns++) {
            fill();
            copy2d_transposed(from, FROM_STRIDE, rows, columns, to, TO_STRIDE);
            assert_moved(columns, rows, true);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_any_size_go_where_they_belong_and_nowhere_else),
        cmocka_unit_test(transposed_blocks_of_any_size_go_where_they_belong_and_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
