/* What a terminal can show, and how large it is. */
#ifndef MLPSWEEP_CLI_SCREEN_H
#define MLPSWEEP_CLI_SCREEN_H

#include "report/gnuplot.h"

#include <stddef.h>

/** Columns of the terminal at this descriptor; 0: there is no terminal. */
size_t screen_columns(int descriptor);

/** The same, and how many rows it has. */
size_t screen_size(int descriptor, size_t *rows);

/** Whether a terminal that obeys escape sequences (colours, moves of the cursor) is at this
 * descriptor; never with NO_COLOR. */
bool screen_has_colours(int descriptor);

/** Asks the terminal. Where there is none: 80 columns of characters without colour. */
struct screen screen_of_output(void);

#endif
