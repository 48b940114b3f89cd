/* Threads with a stack of their own size, whatever the user's limit is. */
#ifndef MLPSWEEP_BASE_THREAD_H
#define MLPSWEEP_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

/** Starts a thread, to be joined. Returns 0, or an error number as pthread_create does. */
int thread_start(pthread_t *thread, void *(*function)(void *), void *argument);

/** Runs the function in as many threads as there are cores, at most `most`, and waits for all of
 * them. This thread is one; the others are left out where they cannot be started. */
void thread_share(void *(*function)(void *), void *argument, size_t most);

#endif
