/* SIGINT, SIGTERM and SIGHUP: the first asks training to stop at the next minibatch; the second
 * ends the program at once, unless it is a SIGHUP. */
#ifndef MLPSWEEP_CLI_INTERRUPT_H
#define MLPSWEEP_CLI_INTERRUPT_H

#include <stdatomic.h>

/** Starts to listen; an inherited SIG_IGN (nohup) stays. The result becomes 1 with the first
 * signal. */
atomic_int *interrupt_listen(void);

#endif
