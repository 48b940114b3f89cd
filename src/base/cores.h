/* How many cores this process may use. */
#ifndef MLPSWEEP_BASE_CORES_H
#define MLPSWEEP_BASE_CORES_H

#include <stddef.h>

/** The cores of the affinity mask, or fewer where the control group's cpu.max grants less. At
 * least 1. */
size_t cores_available(void);

#endif
