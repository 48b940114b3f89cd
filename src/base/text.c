#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t digits(const char *text, size_t at, size_t length) {
    while (at < length && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_number(const char *text, size_t length) {
    size_t at = length && (*text == '-' || *text == '+');
    size_t whole = digits(text, at, length);
    bool has_digits = whole > at;
    at = whole;
    if (at < length && text[at] == '.') {
        size_t fraction = digits(text, at + 1, length);
        has_digits |= fraction > at + 1;
        at = fraction;
    }
    if (!has_digits)
        return false;
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < length && (text[at] == '-' || text[at] == '+');
        size_t exponent = digits(text, at, length);
        if (exponent == at)
            return false;
        at = exponent;
    }
    return at == length;
}

bool text_to_number(const char *text, size_t length, double *number) {
    char copy[128];
    if (length >= sizeof copy || !is_number(text, length))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *number = strtod(copy, NULL); /* the program never leaves the "C" locale */
    return isfinite(*number);
}

bool text_to_whole(const char *text, size_t length, uint64_t *whole) {
    uint64_t value = 0;
    if (!length || digits(text, 0, length) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
            return false;
    *whole = value;
    return true;
}

const char *text_from_number(double number, char out[TEXT_NUMBER_MAX]) {
    if (fabs(number) < 1e15 && number == floor(number)) {
        snprintf(out, TEXT_NUMBER_MAX, "%.0f", number); /* 100, where %g has 1e+02 */
        return out;
    }
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(out, TEXT_NUMBER_MAX, "%.*g", precision, number);
        if (isnan(number) || strtod(out, NULL) == number)
            break;
    }
    return out;
}

enum { NAME_MAX_LENGTH = 64 };

/* Optimal string alignment: insertions, deletions, substitutions, and swaps of two neighbours. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    size_t row[3][NAME_MAX_LENGTH + 1];
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *above = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            bool differs = tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]);
            size_t best = above[j - 1] + differs;
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

const char *text_nearest(const char *name, const char *(*next)(const void *context, size_t i),
                         const void *context) {
    size_t length = strlen(name);
    size_t best = length / 3 + 1; /* about a third of the letters may be wrong */
    const char *nearest = NULL, *candidate;
    if (length > NAME_MAX_LENGTH)
        return NULL;
    for (size_t i = 0; (candidate = next(context, i)); i++) {
        if (strlen(candidate) > NAME_MAX_LENGTH)
            continue;
        size_t d = distance(name, candidate);
        if (d < best || (d == best && !nearest)) {
            best = d;
            nearest = candidate;
        }
    }
    return nearest;
}
