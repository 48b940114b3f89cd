/* The observer that hands what training brings to the database. */
#ifndef MLPSWEEP_CLI_RECORDER_H
#define MLPSWEEP_CLI_RECORDER_H

#include "run/observer.h"
#include "store/store.h"

#include <stdatomic.h>

struct recorder {
    struct store *store;
    const size_t *trials;           /* [jobs] index in the store of each job */
    atomic_size_t failed, diverged; /* so far */
};

struct observer recorder_observer(struct recorder *recorder);

#endif
