/* Preloaded into the program: fails the n-th write, sync or allocation, and shifts the clock. No
 * sync waits for the disk: what is tested is the end of the program, not that of the machine.
 *
 * SHIM_PATH=TEXT     writes and syncs count only for files whose path holds it
 * SHIM_FAIL=KIND:N   KIND is write, fsync or alloc; the N-th one (from 1) fails
 * SHIM_TIMES=N       so do those that follow, N in all; 0: all; the default is 1
 * SHIM_ERRNO=N       with which error writes fail; the default is EIO
 * SHIM_COUNTS=FILE   shared counters: calls of each kind, then failures, 8 bytes each
 * SHIM_DELAY=MS      the first SQL statements are prepared that much later, each
 * SHIM_CLOCK=SECONDS is added to what the real-time clock says
 *
 * Programs that mlpsweep starts (a shell, git) are left alone. */
#define _GNU_SOURCE /* RTLD_NEXT, program_invocation_short_name */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* glibc's own, so that an allocation needs no dlsym, which allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum kind { WRITE, FSYNC, ALLOC, FAILURES, COUNTERS };

static const char *const kind_names[] = {"write", "fsync", "alloc"};

static _Atomic unsigned long long own_counters[COUNTERS];
static _Atomic unsigned long long *counters = own_counters;
static atomic_bool is_ready;
static enum kind fail_kind;
static unsigned long long fail_at;
static unsigned long long fail_times = 1;
static int write_error = EIO;
static const char *path_part;
static long clock_shift;
static long delay_ms;
static atomic_int delays_left;

static void map_counters(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof own_counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED)
        counters = map;
    close(fd);
}

__attribute__((constructor)) static void begin(void) {
    const char *fail = getenv("SHIM_FAIL"), *text;
    if (strcmp(program_invocation_short_name, "mlpsweep") != 0)
        return;
    if ((text = getenv("SHIM_CLOCK")))
        clock_shift = strtol(text, NULL, 10);
    if ((text = getenv("SHIM_DELAY"))) {
        delay_ms = strtol(text, NULL, 10);
        atomic_store(&delays_left, 6);
    }
    if ((text = getenv("SHIM_ERRNO")))
        write_error = (int)strtol(text, NULL, 10);
    if ((text = getenv("SHIM_COUNTS")))
        map_counters(text);
    path_part = getenv("SHIM_PATH");
    if ((text = getenv("SHIM_TIMES")))
        fail_times = strtoull(text, NULL, 10);
    for (int k = WRITE; fail && k <= ALLOC; k++) {
        size_t length = strlen(kind_names[k]);
        if (strncmp(fail, kind_names[k], length) == 0 && fail[length] == ':') {
            fail_kind = (enum kind)k;
            fail_at = strtoull(fail + length + 1, NULL, 10);
        }
    }
    atomic_store(&is_ready, true);
}

static bool fails(enum kind kind) {
    if (!atomic_load(&is_ready))
        return false;
    unsigned long long n = atomic_fetch_add(&counters[kind], 1) + 1;
    if (!fail_at || kind != fail_kind || n < fail_at || (fail_times && n - fail_at >= fail_times))
        return false;
    atomic_fetch_add(&counters[FAILURES], 1);
    return true;
}

static bool is_watched(int fd) {
    char link[40], path[4096];
    if (!atomic_load(&is_ready) || !path_part)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    return strstr(path, path_part) != NULL;
}

static bool file_fails(enum kind kind, int fd, int error) {
    int before = errno;
    bool result = is_watched(fd) && fails(kind);
    errno = result ? error : before;
    return result;
}

ssize_t write(int fd, const void *bytes, size_t size) {
    if (file_fails(WRITE, fd, write_error))
        return -1;
    return syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    if (file_fails(WRITE, fd, write_error))
        return -1;
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    return pwrite(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (file_fails(WRITE, fd, write_error))
        return -1;
    return syscall(SYS_writev, fd, parts, count);
}

int ftruncate(int fd, off_t size) {
    if (file_fails(WRITE, fd, write_error))
        return -1;
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off64_t size) {
    return ftruncate(fd, size);
}

int fsync(int fd) {
    return file_fails(FSYNC, fd, EIO) ? -1 : 0;
}

int fdatasync(int fd) {
    return file_fails(FSYNC, fd, EIO) ? -1 : 0;
}

static void *no_memory(void) {
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size) {
    return fails(ALLOC) ? no_memory() : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails(ALLOC) ? no_memory() : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    return fails(ALLOC) ? no_memory() : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails(ALLOC) ? no_memory() : __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *memory = fails(ALLOC) ? NULL : __libc_memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *result = memory;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int status = (int)syscall(SYS_clock_gettime, clock, now);
    if (status == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += clock_shift;
    return status;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *result = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

/* Widens the gaps in which another process can come between two statements. */
int sqlite3_prepare_v2(void *database, const char *sql, int size, void **statement,
                       const char **tail) {
    static int (*real)(void *, const char *, int, void **, const char **);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
    if (atomic_fetch_sub(&delays_left, 1) > 0)
        nanosleep(&(struct timespec){.tv_nsec = delay_ms * 1000000}, NULL);
    return real(database, sql, size, statement, tail);
}
