#include "cli/interrupt.h"

#include "base/error.h"

#include <signal.h>
#include <unistd.h>

/* A global, since nothing can be handed to a signal handler. */
static atomic_int stop;

static void on_signal(int number) {
    bool is_repeated = atomic_exchange(&stop, 1) != 0;
    if (is_repeated && number != SIGHUP) /* a hangup comes twice, from the terminal and the shell */
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
    listen_to(SIGHUP);
    return &stop;
}
