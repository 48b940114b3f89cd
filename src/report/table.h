/* Tables as text: for people, and as csv and json for other tools. */
#ifndef MLPSWEEP_REPORT_TABLE_H
#define MLPSWEEP_REPORT_TABLE_H

#include "base/arena.h"
#include "base/sql_value.h"

#include <stdio.h>

/** Text for people, the others for programs. */
enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON, TABLE_JSONL };

/** `table`, `csv`, `json`, in the order of enum table_format; NULL behind the last. */
extern const char *const table_formats[];

/** Writes all rows. Text has aligned columns, numbers to the right with up to 6 digits, and nothing
 * that a terminal would obey. csv is that of RFC 4180 with line feeds alone, NULL an empty field;
 * json is an array with an object a row; jsonl an object a line. In these numbers read back the
 * same, and JSON has null for infinities and U+FFFD for bytes that are no UTF-8. A blob is x'00ff'.
 */
void table_write(const struct table *table, enum table_format format, FILE *out);

/** Text in at most `room` columns, 0: as wide as it gets. Columns that do not fit stand in further
 * blocks below, each behind the first `keys` columns; values wider than that are cut in the middle.
 */
void table_write_text(const struct table *table, size_t room, size_t keys, FILE *out);

/** The look of a cell on a terminal that has colours: the parameters of ANSI's SGR (`1` is bold,
 * `31` red), or NULL. */
typedef const char *table_style(const struct table *table, size_t row, size_t column);

/** The same with a style, NULL: plain. */
void table_write_styled(const struct table *table, size_t room, size_t keys, table_style *style,
                        FILE *out);

/** States that want a look in colour: failed, diverged, interrupted, running. */
table_style table_style_states;

/** The same, and the first row in bold. */
table_style table_style_leader;

/** The same as table_write row by row, in every format but text: what stands before the first row,
 * a row with `cells` [table->columns], and what stands behind the last. Of the table, only names
 * are read. */
void table_begin(const struct table *table, enum table_format format, FILE *out);
void table_row(const struct table *table, const struct sql_value *cells, enum table_format format,
               bool is_first, FILE *out);
void table_end(enum table_format format, bool is_empty, FILE *out);

/** Adds the rows of a table with the same columns. Lives in the arena. */
void table_append(struct table *table, const struct table *more, struct arena *arena);

/** The value as text shows it. */
const char *table_value_text(const struct sql_value *cell, struct arena *arena);

/** Columns that text takes up on a terminal: code points of UTF-8. */
size_t table_width(const char *text);

/** Writes a paragraph that begins at a column and goes on below at `indent`, broken at blanks so
 * that lines are at most `room` wide. 0: one line. */
void table_write_wrapped(const char *text, size_t room, size_t column, size_t indent, FILE *out);

/** The text in at most `width` columns: what is too long loses its middle to an ellipsis. 0: whole.
 */
const char *table_shorten(const char *text, size_t width, struct arena *arena);

/** One value in csv and in json. */
void table_csv_field(const struct sql_value *cell, FILE *out);
void table_json_value(const struct sql_value *cell, FILE *out);

#endif
