/* Memory from an arena: aligned, zeroed, never shared by two, and kept by arrays that grow; and how
 * the program ends when asked for more than there can be. Memory that the system refuses:
 * tests/faults/test_limits.c, tests/faults/test_shim.c. */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static const size_t sizes[] = {1,     63,    64,      65,      1000,    65535,
                               65536, 65537, 1 << 20, 3 << 19, 5 << 20, 8};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void memory_is_aligned_to_a_cache_line(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < SIZES; i++)
        assert_int_equal((uintptr_t)arena_alloc(&arena, sizes[i], 1) % 64, 0);
    arena_close(&arena);
}

/* Freed memory that is not zero comes back from malloc, so dirty it first. */
static void memory_is_zeroed(void **state) {
    (void)state;
    struct arena arena = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < SIZES; i++) {
            unsigned char *memory = arena_alloc(&arena, sizes[i], 1);
            for (size_t j = 0; j < sizes[i]; j++)
                assert_int_equal(memory[j], 0);
            memset(memory, 0xAB, sizes[i]);
        }
        arena_close(&arena);
    }
}

static void allocations_do_not_overlap(void **state) {
    (void)state;
    struct arena arena = {0};
    unsigned char *memory[SIZES];
    for (size_t i = 0; i < SIZES; i++) {
        memory[i] = arena_alloc(&arena, sizes[i], 1);
        memset(memory[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(memory[i][j], i + 1);
    arena_close(&arena);
}

/* Large ones have blocks of their own, so that the room behind small ones is not lost. */
static void large_allocation_leaves_the_block_that_is_filled(void **state) {
    (void)state;
    struct arena arena = {0};
    unsigned char *before = arena_alloc(&arena, 64, 1);
    arena_alloc(&arena, 5 << 20, 1);
    arena_alloc(&arena, 3 << 19, 1);
    assert_ptr_equal(arena_alloc(&arena, 64, 1), before + 64);
    arena_close(&arena);
}

static void large_allocation_may_come_first(void **state) {
    (void)state;
    struct arena arena = {0};
    memset(arena_alloc(&arena, 5 << 20, 1), 1, 5 << 20);
    memset(arena_alloc(&arena, 64, 1), 2, 64);
    arena_close(&arena);
}

static void nothing_at_all_is_not_null(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_non_null(arena_alloc(&arena, 0, 8));
    arena_close(&arena);
}

static void closed_arena_can_be_used_again(void **state) {
    (void)state;
    struct arena arena = {0};
    arena_alloc(&arena, 100, 1);
    arena_close(&arena);
    assert_null(arena.last);
    assert_string_equal(arena_text(&arena, "again", 5), "again");
    arena_close(&arena);
}

static void growing_array_keeps_its_elements(void **state) {
    (void)state;
    struct arena arena = {0};
    uint32_t *array = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        array = arena_grow(&arena, array, i, &capacity, sizeof *array);
        assert_true(capacity > i);
        array[i] = i * 3;
    }
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(array[i], i * 3);
    arena_close(&arena);
}

static void array_with_room_is_not_moved(void **state) {
    (void)state;
    struct arena arena = {0};
    size_t capacity = 0;
    char *array = arena_grow(&arena, NULL, 0, &capacity, 1);
    assert_ptr_equal(arena_grow(&arena, array, capacity - 1, &capacity, 1), array);
    assert_ptr_not_equal(arena_grow(&arena, array, capacity, &capacity, 1), array);
    arena_close(&arena);
}

static void text_is_cut_at_its_length_and_ended(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(arena_text(&arena, "sigmoid", 3), "sig");
    assert_string_equal(arena_text(&arena, "", 0), "");
    arena_close(&arena);
}

static void printf_has_room_for_any_length(void **state) {
    (void)state;
    struct arena arena = {0};
    const char *text = arena_printf(&arena, "%s-%0100000d", "a", 7);
    assert_int_equal(strlen(text), 100002);
    assert_int_equal(text[100001], '7');
    arena_close(&arena);
}

/* How a child ends that asks for too much. */
static int status_of_asking(size_t count, size_t size) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct arena arena = {0};
        close(STDERR_FILENO);
        arena_alloc(&arena, count, size);
        _exit(77);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void product_that_overflows_is_out_of_memory(void **state) {
    (void)state;
    assert_int_equal(status_of_asking(SIZE_MAX / 2, 3), ERROR_FAILED);
    assert_int_equal(status_of_asking(SIZE_MAX, 1), ERROR_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_to_a_cache_line),
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(allocations_do_not_overlap),
        cmocka_unit_test(large_allocation_leaves_the_block_that_is_filled),
        cmocka_unit_test(large_allocation_may_come_first),
        cmocka_unit_test(nothing_at_all_is_not_null),
        cmocka_unit_test(closed_arena_can_be_used_again),
        cmocka_unit_test(growing_array_keeps_its_elements),
        cmocka_unit_test(array_with_room_is_not_moved),
        cmocka_unit_test(text_is_cut_at_its_length_and_ended),
        cmocka_unit_test(printf_has_room_for_any_length),
        cmocka_unit_test(product_that_overflows_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
