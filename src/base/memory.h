/* How much memory this process may use. */
#ifndef MLPSWEEP_BASE_MEMORY_H
#define MLPSWEEP_BASE_MEMORY_H

/** Bytes: what the machine has, or less where the control group's memory.max grants less. */
double memory_limit(void);

#endif
