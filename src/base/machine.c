#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "base/machine.h"

#include "base/arena.h"

#include <malloc.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads the limit of one control group, whose folder has this path; INFINITY: it has none. */
typedef double read_limit(const char *folder, struct arena *arena);

/* The first `count` (1 or 2) numbers of a file. False: there is no such file, or it says "max". */
static bool read_numbers(const char *folder, const char *name, int count, double *numbers,
                         struct arena *arena) {
    FILE *file = fopen(arena_printf(arena, "%s/%s", folder, name), "re");
    if (!file)
        return false;
    int fields = count == 1 ? fscanf(file, "%lf", &numbers[0])
                            : fscanf(file, "%lf %lf", &numbers[0], &numbers[1]);
    fclose(file);
    return fields == count;
}

/* Version 2 has memory.max, version 1 memory.limit_in_bytes. */
static double read_memory(const char *folder, struct arena *arena) {
    double bytes, least = (double)INFINITY;
    if (read_numbers(folder, "memory.max", 1, &bytes, arena))
        least = fmin(least, bytes);
    if (read_numbers(folder, "memory.limit_in_bytes", 1, &bytes, arena))
        least = fmin(least, bytes);
    return least;
}

/* Version 2 has "QUOTA PERIOD" in cpu.max, version 1 a file for each; a quota of -1 is none. */
static double read_cores(const char *folder, struct arena *arena) {
    double of[2];
    bool found = read_numbers(folder, "cpu.max", 2, of, arena) ||
                 (read_numbers(folder, "cpu.cfs_quota_us", 1, &of[0], arena) &&
                  read_numbers(folder, "cpu.cfs_period_us", 1, &of[1], arena));
    return found && of[0] > 0 && of[1] > 0 ? of[0] / of[1] : (double)INFINITY;
}

/* The tightest limit of a group and of all that it is in: PATH, its parent, ... and the root, below
 * one mount point. Groups that cannot be seen from inside a container have no folder here. */
static double chain_limit(const char *mount, const char *path, read_limit *read,
                          struct arena *arena) {
    char *folder = arena_printf(arena, "%s%s", mount, path);
    double least = (double)INFINITY;
    for (size_t length = strlen(folder); length >= strlen(mount);) {
        folder[length] = '\0';
        least = fmin(least, read(folder, arena));
        const char *slash = strrchr(folder, '/');
        if (!slash || length == strlen(mount))
            break;
        length = (size_t)(slash - folder);
    }
    return least;
}

/* /proc/self/cgroup has a line NUMBER:CONTROLLERS:PATH for each hierarchy; version 2 names no
 * controllers. */
static double tightest_limit(const char *root, read_limit *read) {
    struct arena arena = {0};
    double least = (double)INFINITY;
    char line[4096];
    FILE *file = fopen(arena_printf(&arena, "%s/proc/self/cgroup", root), "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *path = NULL;
        if (controllers)
            path = strchr(++controllers, ':');
        if (!path)
            continue;
        *path++ = '\0';
        const char *groups = arena_printf(&arena, "%s/sys/fs/cgroup", root);
        if (!*controllers)
            least = fmin(least, chain_limit(groups, path, read, &arena));
        const char *folder = *controllers ? controllers : "unified";
        const char *mount = arena_printf(&arena, "%s/%s", groups, folder);
        least = fmin(least, chain_limit(mount, path, read, &arena));
    }
    if (file)
        fclose(file);
    arena_close(&arena);
    return least;
}

size_t machine_cores(const char *root) {
    cpu_set_t set;
    double cores = 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        cores = CPU_COUNT(&set);
    double allowed = fmin(cores, tightest_limit(root, read_cores));
    return allowed < 1 ? 1 : (size_t)allowed;
}

double machine_memory(const char *root) {
    double all = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
    return fmin(all, tightest_limit(root, read_memory));
}

void machine_return_memory(void) {
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* naming it keeps malloc from raising it */
#endif
}

double machine_resident(void) {
    struct arena arena = {0};
    double pages[2] = {0, 0}; /* mapped, resident */
    bool known = read_numbers("/proc/self", "statm", 2, pages, &arena);
    arena_close(&arena);
    return known ? pages[1] * (double)sysconf(_SC_PAGE_SIZE) : 0;
}
