#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np, environ */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILDREN = 64 };

/* Those not waited for: a failed assertion jumps over the code that would end them. */
static pid_t children[CHILDREN];

static void note_child(pid_t from, pid_t to) {
    for (int i = 0; i < CHILDREN; i++)
        if (children[i] == from) {
            children[i] = to;
            return;
        }
}

static bool is_named_in(const char *variable, const char *const *list) {
    size_t length = strcspn(variable, "=") + 1;
    for (; list && *list; list++)
        if (strncmp(variable, *list, length) == 0)
            return true;
    return false;
}

/* The test's own environment with the additions in place of what they name. */
static const char **join_environment(const char *const *additions) {
    /* So that mlpsweep need not execute itself again to set them. */
    static const char *const one_thread[] = {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", NULL};
    size_t own = 0, added = 0, n = 0;
    while (environ[own])
        own++;
    while (additions && additions[added])
        added++;
    const char **result = calloc(own + added + 3, sizeof *result);
    if (!result)
        abort();
    for (size_t i = 0; i < own; i++)
        if (!is_named_in(environ[i], additions) && !is_named_in(environ[i], one_thread))
            result[n++] = environ[i];
    for (size_t i = 0; one_thread[i]; i++)
        if (!is_named_in(one_thread[i], additions))
            result[n++] = one_thread[i];
    for (size_t i = 0; i < added; i++)
        result[n++] = additions[i];
    return result;
}

static void set_actions(posix_spawn_file_actions_t *actions, const struct launch *launch) {
    const int flags = O_WRONLY | O_CREAT | O_APPEND;
    const char *out = launch->out ? launch->out : "/dev/null";
    const char *err = launch->err ? launch->err : "/dev/null";
    posix_spawn_file_actions_init(actions);
    posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, out, flags, 0666);
    posix_spawn_file_actions_addopen(actions, STDERR_FILENO, err, flags, 0666);
    if (launch->folder)
        posix_spawn_file_actions_addchdir_np(actions, launch->folder);
}

static void set_attributes(posix_spawnattr_t *attributes) {
    sigset_t usual, none;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGHUP);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigdefault(attributes, &usual);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

struct process process_start(const struct launch *launch) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    struct process process = {.running = true};
    const char **environment = join_environment(launch->environment);
    set_actions(&actions, launch);
    set_attributes(&attributes);
    int status = posix_spawnp(&process.pid, launch->arguments[0], &actions, &attributes,
                              (char *const *)(uintptr_t)launch->arguments,
                              (char *const *)(uintptr_t)environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    free(environment);
    if (status != 0) {
        fprintf(stderr, "%s: %s\n", launch->arguments[0], strerror(status));
        abort();
    }
    note_child(0, process.pid);
    return process;
}

static bool reap(struct process *process, int flags) {
    int status;
    pid_t pid;
    do
        pid = waitpid(process->pid, &status, flags);
    while (pid < 0 && errno == EINTR);
    if (pid != process->pid)
        return false;
    process->running = false;
    process->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    note_child(process->pid, 0);
    return true;
}

bool process_wait(struct process *process, double seconds) {
    double end = process_clock() + seconds;
    while (process->running && !reap(process, WNOHANG)) {
        if (process_clock() >= end)
            return false;
        process_sleep(0.001);
    }
    return true;
}

bool process_signal(struct process *process, int number) {
    if (!process->running || reap(process, WNOHANG))
        return false;
    return kill(process->pid, number) == 0;
}

int process_run(const struct launch *launch, double seconds) {
    struct process process = process_start(launch);
    if (!process_wait(&process, seconds)) {
        process_signal(&process, SIGKILL);
        reap(&process, 0);
    }
    return process.status;
}

void process_kill_all(void) {
    for (int i = 0; i < CHILDREN; i++)
        if (children[i]) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
            children[i] = 0;
        }
}

double process_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void process_sleep(double seconds) {
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}
