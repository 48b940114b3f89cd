/* One function a figure; the table in figure.c names them. */
#ifndef MLPSWEEP_REPORT_FIGURES_H
#define MLPSWEEP_REPORT_FIGURES_H

#include "report/figure.h"

bool figure_curves(struct query_database *database, const struct results *results,
                   struct arena *arena, struct drawing *drawing, struct error *err);
bool figure_accuracy(struct query_database *database, const struct results *results,
                     struct arena *arena, struct drawing *drawing, struct error *err);
bool figure_gap(struct query_database *database, const struct results *results, struct arena *arena,
                struct drawing *drawing, struct error *err);
bool figure_waste(struct query_database *database, const struct results *results,
                  struct arena *arena, struct drawing *drawing, struct error *err);

#endif
