/* Which variants of an experiment get a panel of their own, and where: a grid of two axes where the
 * variants fill one, else row by row, the best variants if there are too many. */
#ifndef MLPSWEEP_REPORT_TILING_H
#define MLPSWEEP_REPORT_TILING_H

#include "report/canvas.h"
#include "report/results.h"
#include "report/variation.h"

/** Panels of a grid at most, and of a choice of the best variants. */
enum { TILES_MAX = 24, TILES_RANKED = 12 };

/** One panel among many. */
struct tile {
    const struct group *group;
    size_t column, row;
};

/** All panels of a figure. */
struct tiling {
    struct tile tiles[TILES_MAX];
    size_t count, columns, rows;
};

/** Groups without a finished trial are left out unless they stand in a grid.
 *
 * Shapes: ranked [results->count], the best first. */
struct tiling tiling_of(const struct results *results, const struct variation *variation,
                        const struct group *const *ranked, size_t columns_max);

/** Width of a figure with these tiles. Units: pixels. */
double tiling_width(const struct tiling *tiling, double most);

/** Where tile t stands in a canvas of that width, below `top` and a head of its own. */
struct plot_area tiling_area(const struct canvas *canvas, const struct tiling *tiling, size_t t,
                             double top, double head);

/** Whether no tile stands below, so that this one names the axis. */
bool tiling_is_lowest(const struct tiling *tiling, size_t t);

#endif
