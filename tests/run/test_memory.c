/* The estimate of memory against the peak of real trainings, each in a process of its own. */
#define _DEFAULT_SOURCE /* ru_maxrss is not in POSIX */
#include "base/machine.h"
#include "run/memory.h"
#include "session.h"
#include "synthetic.h"
#include "test.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
    const char *topology, *optimizer, *batch_size;
    size_t trials, workers;
    bool together;
} cases[] = {
    {"topology: [20, 15]", "optimizer: adam", "batch_size: 32", 8, 1, true},
    {"topology: [2000, 1000]", "optimizer: adam", "batch_size: 1000", 1, 1, true},
    {"topology: [800, 800]", "optimizer: sgd", "batch_size: 500", 4, 2, false},
    {"topology: [64]", "optimizer: adam", "batch_size: 4096", 16, 2, true},
    {"topology: [384]", "optimizer: adamw", "batch_size: 100", 1, 1, false},
    {"topology: []", "optimizer: adam", "batch_size: 5000", 12, 2, true},
};
enum { CASES = sizeof cases / sizeof *cases, ROWS = 3000, RUNS = 3 };

/* In the child: prints the estimate and the peak in bytes. Checkpoints, as the session keeps them,
 * are what waits for a database. */
static int train_case(size_t number) {
    static struct session session;
    machine_return_memory();
    size_t batch = strtoul(cases[number].batch_size + strlen("batch_size: "), NULL, 10);
    size_t checkpoints =
        (ROWS / batch + 2) * cases[number].trials; /* one a minibatch: to epoch 2 */
    session = (struct session){.stop_after = (int)checkpoints};
    const struct dataset *data = synthetic_images(ROWS, 500, &session.arena);
    for (size_t i = 0; i < cases[number].trials; i++) {
        char seed[32];
        snprintf(seed, sizeof seed, "seed: %zu", i + 1);
        ADD(&session, data, cases[number].topology, cases[number].optimizer,
            cases[number].batch_size, seed, "epochs: 2", "order_seed: 1", "split_seed: 1");
    }
    enum fuse fuse = cases[number].together ? FUSE_AUTO : FUSE_OFF;
    struct runner_options options = {.workers = cases[number].workers, .fuse = fuse};
    double estimate =
        machine_resident() + memory_of_training(session.jobs, session.count, &options);
    session_run(&session, cases[number].workers, fuse);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.0f %.0f\n", estimate, (double)usage.ru_maxrss * 1024);
    return 0;
}

/* Two workers may miss each other in time on a busy machine: then they are run again. */
static void estimate_is_within_a_fifth_of_the_peak(void **state) {
    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* their memory is counted too */
#endif
    char self[PATH_MAX], command[PATH_MAX + 40];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    for (size_t i = 0; i < CASES; i++) {
        double estimate = INFINITY, peak = 0;
        snprintf(command, sizeof command, "'%s' %zu", self, i);
        for (int run = 0; run < RUNS && !(estimate < 1.2 * peak); run++) {
            double peak_of_run = 0;
            FILE *child = popen(command, "r");
            assert_non_null(child);
            assert_int_equal(fscanf(child, "%lf %lf", &estimate, &peak_of_run), 2);
            assert_int_equal(pclose(child), 0);
            peak = fmax(peak, peak_of_run);
        }
        if (!(estimate > 0.8 * peak && estimate < 1.2 * peak))
            fail_msg("case %zu: %.1f MB estimated, %.1f MB at the peak", i, estimate / 1e6,
                     peak / 1e6);
    }
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimate_is_within_a_fifth_of_the_peak),
    };
    if (count > 1)
        return train_case((size_t)strtoul(arguments[1], NULL, 10));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
