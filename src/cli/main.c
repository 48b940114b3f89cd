/* The program's way in and out: it makes the process fit for training, runs one command, prints the
 * errors once, and turns them into the exit status. */
#include "base/machine.h"
#include "cli/options.h"
#include "cli/versions.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* BLAS starts its threads before main and does not let go of them; it computes in ours alone only
 * if the environment says so from the start. Other variables stay as the user set them. */
static void keep_blas_single_threaded(char **argv) {
    static const char *const names[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"};
    bool again = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && strcmp(value, "1") == 0)
            continue;
        again = true;
        setenv(names[i], "1", 1);
    }
    if (again) {
        char path[4096] = ""; /* by its own name: a process is called what it was executed as */
        ssize_t length = readlink("/proc/self/exe", path, sizeof path);
        if (length > 0 && length < (ssize_t)sizeof path)
            execv(path, argv);
        execv("/proc/self/exe", argv); /* the file was replaced or removed */
    }
}

/* A closed standard stream must not become the number of a file that is opened later. /dev/null in
 * its place is open for reading only, so that what is printed is an error still. */
static void hold_standard_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", O_RDONLY);
}

/* A reader that has seen enough (`| head`) is no failure. */
static bool reader_is_gone(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP));
}

static bool flush_output(struct error *err) {
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || reader_is_gone())
        return true;
    return error_set(err, ERROR_FAILED, "standard output: %s",
                     errno ? strerror(errno) : "cannot be written");
}

static bool run(int argc, char **argv, struct arena *arena, struct error *err) {
    struct invocation in;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        versions_write(arena, stdout);
        return true;
    }
    return options_read(argc, argv, arena, &in, err) && in.command->run(&in, err);
}

int main(int argc, char **argv) {
    struct arena arena = {0};
    struct error err = {0};
    hold_standard_streams();
    keep_blas_single_threaded(argv);
    machine_return_memory();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    bool ok = run(argc, argv, &arena, &err);
    ok &= flush_output(&err);
    error_print(&err, stderr);
    int status = ok ? 0 : err.kind ? (int)err.kind : ERROR_FAILED;
    error_clear(&err);
    arena_close(&arena);
    return status;
}
