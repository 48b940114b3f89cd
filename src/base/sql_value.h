/* A value as a database keeps it, and a table of them: what travels between SQL, reports and files.
 */
#ifndef MLPSWEEP_BASE_SQL_VALUE_H
#define MLPSWEEP_BASE_SQL_VALUE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The storage classes of SQLite. */
enum sql_type { SQL_NULL, SQL_INTEGER, SQL_REAL, SQL_TEXT, SQL_BLOB };

/** A value; text belongs to whoever made it. */
struct sql_value {
    enum sql_type type;
    int64_t integer;
    double real;
    const char *text; /* of texts and blobs; text[length] is NUL, and so may be bytes before it */
    size_t length;
};

/** Rows in row-major order, names by column. */
struct table {
    size_t rows, columns;
    const char **names;      /* [columns] */
    struct sql_value *cells; /* [rows x columns] */
};

static inline struct sql_value sql_null(void) {
    return (struct sql_value){.type = SQL_NULL};
}
static inline struct sql_value sql_integer(int64_t n) {
    return (struct sql_value){.type = SQL_INTEGER, .integer = n};
}
/** SQLite has no NaN: stored as NULL. */
static inline struct sql_value sql_real(double x) {
    return (struct sql_value){.type = x == x ? SQL_REAL : SQL_NULL, .real = x};
}
static inline struct sql_value sql_text(const char *text) {
    return (struct sql_value){
        .type = text ? SQL_TEXT : SQL_NULL, .text = text, .length = text ? strlen(text) : 0};
}

/** The number in an INTEGER or REAL cell, NaN in any other. */
double sql_number(const struct sql_value *cell);

/** The text in a TEXT cell, "" in any other. */
const char *sql_text_or_empty(const struct sql_value *cell);

/** The cell of a table's first row in the column of that name; NULL: there is no such column. */
const struct sql_value *sql_find(const struct table *table, const char *name);

#endif
