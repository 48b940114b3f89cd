#include "base/cell.h"

#include <math.h>

double cell_number(const struct cell *cell) {
    switch (cell->type) {
    case CELL_INTEGER:
        return (double)cell->integer;
    case CELL_REAL:
        return cell->real;
    case CELL_NULL:
    case CELL_TEXT:
        break;
    }
    return (double)NAN;
}
