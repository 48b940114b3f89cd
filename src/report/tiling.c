#include "report/tiling.h"

#include <stdlib.h>
#include <string.h>

/* A row of the grid is known by the values of all axes but the one across. */
static bool same_row(const struct settings *settings, size_t a, size_t b, size_t across) {
    for (size_t axis = 0; axis < settings->axes; axis++)
        if (axis != across && settings_at(settings, a, axis) != settings_at(settings, b, axis))
            return false;
    return true;
}

static int in_order(const void *left, const void *right) {
    const struct tile *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

static const struct group *group_of(const struct results *results, const char *variant) {
    for (size_t g = 0; g < results->count; g++)
        if (strcmp(results->groups[g].variant, variant) == 0)
            return &results->groups[g];
    return NULL;
}

/* Fills the grid in the order of the plan; false: too many tiles, or too many gaps. */
static bool fill_grid(const struct results *results, const struct settings *settings, size_t across,
                      struct tiling *tiling) {
    size_t first[TILES_MAX]; /* the variant that opened each row */
    *tiling = (struct tiling){.columns = settings_axis(settings, across)->count};
    if (settings->variants > TILES_MAX)
        return false;
    for (size_t v = 0; v < settings->variants; v++) {
        size_t row = 0;
        while (row < tiling->rows && !same_row(settings, first[row], v, across))
            row++;
        if (row == tiling->rows)
            first[tiling->rows++] = v;
        struct tile *tile = &tiling->tiles[tiling->count++];
        *tile = (struct tile){group_of(results, settings->variant[v]),
                              settings_at(settings, v, across), row};
        if (!tile->group)
            return false;
    }
    /* Rows follow the axes' own order, numbers ascending, not that in which the plan names them. */
    size_t place[TILES_MAX] = {0};
    for (size_t a = 0; a < tiling->rows; a++)
        for (size_t b = 0; b < tiling->rows; b++)
            for (size_t axis = 0; a != b && axis < settings->axes; axis++) {
                size_t mine = settings_at(settings, first[a], axis);
                size_t other = settings_at(settings, first[b], axis);
                if (axis == across || mine == other)
                    continue;
                place[a] += other < mine;
                break;
            }
    for (size_t t = 0; t < tiling->count; t++)
        tiling->tiles[t].row = place[tiling->tiles[t].row];
    qsort(tiling->tiles, tiling->count, sizeof *tiling->tiles, in_order);
    return 10 * tiling->count >= 6 * tiling->rows * tiling->columns;
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

struct tiling tiling_of(const struct results *results, const struct settings *settings,
                        size_t columns_max) {
    struct tiling tiling = {0};
    /* The innermost axis that is short enough runs across. */
    for (size_t a = settings->axes; settings->axes > 1 && a-- > 0;)
        if (settings_axis(settings, a)->count <= columns_max &&
            fill_grid(results, settings, a, &tiling))
            return tiling;
    if (settings->axes == 1 && settings->variants <= TILES_RANKED &&
        fill_grid(results, settings, 0, &tiling)) {
        fill_rows(&tiling, columns_max);
        return tiling;
    }
    tiling = (struct tiling){0};
    for (size_t g = 0; g < results->count && tiling.count < TILES_RANKED; g++)
        if (results->groups[g].count)
            tiling.tiles[tiling.count++].group = &results->groups[g];
    fill_rows(&tiling, columns_max);
    return tiling;
}
