#include "base/thread.h"

#include "base/machine.h"

/* `ulimit -s` sets the default: with 64 KB, printing a number overflows it. */
enum { STACK_BYTES = 2 << 20, SHARING_MAX = 64 };

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

void thread_share(void *(*function)(void *), void *argument, size_t most) {
    pthread_t threads[SHARING_MAX];
    size_t cores = machine_cores(""), started = 0;
    while (started + 1 < most && started + 1 < cores && started < SHARING_MAX &&
           thread_start(&threads[started], function, argument) == 0)
        started++;
    function(argument);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}
