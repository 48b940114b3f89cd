#include "base/memory.h"

#include <stdio.h>
#include <unistd.h>

/* memory.max of the control group, where there is a limit. */
static double group_limit(void) {
    double bytes = 0;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lf", &bytes) != 1)
        bytes = 0; /* "max" */
    fclose(file);
    return bytes;
}

double memory_limit(void) {
    double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
    double group = group_limit();
    return group > 0 && group < machine ? group : machine;
}
