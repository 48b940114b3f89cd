/* make's job server: under `make -j N` every worker but the first holds one of make's tokens while
 * it computes, so that N cores are used in all.
 *
 * Source: GNU make manual, "Sharing Job Slots with GNU make". */
#ifndef MLPSWEEP_RUN_JOBSERVER_H
#define MLPSWEEP_RUN_JOBSERVER_H

#include <stdbool.h>

/** The two ends of make's job server. */
struct jobserver {
    int read_fd, write_fd; /* -1: no job server */
};

/** Connects to the job server that MAKEFLAGS names, in its pipe or its fifo form; the descriptors
 * are our own, non-blocking ones. Without one, or when it cannot be reached (a recipe without `+`),
 * the descriptors are -1. */
struct jobserver jobserver_open(const char *makeflags);

/** Whether there is a job server to ask. */
bool jobserver_is_open(const struct jobserver *server);

/** Waits up to `milliseconds` for a token. The token is a byte that must be given back as it is. */
bool jobserver_acquire(const struct jobserver *server, int milliseconds, char *token);

/** Gives a token back. */
void jobserver_release(const struct jobserver *server, char token);

/** Closes the descriptors, if there are any. */
void jobserver_close(struct jobserver *server);

#endif
