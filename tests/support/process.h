/* Programs that a test starts, signals and waits for; what they print goes to files. */
#ifndef MLPSWEEP_TESTS_PROCESS_H
#define MLPSWEEP_TESTS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/** How a program is started. Lists end with NULL. */
struct launch {
    const char *const *arguments;   /* the program first, looked up in PATH if it holds no slash */
    const char *const *environment; /* NAME=VALUE, added to the test's own; NULL: none */
    const char *folder;             /* NULL: the test's own */
    const char *out, *err;          /* files for its output, appended to; NULL: /dev/null */
};

struct process {
    pid_t pid;
    int status;   /* exit status, 128 + N after signal N, as in a shell */
    bool running; /* not waited for yet */
};

/** Ends the test's program if the process cannot be started. SIGINT, SIGTERM, SIGHUP and SIGPIPE
 * act as usual in it, whatever the test inherited; BLAS has one thread. */
struct process process_start(const struct launch *launch);

/** Waits for its end for that many seconds. Returns false if it still runs. */
bool process_wait(struct process *process, double seconds);

/** Sends the signal; false if it had ended before, so that nothing was hit. */
bool process_signal(struct process *process, int number);

/** Starts, waits, and returns the exit status; kills it after the time and returns 137. */
int process_run(const struct launch *launch, double seconds);

/** Kills what a failed test left running: for teardowns. */
void process_kill_all(void);

/** Monotonic. Units: seconds. */
double process_clock(void);
void process_sleep(double seconds);

#endif
