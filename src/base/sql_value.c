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
