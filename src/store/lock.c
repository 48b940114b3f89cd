#define _GNU_SOURCE /* F_OFD_SETLK */
#include "store/lock.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool lock_open(const char *database_path, struct session_lock *lock, struct error *err) {
    lock->fd = -1;
    struct arena arena = {0};
    const char *path = arena_printf(&arena, "%s.lock", database_path);
    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->fd < 0)
        error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    arena_close(&arena);
    return lock->fd >= 0;
}

void lock_open_read_only(const char *database_path, struct session_lock *lock) {
    struct arena arena = {0};
    lock->fd = open(arena_printf(&arena, "%s.lock", database_path), O_RDONLY | O_CLOEXEC);
    arena_close(&arena);
}

static struct flock byte_of(int64_t session) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = session, .l_len = 1};
}

bool lock_hold(const struct session_lock *lock, int64_t session) {
    struct flock byte = byte_of(session);
    return lock->fd < 0 || fcntl(lock->fd, F_OFD_SETLK, &byte) == 0;
}

bool lock_is_held(const struct session_lock *lock, int64_t session) {
    struct flock byte = byte_of(session);
    return lock->fd >= 0 && fcntl(lock->fd, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

bool lock_any_is_held(const struct session_lock *lock) {
    struct flock all = byte_of(0);
    all.l_len = 0; /* to the end, however far */
    return lock->fd >= 0 && fcntl(lock->fd, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK;
}

void lock_close(struct session_lock *lock) {
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}
