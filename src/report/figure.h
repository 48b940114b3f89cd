/* The figures of an experiment: a table of names and functions that say what is drawn. Gnuplot
 * draws it (gnuplot.h). */
#ifndef MLPSWEEP_REPORT_FIGURE_H
#define MLPSWEEP_REPORT_FIGURE_H

#include "report/gnuplot.h"
#include "report/results.h"

struct figure {
    const char *name;
    const char *help;
    /** Says what is drawn: the drawing stays empty (data NULL) where there is nothing to draw. */
    bool (*compose)(struct query_database *database, const struct results *results,
                    struct arena *arena, struct drawing *drawing, struct error *err);
};

extern const struct figure figures[];
extern const size_t figure_count;

/** Composes all figures of an experiment while the database is read; figures_draw then draws them.
 *
 * Shapes: drawings [figure_count]. */
MUST_CHECK bool figures_compose(struct query_database *database, const struct results *results,
                                struct arena *arena, struct drawing *drawings, struct error *err);

/** Draws into FOLDER/EXPERIMENT/, which is made where it is missing; *drawn counts the figures. */
MUST_CHECK bool figures_draw(const struct drawing *drawings, const char *folder,
                             const char *experiment, unsigned formats, size_t *drawn,
                             struct error *err);

#endif
