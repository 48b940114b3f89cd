#include "run/jobserver.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The value of the last --jobserver-auth (or --jobserver-fds, before make 4.2), or NULL. */
static const char *last_auth(const char *makeflags) {
    static const char *const names[] = {"--jobserver-auth=", "--jobserver-fds="};
    const char *last = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (const char *at = makeflags; (at = strstr(at, names[i])); at += strlen(names[i]))
            if (!last || at > last)
                last = at + strlen(names[i]);
    return last;
}

/* Opens a fifo anew, so that O_NONBLOCK does not leak into make's own descriptors. */
static int open_fifo(const char *path, int flags) {
    struct stat info;
    int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_inherited(int fd, int flags) {
    struct stat info;
    char path[32];
    if (fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode))
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open_fifo(path, flags);
}

static struct jobserver closed(void) {
    return (struct jobserver){-1, -1};
}

static struct jobserver complete(int read_fd, int write_fd) {
    struct jobserver server = {read_fd, write_fd};
    if (read_fd >= 0 && write_fd >= 0)
        return server;
    jobserver_close(&server);
    return closed();
}

struct jobserver jobserver_open(const char *makeflags) {
    const char *auth = makeflags ? last_auth(makeflags) : NULL;
    if (!auth)
        return closed();
    if (strncmp(auth, "fifo:", 5) == 0) {
        char path[4096];
        snprintf(path, sizeof path, "%.*s", (int)strcspn(auth + 5, " \t"), auth + 5);
        /* for reading and writing, as make opens it: a fifo without writer reads as ended */
        return complete(open_fifo(path, O_RDWR), open_fifo(path, O_WRONLY));
    }
    char *end;
    long in = strtol(auth, &end, 10);
    if (*end != ',')
        return closed();
    long out = strtol(end + 1, NULL, 10);
    if (in < 0 || out < 0 || in > 1 << 20 || out > 1 << 20)
        return closed();
    return complete(open_inherited((int)in, O_RDONLY), open_inherited((int)out, O_WRONLY));
}

bool jobserver_is_open(const struct jobserver *server) {
    return server->read_fd >= 0;
}

bool jobserver_acquire(const struct jobserver *server, int milliseconds, char *token) {
    struct pollfd ready = {.fd = server->read_fd, .events = POLLIN};
    return poll(&ready, 1, milliseconds) == 1 && read(server->read_fd, token, 1) == 1;
}

void jobserver_release(const struct jobserver *server, char token) {
    ssize_t ignored = write(server->write_fd, &token, 1);
    (void)ignored;
}

void jobserver_close(struct jobserver *server) {
    if (server->read_fd >= 0)
        close(server->read_fd);
    if (server->write_fd >= 0)
        close(server->write_fd);
    *server = closed();
}
