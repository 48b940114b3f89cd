/* The public views over the tables (docs/database.md). They are made anew with every schema
 * version; the tables behind them stay. */
#ifndef MLPSWEEP_STORE_VIEWS_H
#define MLPSWEEP_STORE_VIEWS_H

#include <stdio.h>

/** Writes SQL that replaces all views. */
void views_write(FILE *sql);

#endif
