/* Clock, cores, memory and the processor's denormals, on the machine at hand; limits of control
 * groups, from files made up here. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "base/clock.h"
#include "base/cpu.h"
#include "base/machine.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "temporary.h"
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
    size_t cores = machine_cores("");
    assert_true(cores >= 1 && cores <= (size_t)CPU_COUNT(&all));
    size_t first = 0;
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    size_t alone = machine_cores("");
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    assert_int_equal(alone, 1);
}

/* A folder with /proc/self/cgroup and files below /sys/fs/cgroup, each written NAME=TEXT. */
static const char *make_root(const char *folder, const char *groups, const char *const *files) {
    char command[4096];
    int length = snprintf(command, sizeof command,
                          "cd '%s' && rm -rf proc sys && mkdir -p proc/self && printf '%s' > "
                          "proc/self/cgroup",
                          folder, groups);
    for (; *files; files++) {
        const char *equals = strchr(*files, '=');
        length +=
            snprintf(command + length, sizeof command - (size_t)length,
                     " && mkdir -p \"$(dirname sys/fs/cgroup/%.*s)\" && echo %s > "
                     "sys/fs/cgroup/%.*s",
                     (int)(equals - *files), *files, equals + 1, (int)(equals - *files), *files);
    }
    assert_int_equal(system(command), 0);
    return folder;
}

#define ROOT(folder, groups, ...)                                                                  \
    make_root(folder, groups, (const char *const[]){__VA_ARGS__, NULL})

static const double no_limit = 1e18; /* of memory: more than any machine has */

static void tightest_group_of_the_chain_counts(void **state) {
    const char *root = ROOT(*state, "0::/a/b/c\\n", "memory.max=max", "a/memory.max=3000000",
                            "a/b/memory.max=2000000", "a/b/c/memory.max=max", "a/x/memory.max=5");
    assert_true(machine_memory(root) == 2000000);
    root = ROOT(*state, "0::/a/b\\n", "a/memory.max=1000000", "a/b/memory.max=2000000");
    assert_true(machine_memory(root) == 1000000);
    root = ROOT(*state, "0::/gone\\n", "memory.max=4000000");
    assert_true(machine_memory(root) == 4000000);
}

static void groups_of_version_1_count_too(void **state) {
    const char *root =
        ROOT(*state, "5:cpu,cpuacct:/x\\n4:memory:/a/b\\n0::/\\n",
             "memory/memory.limit_in_bytes=9223372036854771712",
             "memory/a/memory.limit_in_bytes=6000000", "memory/a/b/memory.limit_in_bytes=7000000",
             "cpu,cpuacct/x/cpu.cfs_quota_us=100000", "cpu,cpuacct/x/cpu.cfs_period_us=100000");
    assert_true(machine_memory(root) == 6000000);
    assert_int_equal(machine_cores(root), 1);
}

static void part_of_a_core_is_a_core(void **state) {
    const char *root = ROOT(*state, "0::/a\\n", "a/cpu.max=50000 100000");
    assert_int_equal(machine_cores(root), 1);
}

static void group_without_limits_leaves_the_machine(void **state) {
    const char *root =
        ROOT(*state, "0::/a\\n3:cpu:/\\n", "a/memory.max=max", "a/cpu.max=max 100000",
             "cpu/cpu.cfs_quota_us=-1", "cpu/cpu.cfs_period_us=100000");
    double memory = machine_memory(root);
    assert_true(memory > 1e8 && memory < no_limit);
    assert_true(memory == machine_memory("/nowhere"));
    assert_int_equal(machine_cores(root), machine_cores("/nowhere"));
    assert_true(machine_memory("") <= memory);
}

static void memory_that_is_held_grows_with_what_is_written(void **state) {
    (void)state;
    enum { BYTES = 64 << 20 };
    double before = machine_resident();
    char *block = malloc(BYTES);
    assert_non_null(block);
    memset(block, 1, BYTES);
    double after = machine_resident();
    assert_true(before > 0 && after - before > 0.9 * BYTES && block[BYTES - 1] == 1);
    free(block);
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
        cmocka_unit_test_setup_teardown(tightest_group_of_the_chain_counts, temporary_open,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(groups_of_version_1_count_too, temporary_open,
                                        temporary_close),
        TEMPORARY_TEST(part_of_a_core_is_a_core),
        cmocka_unit_test_setup_teardown(group_without_limits_leaves_the_machine, temporary_open,
                                        temporary_close),
        cmocka_unit_test(memory_that_is_held_grows_with_what_is_written),
#if defined __SSE2__ || defined __aarch64__
        cmocka_unit_test(denormals_become_zero_once_that_is_asked_for),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
