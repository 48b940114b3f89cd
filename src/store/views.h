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

/** The order of variants, the best first, in terms of the columns of the view `variants`: by
 * validation, never by test; what has none comes after, variants with divergence last. */
#define VARIANT_RANKING                                                                            \
    "n_diverged > 0, val_accuracy_at_best_mean IS NULL AND val_loss_at_best_mean IS NULL, "        \
    "val_accuracy_at_best_mean DESC NULLS LAST, val_loss_at_best_mean NULLS LAST"

#endif
