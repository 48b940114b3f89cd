#include "report/tiling.h"

#include <math.h>
#include <stdlib.h>

enum { AXES_MAX = 63 }; /* bits of a set */

/* The lines of a grid, rows or columns: combinations of the values of some axes. */
struct lines {
    uint64_t axes;
    size_t count;
    size_t first[TILES_MAX]; /* a variant in each */
};

static size_t line_of(struct lines *lines, const struct variation *variation, size_t variant) {
    size_t line = 0;
    while (line < lines->count &&
           !variation_same(variation, lines->first[line], variant, ~lines->axes))
        line++;
    if (line == lines->count)
        lines->first[lines->count++] = variant;
    return line;
}

/* The place of a line in the axes' own order, numbers ascending, not that of the plan. */
static size_t place_of(const struct lines *lines, const struct variation *variation, size_t line) {
    size_t place = 0;
    for (size_t other = 0; other < lines->count; other++)
        for (size_t axis = 0; axis < variation->axes; axis++) {
            size_t mine = variation_at(variation, lines->first[line], axis);
            size_t its = variation_at(variation, lines->first[other], axis);
            if (!(lines->axes >> axis & 1) || mine == its)
                continue;
            place += its < mine;
            break;
        }
    return place;
}

static int in_order(const void *left, const void *right) {
    const struct tile *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* A grid with the axes in the set across; false: too many tiles, or too many gaps. */
static bool fill_grid(const struct results *results, const struct variation *variation,
                      uint64_t across, size_t columns_max, struct tiling *tiling) {
    struct lines columns = {.axes = across}, rows = {.axes = ~across};
    *tiling = (struct tiling){0};
    if (variation->variants > TILES_MAX)
        return false;
    for (size_t v = 0; v < variation->variants; v++) {
        struct tile *tile = &tiling->tiles[tiling->count++];
        *tile = (struct tile){results_group(results, variation->variant[v]),
                              line_of(&columns, variation, v), line_of(&rows, variation, v)};
        if (!tile->group)
            return false;
    }
    for (size_t t = 0; t < tiling->count; t++) {
        tiling->tiles[t].column = place_of(&columns, variation, tiling->tiles[t].column);
        tiling->tiles[t].row = place_of(&rows, variation, tiling->tiles[t].row);
    }
    qsort(tiling->tiles, tiling->count, sizeof *tiling->tiles, in_order);
    tiling->columns = columns.count;
    tiling->rows = rows.count;
    return columns.count <= columns_max && 10 * tiling->count >= 6 * rows.count * columns.count;
}

/* Columns for so many tiles that are set row by row. */
static size_t columns_for(size_t count, size_t most) {
    size_t columns = count <= 3 ? count : count == 4 ? 2 : count <= 9 ? 3 : 4;
    return columns < 1 ? 1 : columns < most ? columns : most;
}

static void fill_rows(struct tiling *tiling, size_t columns_max) {
    tiling->columns = columns_for(tiling->count, columns_max);
    tiling->rows = (tiling->count + tiling->columns - 1) / tiling->columns;
    for (size_t t = 0; t < tiling->count; t++) {
        tiling->tiles[t].column = t % tiling->columns;
        tiling->tiles[t].row = t / tiling->columns;
    }
}

struct tiling tiling_of(const struct results *results, const struct variation *variation,
                        const struct group *const *ranked, size_t columns_max) {
    struct tiling tiling = {0};
    /* As many of the innermost axes as there is room for run across; for want of that any other. */
    for (size_t a = 1; variation->axes <= AXES_MAX && a < variation->axes; a++)
        if (fill_grid(results, variation, ~(uint64_t)0 << a, columns_max, &tiling))
            return tiling;
    for (size_t a = 0; variation->axes > 1 && variation->axes <= AXES_MAX && a < variation->axes;
         a++)
        if (fill_grid(results, variation, (uint64_t)1 << a, columns_max, &tiling))
            return tiling;
    if (variation->axes == 1 && variation->variants <= TILES_RANKED &&
        fill_grid(results, variation, ~(uint64_t)0, TILES_MAX, &tiling)) {
        fill_rows(&tiling, columns_max);
        return tiling;
    }
    tiling = (struct tiling){0};
    for (size_t g = 0; g < results->count && tiling.count < TILES_RANKED; g++)
        if (ranked[g]->count)
            tiling.tiles[tiling.count++].group = ranked[g];
    fill_rows(&tiling, columns_max);
    return tiling;
}

double tiling_width(const struct tiling *tiling, double most) {
    return fmin(tiling->columns == 1 ? 760 : 90 + 300 * (double)tiling->columns, most);
}

struct plot_area tiling_area(const struct canvas *canvas, const struct tiling *tiling, size_t t,
                             double top, double head) {
    const double left = 84, right = 16, between = 22;
    double columns = (double)tiling->columns;
    double width = (canvas->width - left - right - between * (columns - 1)) / columns;
    double height = tiling->columns == 1 && tiling->rows == 1 ? 360 : fmax(130, 0.62 * width);
    const struct tile *tile = &tiling->tiles[t];
    struct plot_area panel = {.left = left + (double)tile->column * (width + between),
                              .top = top + (double)tile->row * (height + head + 16) + head};
    panel.right = panel.left + width;
    panel.bottom = panel.top + height;
    return panel;
}

bool tiling_is_lowest(const struct tiling *tiling, size_t t) {
    for (size_t i = 0; i < tiling->count; i++)
        if (tiling->tiles[i].column == tiling->tiles[t].column &&
            tiling->tiles[i].row > tiling->tiles[t].row)
            return false;
    return true;
}
