#include "cli/options.h"

#include <errno.h>
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
    if (again)
        execv("/proc/self/exe", argv);
}

static bool run(int argc, char **argv, struct arena *arena, struct error *err) {
    struct invocation in;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("mlpsweep " MLPSWEEP_VERSION);
        return true;
    }
    return options_read(argc, argv, arena, &in, err) && in.command->run(&in, err);
}

int main(int argc, char **argv) {
    struct arena arena = {0};
    struct error err = {0};
    keep_blas_single_threaded(argv);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    bool ok = run(argc, argv, &arena, &err);
    if (fflush(stdout) != 0 && errno != EPIPE)
        ok = error_set(&err, ERROR_FAILED, "standard output: %s", strerror(errno));
    error_print(&err, stderr);
    int status = ok ? 0 : err.kind ? (int)err.kind : ERROR_FAILED;
    error_clear(&err);
    arena_close(&arena);
    return status;
}
