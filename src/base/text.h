/* Text as numbers and numbers as text, without locale, and what a terminal may be sent.
 *
 * Numbers are decimal, as in the YAML 1.2 core schema, and finite; text_to_yaml_number alone takes
 * hexadecimal and octal ones. */
#ifndef MLPSWEEP_BASE_TEXT_H
#define MLPSWEEP_BASE_TEXT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Bytes that hold any number and its NUL. */
enum { TEXT_NUMBER_MAX = 40 };

/** Reads a decimal number that takes up all `length` bytes. False: it is none, or not finite. */
bool text_to_number(const char *text, size_t length, double *number);

/** The same for a number of an experiment file: also 0x1f and 0o17, as YAML 1.2 has them. */
bool text_to_yaml_number(const char *text, size_t length, double *number);

/** Reads a whole number without sign, point or exponent that takes up all `length` bytes. */
bool text_to_whole(const char *text, size_t length, uint64_t *whole);

/** The shortest decimal text that reads back as the same double: 0.1, 1e-07, 16, nan. */
const char *text_from_number(double number, char out[TEXT_NUMBER_MAX]);

/** The same in the arena. */
const char *text_of_number(double number, struct arena *arena);

/** Bytes of the item that the text, a list, begins with: up to the separator or the end. Within
 * parentheses and brackets a separator is part of the item. */
size_t text_item_length(const char *text, char separator);

/** Bytes of the UTF-8 character that the text begins with; 0: it begins with none. */
size_t text_character(const char *text, size_t length);

/** The text as a terminal may be sent it: on one line (line breaks and tabs are blanks), with
 * control characters, marks that turn the direction of writing, and bytes that are no UTF-8 shown
 * as `\x1b`.
 *
 * Owns: the result lives in the arena, or is `text` where nothing has to be shown. */
const char *text_visible(const char *text, size_t length, struct arena *arena);

/** Writes the text as a string of JSON. Bytes that are no UTF-8 become U+FFFD: JSON has no place
 * for them. */
void text_write_json(const char *text, FILE *out);
void text_write_json_bytes(const char *text, size_t length, FILE *out);

#endif
