/* Figures that an experiment declares itself: any column of the views against any other. */
#ifndef MLPSWEEP_REPORT_FIGURE_OWN_H
#define MLPSWEEP_REPORT_FIGURE_OWN_H

#include "plan/figure_decl.h"
#include "report/figure.h"

/** Says what is drawn: the drawing stays empty where no row has both numbers.
 *
 * Fails: ERROR_FAILED for a column that no view has and for a condition that is no SQL, naming the
 *        figure. */
MUST_CHECK bool figure_own(const struct figure_source *source, const struct figure_decl *decl,
                           struct drawing *drawing, struct error *err);

#endif
