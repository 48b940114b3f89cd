/* The figures of an experiment: a table of names and functions that say what is drawn. Gnuplot
 * draws it (gnuplot.h). */
#ifndef MLPSWEEP_REPORT_FIGURE_H
#define MLPSWEEP_REPORT_FIGURE_H

#include "report/curve.h"
#include "report/gnuplot.h"
#include "report/results.h"
#include "report/settings.h"

/** What a figure may read. */
struct figure_source {
    struct query_database *database;
    const struct results *results;
    const struct settings *settings;
    struct arena *arena;
    int width;               /* pixels at most */
    const struct curve_x *x; /* of figures by epoch */
};

struct figure {
    const char *name;
    const char *help;
    /** Says what is drawn: the drawing stays empty (data NULL) where there is nothing to draw. */
    bool (*compose)(const struct figure_source *source, struct drawing *drawing, struct error *err);
};

extern const struct figure figures[];
extern const size_t figure_count;

enum { FIGURE_WIDTH_MAX = 1500 };

/** Composes all figures of an experiment while the database is read; figures_draw then draws them.
 *
 * Shapes: drawings [figure_count]. */
MUST_CHECK bool figures_compose(const struct figure_source *source, struct drawing *drawings,
                                struct error *err);

/** Draws into FOLDER/EXPERIMENT/, which is made where it is missing; *drawn counts the figures.
 *
 * Fails: ERROR_FAILED also for an experiment whose name would lead out of the folder. */
MUST_CHECK bool figures_draw(const struct drawing *drawings, const char *folder,
                             const char *experiment, unsigned formats, size_t *drawn,
                             struct error *err);

#endif
