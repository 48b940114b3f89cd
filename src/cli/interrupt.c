#include "cli/interrupt.h"

#include "base/error.h"

#include <signal.h>
#include <unistd.h>

/* A handler can be told nothing: the one mutable global of the program. */
static atomic_int stop;

static void on_signal(int number) {
    (void)number;
    if (atomic_exchange(&stop, 1) != 0)
        _exit(ERROR_INTERRUPTED);
}

static void listen_to(int number) {
    struct sigaction before;
    sigaction(number, NULL, &before);
    if (before.sa_handler == SIG_IGN)
        return;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

atomic_int *interrupt_listen(void) {
    listen_to(SIGINT);
    listen_to(SIGTERM);
    return &stop;
}
