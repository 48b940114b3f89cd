/* Text as numbers and numbers as text, without locale, and the distance between two names.
 *
 * Numbers are those of the YAML 1.2 core schema, without hexadecimal, octal, infinities and NaN. */
#ifndef MLPSWEEP_BASE_TEXT_H
#define MLPSWEEP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_NUMBER_MAX = 32 };

/** Reads a decimal number that takes up all `length` bytes. False: it is none, or not finite. */
bool text_to_number(const char *text, size_t length, double *number);

/** Reads a whole number without sign, point or exponent that takes up all `length` bytes. */
bool text_to_whole(const char *text, size_t length, uint64_t *whole);

/** The shortest decimal text that reads back as the same double: 0.1, 1e-07, 16, nan. */
const char *text_from_number(double number, char out[TEXT_NUMBER_MAX]);

/** A name near enough to `name` to be meant by it, or NULL.
 *
 * Names come one at a time from next(context, i), which returns NULL after the last. */
const char *text_nearest(const char *name, const char *(*next)(const void *context, size_t i),
                         const void *context);

#endif
