/* Little room: an address space or a stack that is limited from outside. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program in a shell with limits. Returns its exit status; a hang is killed and gives 137. */
static int run_limited(const char *folder, const char *limit) {
    char script[80];
    snprintf(script, sizeof script, "ulimit %s && exec \"$@\"", limit);
    const char *const wrapper[] = {"sh", "-c", script, "limited", NULL};
    struct sweep_run run = {.folder = folder,
                            .name = "limits",
                            .database = "limits.db",
                            .workers = "2",
                            .wrapper = wrapper};
    sweep_write(folder, "limits", "  epochs: 2\n", "repeats: 4\n");
    sweep_remove(folder, "limits.db");
    sweep_forget(folder, "err");
    return sweep_finish(&run, 20);
}

/* BLAS asks for its buffers again and again, for ever, where the system has none. */
static void too_small_address_space_ends_with_a_message(void **state) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    (void)state;
    skip(); /* they need terabytes of addresses */
#else
    assert_int_equal(run_limited(*state, "-v 300000"), 1);
    char *err = sweep_text(*state, "err");
    assert_non_null(strstr(err, "out of memory"));
    free(err);
#endif
}

static void small_stack_does_for_threads_too(void **state) {
    assert_int_equal(run_limited(*state, "-s 64"), 0);
    assert_int_equal(
        sweep_whole(*state, "limits.db", "SELECT count(*) FROM trials WHERE state = 'done'"), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(too_small_address_space_ends_with_a_message, temporary_open,
                                        sweep_close),
        cmocka_unit_test_setup_teardown(small_stack_does_for_threads_too, temporary_open,
                                        sweep_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
