#include "report/ticks.h"

#include "base/statistics.h"
#include "base/stream.h"

#include <math.h>

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
        sort_ascending(values, kept);
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

static bool needs_exponent(double number) {
    double size = fabs(number);
    return size > 0 && (size >= 1e5 || size < 1e-3);
}

static const char *with_exponent(double number, struct arena *arena) {
    int exponent = (int)floor(log10(fabs(number)) + 1e-9);
    return arena_printf(arena, "%.4ge%d", number / pow(10, exponent), exponent);
}

const char *ticks_number(double number, struct arena *arena) {
    return needs_exponent(number) ? with_exponent(number, arena)
                                  : arena_printf(arena, "%.6g", number);
}

/* 1, 2 or 5 times a power of ten, so that about `room` of them cover the length. */
static double step_of(double length, size_t room) {
    double raw = length / (double)(room > 1 ? room : 1);
    double power = pow(10, floor(log10(raw)));
    double times = raw / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

enum { LIST_MAX = 256 };

struct list {
    double at[LIST_MAX];
    size_t count;
};

static void put(struct list *list, double number) {
    if (list->count < LIST_MAX)
        list->at[list->count++] = number == 0 ? 0 : number; /* not -0 */
}

/* Numbers that stand side by side on one axis are written alike: where their sizes are near each
 * other all plain, else all but 0 and 1 with an exponent as soon as one needs it. */
static bool wants_exponents(const struct list *list) {
    double largest = 0, least = (double)INFINITY;
    bool needed = false;
    for (size_t i = 0; i < list->count; i++) {
        double size = fabs(list->at[i]);
        needed |= needs_exponent(size);
        largest = fmax(largest, size);
        least = size > 0 ? fmin(least, size) : least;
    }
    bool are_short = largest < 1e6 && least >= 1e-4;
    return needed && !are_short;
}

static const char *text_of(const struct list *list, struct arena *arena) {
    bool exponents = wants_exponents(list);
    struct stream stream;
    FILE *out = stream_open(&stream);
    fputc('(', out);
    for (size_t i = 0; i < list->count; i++) {
        double number = list->at[i];
        fprintf(out, "%s'%s' %.10g", i ? ", " : "",
                exponents && number != 0 && number != 1 ? with_exponent(number, arena)
                                                        : arena_printf(arena, "%.7g", number),
                number);
    }
    fputc(')', out);
    return stream_text(&stream, arena);
}

static double count_steps(struct range range, double step) {
    return floor(range.high / step + 1e-9) - ceil(range.low / step - 1e-9) + 1;
}

const char *ticks_linear(struct range range, size_t room, struct arena *arena) {
    struct list list = {.count = 0};
    double step = step_of(range.high - range.low, room);
    double finer = step_of(0.4 * step, 1);
    if (count_steps(range, step) < 3 && count_steps(range, finer) <= 2.0 * (double)room)
        step = finer; /* one or two ticks do not show a scale */
    for (double i = ceil(range.low / step - 1e-9); i * step <= range.high + 1e-9 * step; i++)
        put(&list, i * step);
    return text_of(&list, arena);
}

const char *ticks_whole(struct range range, size_t room, struct arena *arena) {
    struct list list = {.count = 0};
    double step = fmax(1, step_of(range.high - range.low, room));
    double first = ceil(range.low - 1e-9);
    if (fmod(first, step) != 0 && step - fmod(first, step) > 0.6 * step)
        put(&list, first);
    for (double at = ceil(first / step) * step; at <= range.high + 1e-9; at += step)
        put(&list, at);
    return text_of(&list, arena);
}

/* Multiples of powers of ten, from a few to many; 0 ends each row. */
static const double multiples[][13] = {
    {1, 2, 5},
    {1, 1.5, 2, 3, 5, 7},
    {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9},
};
enum { MULTIPLES = sizeof multiples / sizeof *multiples, TICKS_FEW = 4 };

/* Ticks at these multiples that are not nearer to each other than the room allows; with list NULL
 * they are only counted. */
static size_t put_multiples(const double *row, struct range range, size_t room, struct list *list) {
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
            if (list)
                put(list, tick);
        }
    return count;
}

/* Powers of ten, or every second, ... as there is room. */
static void put_powers(struct range range, size_t room, struct list *list) {
    double skip = ceil(log10(range.high / range.low) / (double)(room > 1 ? room : 1));
    for (double e = ceil(log10(range.low) / skip) * skip; e <= log10(range.high); e += skip)
        put(list, pow(10, e));
}

/* Across decades 1, 2, 5 of each or fewer; within one as many multiples as it takes to see a few,
 * and in a still smaller range linear steps. */
const char *ticks_logarithmic(struct range range, size_t room, struct arena *arena) {
    struct list list = {.count = 0};
    size_t row = 0;
    double decades = log10(range.high / range.low);
    size_t few = room < TICKS_FEW ? room : TICKS_FEW;
    while (row < MULTIPLES && put_multiples(multiples[row], range, room, NULL) < few && decades < 2)
        row++;
    if (row == MULTIPLES)
        return ticks_linear(range, room < 6 ? room : 6, arena);
    double powers = floor(log10(range.high)) - ceil(log10(range.low)) + 1;
    if (row == 0 && 3 * decades > (double)room && (decades >= 2 || powers >= (double)few))
        put_powers(range, room, &list);
    else
        put_multiples(multiples[row], range, room, &list);
    return text_of(&list, arena);
}
