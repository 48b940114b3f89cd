#include "base/text.h"

#include <float.h>
#include <math.h>
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

static unsigned digit_value(char c) {
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 16;
}

bool text_to_yaml_number(const char *text, size_t length, double *number) {
    unsigned base = length > 2 && *text == '0' ? text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : 0 : 0;
    if (!base)
        return text_to_number(text, length, number);
    *number = 0;
    for (size_t i = 2; i < length; i++) {
        unsigned value = digit_value(text[i]);
        if (value >= base)
            return false;
        *number = *number * base + value;
    }
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
    /* Decimals of up to 15 digits survive as doubles, so that 15 digits show the shortest one, if
     * there is one; zeros behind it are left out. Not so below DBL_MIN, where digits get lost. */
    int least = fabs(number) >= DBL_MIN ? DBL_DIG : 1;
    for (int precision = least; precision <= DBL_DECIMAL_DIG; precision++) {
        snprintf(out, TEXT_NUMBER_MAX, "%.*g", precision, number);
        if (isnan(number) || strtod(out, NULL) == number)
            break;
    }
    return out;
}

const char *text_of_number(double number, struct arena *arena) {
    char text[TEXT_NUMBER_MAX];
    return arena_printf(arena, "%s", text_from_number(number, text));
}

size_t text_item_length(const char *text, char separator) {
    size_t length = 0;
    for (int open = 0; text[length] && (open > 0 || text[length] != separator); length++)
        open += (text[length] == '(' || text[length] == '[') -
                (text[length] == ')' || text[length] == ']');
    return length;
}

size_t text_character(const char *text, size_t length) {
    const unsigned char *at = (const unsigned char *)text;
    if (length && at[0] < 0x80)
        return 1;
    size_t bytes = !length || at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (!bytes || bytes > length || at[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < bytes; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    bool is_overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool is_surrogate = at[0] == 0xED && at[1] >= 0xA0;
    bool is_beyond = at[0] == 0xF4 && at[1] >= 0x90;
    return is_overlong || is_surrogate || is_beyond ? 0 : bytes;
}

/* A terminal obeys it instead of showing it: C0 and C1 controls, DEL, U+202A-202E, U+2066-2069. */
static bool is_control(const unsigned char *at, size_t bytes) {
    if (bytes == 1)
        return at[0] < 0x20 || at[0] == 0x7F;
    if (bytes == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    return bytes == 3 && at[0] == 0xE2 &&
           ((at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) ||
            (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9));
}

static bool is_blank(char c) {
    return c == '\n' || c == '\r' || c == '\t';
}

const char *text_visible(const char *text, size_t length, struct arena *arena) {
    size_t plain = 0, bytes;
    while (plain < length && (bytes = text_character(text + plain, length - plain)) &&
           !is_control((const unsigned char *)text + plain, bytes))
        plain += bytes;
    if (plain == length)
        return text;
    char *out = arena_alloc(arena, 4 * length + 1, 1), *end = out;
    for (size_t i = 0; i < length; i += bytes) {
        bytes = text_character(text + i, length - i);
        bool hidden = !bytes || is_control((const unsigned char *)text + i, bytes);
        bytes = bytes ? bytes : 1;
        for (size_t b = i; b < i + bytes; b++)
            if (is_blank(text[b]))
                *end++ = ' ';
            else if (hidden)
                end += sprintf(end, "\\x%02x", (unsigned char)text[b]);
            else
                *end++ = text[b];
    }
    return out;
}

void text_write_json_bytes(const char *text, size_t length, FILE *out) {
    fputc('"', out);
    for (size_t i = 0, bytes; i < length; i += bytes ? bytes : 1) {
        unsigned char c = (unsigned char)text[i];
        bytes = text_character(text + i, length - i);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else if (bytes)
            fwrite(text + i, 1, bytes, out);
        else
            fputs("\xEF\xBF\xBD", out);
    }
    fputc('"', out);
}

void text_write_json(const char *text, FILE *out) {
    text_write_json_bytes(text, strlen(text), out);
}
