#include "base/clock.h"

#include <time.h>

double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *clock_date(char out[CLOCK_DATE_MAX]) {
    time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(out, CLOCK_DATE_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return out;
}
