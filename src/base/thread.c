#include "base/thread.h"

/* `ulimit -s` sets the default: with 64 KB, printing a number overflows it. */
enum { STACK_BYTES = 2 << 20 };

int thread_start(pthread_t *thread, void *(*function)(void *), void *argument) {
    pthread_attr_t attributes;
    int status = pthread_attr_init(&attributes);
    if (status != 0)
        return status;
    status = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (status == 0)
        status = pthread_create(thread, &attributes, function, argument);
    pthread_attr_destroy(&attributes);
    return status;
}
