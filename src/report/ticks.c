#include "report/ticks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Tukey's fences around the middle half; beyond three times its width a value is far out. */
static struct range fenced(const double *values, size_t count) {
    double first = values[count / 4], third = values[(3 * count) / 4];
    double reach = 3 * (third - first);
    struct range core = {values[0], values[count - 1], false};
    for (size_t i = 0; i < count; i++)
        if (values[i] >= first - reach) {
            core.low = values[i];
            break;
        }
    for (size_t i = count; i-- > 0;)
        if (values[i] <= third + reach) {
            core.high = values[i];
            break;
        }
    return core;
}

struct range range_of(double *values, size_t count, bool logarithmic, unsigned cuts) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]) && (!logarithmic || values[i] > 0))
            values[kept++] = logarithmic ? log10(values[i]) : values[i];
    struct range range = {logarithmic ? -1 : 0, logarithmic ? 0 : 1, false};
    if (kept) {
        qsort(values, kept, sizeof *values, ascending);
        range = (struct range){values[0], values[kept - 1], false};
        struct range core = fenced(values, kept);
        core.low = cuts & CUT_LOW ? core.low : range.low;
        core.high = cuts & CUT_HIGH ? core.high : range.high;
        if (core.high > core.low && range.high - range.low > 4 * (core.high - core.low)) {
            range = core;
            range.cut = true;
        }
        double margin = 0.06 * (range.high - range.low);
        if (margin < 1e-9 * fabs(range.high) || margin <= 0)
            margin = logarithmic ? 0.3 : fabs(range.high) > 0 ? 0.1 * fabs(range.high) : 1;
        range.low -= margin;
        range.high += margin;
    }
    if (logarithmic) {
        range.low = pow(10, range.low);
        range.high = pow(10, range.high);
    }
    return range;
}

const char *ticks_number(double number, struct arena *arena) {
    double size = fabs(number);
    if (size > 0 && (size >= 1e5 || size < 1e-3)) {
        int exponent = (int)floor(log10(size) + 1e-9);
        return arena_printf(arena, "%.4ge%d", number / pow(10, exponent), exponent);
    }
    return arena_printf(arena, "%.6g", number);
}

static void put(FILE *out, double number, struct arena *arena) {
    number = number == 0 ? 0 : number; /* not -0 */
    fprintf(out, "%s'%s' %.10g", ftell(out) > 1 ? ", " : "", ticks_number(number, arena), number);
}

/* 1, 2 or 5 times a power of ten, so that about `room` of them cover the length. */
static double step_of(double length, size_t room) {
    double raw = length / (double)(room > 1 ? room : 1);
    double power = pow(10, floor(log10(raw)));
    double times = raw / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

struct list {
    char *text;
    size_t size;
    FILE *out;
};

static void begin(struct list *list) {
    list->out = open_memstream(&list->text, &list->size);
    if (!list->out)
        out_of_memory();
    fputc('(', list->out);
}

static const char *end(struct list *list, struct arena *arena) {
    fputc(')', list->out);
    if (fclose(list->out) != 0)
        out_of_memory();
    const char *text = arena_text(arena, list->text, list->size);
    free(list->text);
    return text;
}

const char *ticks_linear(struct range range, size_t room, struct arena *arena) {
    struct list list;
    double step = step_of(range.high - range.low, room);
    begin(&list);
    for (double i = ceil(range.low / step - 1e-9); i * step <= range.high + 1e-9 * step; i++)
        put(list.out, i * step, arena);
    return end(&list, arena);
}

const char *ticks_whole(struct range range, size_t room, struct arena *arena) {
    struct list list;
    double step = fmax(1, step_of(range.high - range.low, room));
    double first = ceil(range.low - 1e-9);
    begin(&list);
    if (fmod(first, step) != 0 && step - fmod(first, step) > 0.6 * step)
        put(list.out, first, arena);
    for (double at = ceil(first / step) * step; at <= range.high + 1e-9; at += step)
        put(list.out, at, arena);
    return end(&list, arena);
}

/* 1, 2, 5 of every decade, or 1 of every one, or of every second, ... as there is room. Within less
 * than a decade the linear steps are more and rounder. */
const char *ticks_logarithmic(struct range range, size_t room, struct arena *arena) {
    static const double times[] = {1, 2, 5};
    double decades = log10(range.high / range.low);
    if (decades < 0.9)
        return ticks_linear(range, room < 6 ? room : 6, arena);
    struct list list;
    size_t count = 3 * decades <= (double)room ? 3 : 1;
    double skip = count == 3 ? 1 : ceil(decades / (double)(room > 1 ? room : 1));
    begin(&list);
    for (double e = floor(log10(range.low) / skip) * skip; e <= log10(range.high); e += skip)
        for (size_t i = 0; i < count; i++) {
            double tick = times[i] * pow(10, e);
            if (tick >= range.low && tick <= range.high)
                put(list.out, tick, arena);
        }
    return end(&list, arena);
}
