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

static double count_steps(struct range range, double step) {
    return floor(range.high / step + 1e-9) - ceil(range.low / step - 1e-9) + 1;
}

const char *ticks_linear(struct range range, size_t room, struct arena *arena) {
    struct list list;
    double step = step_of(range.high - range.low, room);
    double finer = step_of(0.4 * step, 1);
    if (count_steps(range, step) < 3 && count_steps(range, finer) <= 2.0 * (double)room)
        step = finer; /* one or two ticks do not show a scale */
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

/* Multiples of powers of ten, from a few to many; 0 ends each row. */
static const double multiples[][13] = {
    {1, 2, 5},
    {1, 1.5, 2, 3, 5, 7},
    {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9},
};
enum { MULTIPLES = sizeof multiples / sizeof *multiples, TICKS_FEW = 4 };

/* Ticks at these multiples that are not nearer to each other than the room allows; with out NULL
 * they are only counted. */
static size_t put_multiples(const double *row, struct range range, size_t room, FILE *out,
                            struct arena *arena) {
    double length = log(range.high / range.low), last = -(double)INFINITY;
    size_t count = 0;
    for (double e = floor(log10(range.low)); e <= log10(range.high); e++)
        for (size_t i = 0; row[i] != 0; i++) {
            double tick = row[i] * pow(10, e);
            if (tick < range.low || tick > range.high ||
                (log(tick) - last) * (double)room < 0.7 * length)
                continue;
            last = log(tick);
            count++;
            if (out)
                put(out, tick, arena);
        }
    return count;
}

/* Powers of ten, or every second, ... as there is room. */
static void put_powers(struct range range, size_t room, FILE *out, struct arena *arena) {
    double skip = ceil(log10(range.high / range.low) / (double)(room > 1 ? room : 1));
    for (double e = ceil(log10(range.low) / skip) * skip; e <= log10(range.high); e += skip)
        put(out, pow(10, e), arena);
}

/* Across decades 1, 2, 5 of each or fewer; within one as many multiples as it takes to see a few,
 * and in a still smaller range linear steps. */
const char *ticks_logarithmic(struct range range, size_t room, struct arena *arena) {
    struct list list;
    size_t row = 0;
    double decades = log10(range.high / range.low);
    while (row < MULTIPLES && put_multiples(multiples[row], range, room, NULL, arena) < TICKS_FEW &&
           decades < 2)
        row++;
    if (row == MULTIPLES)
        return ticks_linear(range, room < 6 ? room : 6, arena);
    begin(&list);
    if (row == 0 && 3 * decades > (double)room)
        put_powers(range, room, list.out, arena);
    else
        put_multiples(multiples[row], range, room, list.out, arena);
    return end(&list, arena);
}
