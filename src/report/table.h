/* Tables as text: for people, and as csv and json for other tools. */
#ifndef MLPSWEEP_REPORT_TABLE_H
#define MLPSWEEP_REPORT_TABLE_H

#include "base/arena.h"
#include "base/sql_value.h"

#include <stdio.h>

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON };

/** `table`, `csv`, `json`, in the order of enum table_format; NULL behind the last. */
extern const char *const table_formats[];

/** Writes all rows. Text has aligned columns, numbers to the right; csv follows RFC 4180, NULL is
 * an empty field; json is an array with an object a row. Numbers are written so that they read back
 * the same in csv and json, and with up to 6 digits in text. */
void table_write(const struct table *table, enum table_format format, FILE *out);

/** The value as text shows it. */
const char *table_value_text(const struct sql_value *cell, struct arena *arena);

/** Columns that text takes up on a terminal: code points of UTF-8. */
size_t table_width(const char *text);

/** One field or row of each machine format. */
void table_csv_field(const struct sql_value *cell, FILE *out);
void table_json_value(const struct sql_value *cell, FILE *out);
void table_json_string(const char *text, FILE *out);

#endif
