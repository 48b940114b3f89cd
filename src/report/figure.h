/* The figures of an experiment: a table of names and functions that say what is drawn. Gnuplot
 * draws it (gnuplot.h). */
#ifndef MLPSWEEP_REPORT_FIGURE_H
#define MLPSWEEP_REPORT_FIGURE_H

#include "plan/figure_decl.h"
#include "report/curve.h"
#include "report/gnuplot.h"
#include "report/points.h"
#include "report/results.h"
#include "report/variation.h"

/** What a figure may read. */
struct figure_source {
    struct query_database *database;
    const struct results *results;
    const struct variation *variation;
    struct arena *arena;
    int width;               /* pixels at most */
    bool plain;              /* drawn in characters */
    const struct curve_x *x; /* of figures by epoch */
    struct figure_decls own; /* those that the experiment declares */
    struct points points;    /* read once, for the figures that say so; none of a single variant */
};

/** A row of `figures`. */
struct figure {
    const char *name;
    const char *help;
    /** Says what is drawn: the drawing stays empty (data NULL) where there is nothing to draw. */
    bool (*compose)(const struct figure_source *source, struct drawing *drawing, struct error *err);
    bool has_x; /* epochs, or what figure_source.x puts in their place, run along the x axis */
    bool reads_points; /* figure_source.points */
};

/** The figures that every experiment gets. */
extern const struct figure figures[];
extern const size_t figure_count;

/** Units: pixels. */
enum { FIGURE_WIDTH_MAX = 1500 };

/** Figures of an experiment. */
struct drawings {
    struct drawing *list; /* [count]: those of the table, then the experiment's own */
    size_t count;
};

/** Those that the experiment may have, by name, still empty. Owns: the arena. */
void figures_list(const struct figure_source *source, struct drawings *drawings);

/** Composes those of figures_list.
 *
 * Fails: for an own figure that cannot be composed, or takes the name of one in the table; all
 * other figures are there then. */
MUST_CHECK bool figures_compose(const struct figure_source *source, const struct drawings *drawings,
                                struct error *err);

/** Composes them and draws into FOLDER/EXPERIMENT/, which is made where it is missing, several at a
 * time; *drawn counts the figures. The database is read by one thread at a time.
 *
 * Fails: as figures_compose; ERROR_FAILED also for an experiment whose name would lead out of the
 * folder. */
MUST_CHECK bool figures_make(const struct figure_source *source, const struct drawings *drawings,
                             const char *folder, unsigned formats, size_t *drawn,
                             struct error *err);

#endif
