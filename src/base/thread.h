/* Threads with a stack of their own size, whatever the user's limit is. */
#ifndef MLPSWEEP_BASE_THREAD_H
#define MLPSWEEP_BASE_THREAD_H

#include <pthread.h>

/** Starts a thread, to be joined. Returns 0, or an error number as pthread_create does. */
int thread_start(pthread_t *thread, void *(*function)(void *), void *argument);

#endif
