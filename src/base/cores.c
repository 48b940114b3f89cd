#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "base/cores.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* cpu.max holds "QUOTA PERIOD" in microseconds, or "max PERIOD". Returns whole cores, 0: no limit.
 */
static size_t quota_in(const char *path) {
    FILE *file = fopen(path, "re");
    unsigned long long quota = 0, period = 0;
    if (!file)
        return 0;
    int fields = fscanf(file, "%llu %llu", &quota, &period);
    fclose(file);
    if (fields != 2 || !period)
        return 0;
    return quota < period ? 1 : (size_t)(quota / period);
}

/* The limit of this process's own control group (version 2); in a container that is the root's. */
static size_t quota_of_group(void) {
    char line[1024], path[1200];
    size_t own = 0, root = quota_in("/sys/fs/cgroup/cpu.max");
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "0::", 3) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", line + 3);
            own = quota_in(path);
        }
    if (file)
        fclose(file);
    return own && (!root || own < root) ? own : root;
}

size_t cores_available(void) {
    cpu_set_t set;
    size_t cores = 1, quota = quota_of_group();
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        cores = (size_t)CPU_COUNT(&set);
    return quota && quota < cores ? quota : cores;
}
