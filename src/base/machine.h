/* What this process may use of its machine: the tightest of the hardware, the affinity mask and all
 * control groups that it is in (versions 1 and 2); and the memory that it holds. */
#ifndef MLPSWEEP_BASE_MACHINE_H
#define MLPSWEEP_BASE_MACHINE_H

#include <stddef.h>

/** Whole cores, at least 1. `root` is "" but for tests, which put /proc and /sys into a folder. */
size_t machine_cores(const char *root);

/** Bytes of memory. `root` as above. */
double machine_memory(const char *root);

/** Makes large blocks that are freed go back to the system at once. Else malloc keeps what a
 * checkpoint took for a moment, several times over with several threads. */
void machine_return_memory(void);

/** Bytes of memory that this process holds now. */
double machine_resident(void);

#endif
