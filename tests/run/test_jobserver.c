/* Tokens of a job server, taken from and given back to a real pipe and fifo that the test fills as
 * make does. make itself is not started. */
#include "run/jobserver.h"

#include "temporary.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void without_a_job_server_none_is_open(void **state) {
    (void)state;
    static const char *const flags[] = {"",
                                        "-k",
                                        "-j",
                                        "--jobserver-auth=",
                                        "--jobserver-auth=x,y",
                                        "--jobserver-auth=-2,-2",
                                        "--jobserver-auth=fifo:/nowhere",
                                        "--jobserver-auth=900,901"};
    struct jobserver none = jobserver_open(NULL);
    assert_false(jobserver_is_open(&none));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct jobserver server = jobserver_open(flags[i]);
        if (jobserver_is_open(&server))
            fail_msg("open: %s", flags[i]);
    }
}

/* Two tokens, taken and given back as they are. */
static void use(const char *flags) {
    struct jobserver server = jobserver_open(flags);
    char a, b, c;
    assert_true(jobserver_is_open(&server));
    assert_true(jobserver_acquire(&server, 1000, &a));
    assert_true(jobserver_acquire(&server, 1000, &b));
    assert_true((a == 'x' && b == 'y') || (a == 'y' && b == 'x'));
    assert_false(jobserver_acquire(&server, 10, &c));
    jobserver_release(&server, a);
    assert_true(jobserver_acquire(&server, 1000, &c));
    assert_int_equal(c, a);
    jobserver_release(&server, b);
    jobserver_release(&server, c);
    jobserver_close(&server);
}

static void tokens_of_a_pipe_are_given_back(void **state) {
    (void)state;
    int ends[2];
    char flags[120], back[3] = "";
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "xy", 2), 2);
    /* the last one counts */
    snprintf(flags, sizeof flags, " -j3 --jobserver-auth=7,8 --jobserver-auth=%d,%d", ends[0],
             ends[1]);
    use(flags);
    assert_int_equal(read(ends[0], back, 2), 2);
    close(ends[0]);
    close(ends[1]);
}

static void tokens_of_a_fifo_are_given_back(void **state) {
    char flags[4200], back[3] = "";
    const char *path = temporary_path(*state, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    int end = open(path, O_RDWR);
    assert_int_equal(write(end, "xy", 2), 2);
    snprintf(flags, sizeof flags, "-j3 --jobserver-auth=fifo:%s", path);
    use(flags);
    assert_int_equal(read(end, back, 2), 2);
    close(end);
}

/* A recipe without + gets numbers of descriptors that are someone else's files. */
static void descriptors_that_are_no_pipe_are_left_alone(void **state) {
    char flags[120];
    const char *path = temporary_write(*state, "file", "xy", 2);
    int file = open(path, O_RDWR);
    snprintf(flags, sizeof flags, "--jobserver-auth=%d,%d", file, file);
    struct jobserver server = jobserver_open(flags);
    assert_false(jobserver_is_open(&server));
    close(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_job_server_none_is_open),
        cmocka_unit_test(tokens_of_a_pipe_are_given_back),
        cmocka_unit_test_setup_teardown(tokens_of_a_fifo_are_given_back, temporary_open,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(descriptors_that_are_no_pipe_are_left_alone, temporary_open,
                                        temporary_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
