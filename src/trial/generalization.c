#include "trial/generalization.h"

#include <math.h>

enum { TAIL_MIN = 3 };

double generalization_loss(double now, double best) {
    if (best == 0)
        return now == 0 ? 0 : (double)INFINITY;
    return 100 * (now / best - 1);
}

void curve_smooth(const double *values, size_t count, double *smoothed) {
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        size_t n = 0;
        for (size_t j = i ? i - 1 : 0; j < count && j <= i + 1; j++)
            if (isfinite(values[j])) {
                sum += values[j];
                n++;
            }
        smoothed[i] = isfinite(values[i]) ? sum / (double)n : (double)INFINITY;
    }
}

size_t curve_lowest(const double *values, size_t count) {
    size_t lowest = count;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]) && (lowest == count || values[i] < values[lowest]))
            lowest = i;
    return lowest;
}

size_t curve_tail(size_t count) {
    size_t tail = count / 10;
    tail = tail < TAIL_MIN ? TAIL_MIN : tail;
    return tail < count ? tail : count;
}
