/* A value as a database keeps it, and a table of them: what travels between SQL, reports and files.
 */
#ifndef MLPSWEEP_BASE_CELL_H
#define MLPSWEEP_BASE_CELL_H

#include <stddef.h>
#include <stdint.h>

enum cell_type { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };

struct cell {
    enum cell_type type;
    int64_t integer;
    double real;
    const char *text;
};

/** Rows in row-major order, names by column. */
struct table {
    size_t rows, columns;
    const char **names; /* [columns] */
    struct cell *cells; /* [rows x columns] */
};

static inline struct cell cell_null(void) {
    return (struct cell){.type = CELL_NULL};
}
static inline struct cell cell_integer(int64_t n) {
    return (struct cell){.type = CELL_INTEGER, .integer = n};
}
/** NaN is stored as NULL: there is no such number. */
static inline struct cell cell_real(double x) {
    return (struct cell){.type = x == x ? CELL_REAL : CELL_NULL, .real = x};
}
static inline struct cell cell_text(const char *text) {
    return (struct cell){.type = text ? CELL_TEXT : CELL_NULL, .text = text};
}

/** The number in an INTEGER or REAL cell, NaN in any other. */
double cell_number(const struct cell *cell);

#endif
