/* Clock, cores, and the processor's denormals: what differs from machine to machine. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "base/clock.h"
#include "base/cores.h"
#include "base/cpu.h"

#include <ctype.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "test.h"

static void clock_goes_forward_and_counts_seconds(void **state) {
    (void)state;
    double start = clock_seconds();
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    double passed = clock_seconds() - start;
    assert_true(passed >= 0.02 && passed < 60);
}

static void date_is_iso_8601_in_utc(void **state) {
    (void)state;
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    char date[CLOCK_DATE_MAX];
    clock_date(date);
    assert_int_equal(strlen(date), strlen(form));
    for (size_t i = 0; form[i]; i++)
        assert_true(form[i] == 'd' ? isdigit((unsigned char)date[i]) : date[i] == form[i]);
}

static void cores_are_no_more_than_the_affinity_mask_has(void **state) {
    (void)state;
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    size_t cores = cores_available();
    assert_true(cores >= 1 && cores <= (size_t)CPU_COUNT(&all));
    size_t first = 0;
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    size_t alone = cores_available();
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    assert_int_equal(alone, 1);
}

/* Where the processor is not told, denormals are kept: nothing to test there. */
#if defined __SSE2__ || defined __aarch64__
static void denormals_become_zero_once_that_is_asked_for(void **state) {
    (void)state;
    volatile float least = 0x1p-126F, half = 0.5F;
    assert_true(least * half > 0);
    cpu_flush_denormals();
    assert_true(least * half == 0);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_goes_forward_and_counts_seconds),
        cmocka_unit_test(date_is_iso_8601_in_utc),
        cmocka_unit_test(cores_are_no_more_than_the_affinity_mask_has),
#if defined __SSE2__ || defined __aarch64__
        cmocka_unit_test(denormals_become_zero_once_that_is_asked_for),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
