#include "plan/values.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 1000000, CALL_ARGUMENTS = 3 };

/* A call that is being read. */
struct call {
    const struct function *function;
    const struct yaml_node *node;
    double arguments[CALL_ARGUMENTS];
    size_t count;
    struct arena *arena;
    struct error *err;
};

struct function {
    const char *name, *signature;
    size_t least, most; /* arguments */
    bool (*make)(const struct call *call, struct values *values);
};

static double rounded(double number, int digits) {
    char text[TEXT_NUMBER_MAX];
    snprintf(text, sizeof text, "%.*g", digits, number);
    return strtod(text, NULL);
}

static bool refuse(const struct call *call, const char *why) {
    return error_at(call->err, call->node->place, "%s: %s", call->function->signature, why);
}

/* Room for so many numbers, checked before anything is multiplied out. */
static bool make_room(const struct call *call, double count, struct values *values) {
    if (!(count >= 1))
        return refuse(call, "there is no such value");
    if (count > VALUES_MAX)
        return refuse(call, "more than 1000000 values");
    values->count = (size_t)count;
    values->numbers = arena_alloc(call->arena, values->count, sizeof *values->numbers);
    return true;
}

static bool make_range(const struct call *call, struct values *values) {
    double start = call->arguments[0], stop = call->arguments[1];
    double step = call->count > 2 ? call->arguments[2] : 1;
    if (step == 0)
        return refuse(call, "the step is 0");
    if (!make_room(call, floor((stop - start) / step + 1e-9) + 1, values))
        return false;
    for (size_t i = 0; i < values->count; i++)
        values->numbers[i] = rounded(start + (double)i * step, 12);
    return true;
}

static bool make_spaced(const struct call *call, bool is_log, struct values *values) {
    double low = call->arguments[0], high = call->arguments[1], n = call->arguments[2];
    if (n != floor(n) || n < 1)
        return refuse(call, "n is a whole number above 0");
    if (is_log && (low <= 0 || high <= 0))
        return refuse(call, "a and b are above 0");
    if (!make_room(call, n, values))
        return false;
    for (size_t i = 0; i < values->count; i++) {
        double share = n > 1 ? (double)i / (n - 1) : 0;
        values->numbers[i] = rounded(
            is_log ? exp(log(low) + share * log(high / low)) : low + share * (high - low), 12);
    }
    if (n > 1)
        values->numbers[values->count - 1] = high;
    values->numbers[0] = low;
    return true;
}

static bool make_linspace(const struct call *call, struct values *values) {
    return make_spaced(call, false, values);
}

static bool make_logspace(const struct call *call, struct values *values) {
    return make_spaced(call, true, values);
}

static bool make_distribution(const struct call *call, bool is_log, struct values *values) {
    double low = call->arguments[0], high = call->arguments[1];
    if (low >= high)
        return refuse(call, "a is below b");
    if (is_log && low <= 0)
        return refuse(call, "a and b are above 0");
    values->distribution = (struct distribution){true, is_log, low, high};
    return true;
}

static bool make_uniform(const struct call *call, struct values *values) {
    return make_distribution(call, false, values);
}

static bool make_loguniform(const struct call *call, struct values *values) {
    return make_distribution(call, true, values);
}

static const struct function functions[] = {
    {"range", "range(first, last, step)", 2, 3, make_range},
    {"linspace", "linspace(a, b, n)", 3, 3, make_linspace},
    {"logspace", "logspace(a, b, n)", 3, 3, make_logspace},
    {"uniform", "uniform(a, b)", 2, 2, make_uniform},
    {"loguniform", "loguniform(a, b)", 2, 2, make_loguniform},
};

static const struct function *function_of(const struct yaml_node *node) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        size_t length = strlen(functions[i].name);
        if (node->type == YAML_SCALAR && strncmp(node->text, functions[i].name, length) == 0 &&
            node->text[length + strspn(node->text + length, " ")] == '(')
            return &functions[i];
    }
    return NULL;
}

bool values_are_called(const struct yaml_node *node) {
    return function_of(node) != NULL;
}

static bool read_arguments(struct call *call) {
    const char *at = strchr(call->node->text, '(') + 1, *end = strrchr(call->node->text, ')');
    if (!end || end[1] || end < at)
        return refuse(call, "the closing parenthesis is missing");
    while (at <= end) {
        const char *comma = memchr(at, ',', (size_t)(end - at)), *last = comma ? comma : end;
        const char *next = last + 1;
        while (at < last && *at == ' ')
            at++;
        while (last > at && last[-1] == ' ')
            last--;
        if (call->count == call->function->most)
            return refuse(call, "too many arguments");
        if (!text_to_yaml_number(at, (size_t)(last - at), &call->arguments[call->count++]))
            return error_at(call->err, call->node->place, "%s: '%.*s' is no number",
                            call->function->signature, (int)(last - at), at);
        at = next;
    }
    return call->count >= call->function->least || refuse(call, "an argument is missing");
}

static void round_to_whole(struct values *values) {
    size_t kept = 0;
    for (size_t i = 0; i < values->count; i++) {
        double whole = rint(values->numbers[i]);
        if (!kept || values->numbers[kept - 1] != whole)
            values->numbers[kept++] = whole;
    }
    values->count = kept;
}

bool values_read(const struct yaml_node *node, bool whole, struct arena *arena,
                 struct values *values, struct error *err) {
    struct call call = {.function = function_of(node), .node = node, .arena = arena, .err = err};
    *values = (struct values){0};
    if (!read_arguments(&call) || !call.function->make(&call, values))
        return false;
    if (whole)
        round_to_whole(values);
    return true;
}

double distribution_at(const struct distribution *distribution, double unit, bool whole) {
    double low = distribution->low, high = distribution->high;
    double number =
        distribution->is_log ? exp(log(low) + unit * log(high / low)) : low + unit * (high - low);
    return whole ? rint(number) : rounded(number, 6);
}
