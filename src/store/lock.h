/* Which sessions are alive: session N holds a lock on byte N of NAME.db.lock, and the kernel gives
 * it back however the process ends. Neither clocks nor process numbers matter. */
#ifndef MLPSWEEP_STORE_LOCK_H
#define MLPSWEEP_STORE_LOCK_H

#include "base/error.h"

#include <stdint.h>

/** The lock that a living session holds. */
struct session_lock {
    int fd; /* -1: not open */
};

/** Opens the lock file beside the database. Owns: close with lock_close. */
MUST_CHECK bool lock_open(const char *database_path, struct session_lock *lock, struct error *err);

/** Opens the lock file for lock_is_held alone, which finds nothing where there is no such file.
 * Owns: close with lock_close. */
void lock_open_read_only(const char *database_path, struct session_lock *lock);

/** Holds the session's byte until lock_close. False: another process holds it. */
bool lock_hold(const struct session_lock *lock, int64_t session);

/** Whether some process holds the session's byte. */
bool lock_is_held(const struct session_lock *lock, int64_t session);

/** Whether some process holds any session's byte. */
bool lock_any_is_held(const struct session_lock *lock);

/** Closes; bytes that were held are free. */
void lock_close(struct session_lock *lock);

#endif
