#include "report/words.h"

#include <math.h>
#include <string.h>

const char *words_plural(size_t n) {
    return n == 1 ? "" : "s";
}

double words_scale(const struct subject *s) {
    return s->board->has_classes ? 100 : 1;
}

const char *words_amount(const struct subject *s, double x) {
    return s->board->has_classes ? arena_printf(s->arena, "%.2f points", x * 100)
                                 : arena_printf(s->arena, "%.4g", x);
}

/* No number is -0.00. */
const char *words_signed(const struct subject *s, double x, double scale) {
    if (scale == 100)
        return arena_printf(s->arena, "%+.2f", fabs(x * scale) < 0.005 ? 0 : x * scale);
    return arena_printf(s->arena, "%+.3g", x);
}

const char *words_spread(const struct subject *s, const struct moments *m, double scale) {
    if (m->n < 2)
        return "one seed";
    bool few = m->n < COMPARISON_PAIRS_MIN;
    return arena_printf(s->arena, "%s%s to %s over %zu seeds", few ? "" : "95 % interval ",
                        words_signed(s, few ? m->minimum : m->mean - m->half, scale),
                        words_signed(s, few ? m->maximum : m->mean + m->half, scale), m->n);
}

const char *words_rows(const struct subject *s, int64_t rows) {
    return rows >= 1000
               ? arena_printf(s->arena, "%lld,%03d", (long long)(rows / 1000), (int)(rows % 1000))
               : arena_printf(s->arena, "%lld", (long long)rows);
}

const struct moments *words_moments(const struct subject *s, enum result_number number) {
    return &s->group->moments[number];
}

const char *words_best(const char *monitor) {
    if (!monitor)
        return "best value of what each monitors";
    return strcmp(monitor, "val_accuracy") == 0 ? "highest validation accuracy"
                                                : "lowest validation loss";
}
