#include "base/sql_value.h"

#include <math.h>

double sql_number(const struct sql_value *cell) {
    switch (cell->type) {
    case SQL_INTEGER:
        return (double)cell->integer;
    case SQL_REAL:
        return cell->real;
    case SQL_NULL:
    case SQL_TEXT:
    case SQL_BLOB:
        break;
    }
    return (double)NAN;
}

const char *sql_text_or_empty(const struct sql_value *cell) {
    return cell->type == SQL_TEXT ? cell->text : "";
}

const struct sql_value *sql_find(const struct table *table, const char *name) {
    for (size_t c = 0; c < table->columns; c++)
        if (strcmp(table->names[c], name) == 0)
            return &table->cells[c];
    return NULL;
}
