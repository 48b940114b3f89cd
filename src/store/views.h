/* The public views over the tables (docs/database.md): what the database promises. They are made
 * anew whenever the tables change that they are read from; the tables behind them stay. */
#ifndef MLPSWEEP_STORE_VIEWS_H
#define MLPSWEEP_STORE_VIEWS_H

#include <stdio.h>

/** Degrees of freedom in student_rows, from 1; beyond, views use an expansion. */
enum { VIEWS_STUDENT_ROWS = 200 };

/** Writes SQL that drops all views, also those that older versions had. */
void views_drop(FILE *sql);

/** Writes SQL that creates all views. The last one, `columns`, says what each column means. */
void views_create(FILE *sql);

#endif
